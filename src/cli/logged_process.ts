/** Another duel in a process of its own: what it says goes into a file, and an interruption is passed on to it. */
import { fileError } from "../core/files.ts";
import type { StartEngine } from "./command.ts";

/** What a command has that starts others. */
export interface Conducting {
  readonly startEngine: StartEngine;
  /** Aborted when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
}

/** How a process ended. */
export interface Ended {
  readonly code: number;
  /** Whether it was asked to end, rather than failed. */
  readonly interrupted: boolean;
  /** The last of what it printed, without its progress and complaints. */
  readonly output: string;
  /** What went wrong, if anything did: duel's own words, as far as there are any. */
  readonly reason: string;
}

/** Exit codes of a process that was asked to end. */
const INTERRUPTED: readonly number[] = [130, 143];
/** Characters of either stream that are remembered. */
const REMEMBERED = 4096;

/**
 * Starts duel, and appends what it says to a log.
 * @throws DataError if the log can't be written; the process is interrupted then, and has ended.
 */
export async function runLogged(
  args: readonly string[],
  path: string,
  { startEngine, signal }: Conducting,
): Promise<Ended> {
  using log = await Deno.open(path, { append: true, create: true }).catch((error) => {
    throw fileError(error, "open", path);
  });
  if (signal.aborted) return { code: INTERRUPTED[0], interrupted: true, output: "", reason: "interrupted" };
  const child = await startEngine(args);
  const interrupt = () => {
    try {
      child.kill("SIGINT");
    } catch {
      // It has just ended.
    }
  };
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt);
  let failure: unknown;
  const write = (bytes: Uint8Array) => {
    if (failure) return; // the process may go on to say how it ends
    try {
      for (let at = 0; at < bytes.length;) at += log.writeSync(bytes.subarray(at));
    } catch (error) {
      failure = fileError(error, "write", path);
      interrupt();
    }
  };
  const copy = async (stream: ReadableStream<Uint8Array>): Promise<string> => {
    const decoder = new TextDecoder();
    let said = "";
    for await (const bytes of stream) {
      write(bytes);
      said = (said + decoder.decode(bytes, { stream: true })).slice(-REMEMBERED);
    }
    return said;
  };
  try {
    const [status, output, complaints] = await Promise.all([child.status, copy(child.stdout), copy(child.stderr)]);
    if (failure) throw failure;
    const { code } = status;
    const interrupted = signal.aborted || INTERRUPTED.includes(code);
    return { code, interrupted, output, reason: reasonOf(status, complaints) };
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

/** An error of duel is its last line. */
function reasonOf({ code, signal }: Deno.CommandStatus, complaints: string): string {
  if (signal !== null) return `the process was ended by ${signal}`;
  const last = complaints.trimEnd().split("\n").at(-1)!;
  return last.startsWith("duel: ") ? last.slice("duel: ".length) : `the process ended with code ${code}`;
}
