/** `log.jsonl` as a file that grows: a record is in it whole or not at all. */
import { DataError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import { formatRecord, lengthUpTo, type LogRecord, parseLog } from "../report/log.ts";

/** The open log of a run. One process writes it: the one that holds the run directory's lock. */
export class LogFile implements Disposable {
  readonly #file: Deno.FsFile;
  #length: number;

  private constructor(readonly path: string, file: Deno.FsFile, length: number) {
    this.#file = file;
    this.#length = length;
  }

  /**
   * Opens the log for appending, made if there is none. Records after `step` are cut off, and so is the half line
   * of a process that was killed; a new run says step 0.
   * @throws DataError if it can't be written, or if a line before the last one is damaged.
   */
  static open(path: string, step: number): LogFile {
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(path, { read: true, append: true, create: true });
    } catch (error) {
      throw fileError(error, "open", path);
    }
    try {
      const log = new LogFile(path, file, 0);
      log.cutBack(step);
      return log;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * Adds a record; when this returns it is with the operating system, so that a killed process loses nothing.
   * @throws DataError if it can't be written; the log is as before then.
   */
  append(record: LogRecord): void {
    const bytes = new TextEncoder().encode(formatRecord(record));
    try {
      for (let written = 0; written < bytes.length;) written += this.#file.writeSync(bytes.subarray(written));
    } catch (error) {
      this.#dropHalfLine();
      throw fileError(error, "write", this.path);
    }
    this.#length += bytes.length;
  }

  /** Drops all records after the last one of `step` or an earlier one: training goes on from there. */
  cutBack(step: number): void {
    try {
      this.#length = useLog(this.path, (bytes) => lengthUpTo(bytes, step));
      this.#file.truncateSync(this.#length);
      this.#file.syncSync();
    } catch (error) {
      throw fileError(error, "cut", this.path);
    }
  }

  /** Makes the log durable, so that a checkpoint on the disk is never ahead of it. */
  sync(): void {
    try {
      this.#file.syncSync();
    } catch (error) {
      throw fileError(error, "write", this.path);
    }
  }

  /** After a write that failed. If this fails too, the half line is dropped when the run is resumed. */
  #dropHalfLine(): void {
    try {
      this.#file.truncateSync(this.#length);
    } catch {
      // The error of the write is the one to report.
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** All records of a log, while or after its run. @throws DataError if it is missing or damaged. */
export function readLog(path: string): LogRecord[] {
  return useLog(path, parseLog);
}

/** Gives a log's bytes to `use`, and the errors that follow the log's path. */
function useLog<T>(path: string, use: (bytes: Uint8Array) => T): T {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw fileError(error, "read", path);
  }
  try {
    return use(bytes);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`cannot use ${path}: ${error.message}`);
  }
}
