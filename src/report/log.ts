/** The log of a run, `log.jsonl`: one JSON object a line, in the order of steps. */
import { DataError } from "../core/errors.ts";
import * as v from "valibot";

/** JSON has no NaN and no infinities: they are written as strings. */
const number = v.union([v.number(), v.pipe(v.picklist(["NaN", "Infinity", "-Infinity"]), v.transform(Number))]);
const step = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const recordSchema = v.variant("kind", [
  /** A training step: losses by name (`D`, `G`, `penalty` …), speed, and the time since the run was first started. */
  v.object({
    kind: v.literal("step"),
    step,
    losses: v.record(v.string(), number),
    /** Shares of real and generated samples that D was right about; lengths of the gradients of both networks. */
    accuracy: v.optional(v.object({ real: number, fake: number })),
    gradients: v.optional(v.object({ D: number, G: number })),
    imagesPerSecond: number,
    seconds: number,
  }),
  /** Values of metrics by name, computed on the state after `step`. */
  v.object({ kind: v.literal("metric"), step, values: v.record(v.string(), number) }),
  /** A sign of trouble was seen. */
  v.object({ kind: v.literal("warning"), step, name: v.string(), text: v.string() }),
  /** A grid of images was written; `file` is relative to the run directory, as everywhere here. */
  v.object({ kind: v.literal("sample"), step, file: v.string() }),
  /** A checkpoint was written. */
  v.object({ kind: v.literal("checkpoint"), step, file: v.string() }),
  /** At `failedStep` a value of `network` or `loss` was not finite; the state is that of `step` again. */
  v.object({
    kind: v.literal("rollback"),
    step,
    failedStep: step,
    network: v.string(),
    loss: v.string(),
    rateFactor: number,
  }),
]);

export type LogRecord = Readonly<v.InferOutput<typeof recordSchema>>;
export type StepRecord = Extract<LogRecord, { kind: "step" }>;

/** The record as one line, with its line break. */
export function formatRecord(record: LogRecord): string {
  const json = JSON.stringify(
    record,
    (_, value) => typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
  return `${json}\n`;
}

/**
 * Reads a log. What follows the last line break is the half line of a process that was killed, and is left out.
 * @throws DataError naming the first line that is damaged.
 */
export function parseLog(bytes: Uint8Array): LogRecord[] {
  return logLines(bytes).map(({ record }, index) => record ?? damaged(index));
}

/**
 * How many bytes of a log to keep so that it ends with its last record of `step` or an earlier one. What a power cut
 * left behind that record may be damaged: it goes.
 * @throws DataError naming the first line that is damaged, if it is one of those to keep.
 */
export function lengthUpTo(bytes: Uint8Array, step: number): number {
  const lines = logLines(bytes);
  const last = lines.findLastIndex(({ record }) => record !== undefined && record.step <= step);
  const firstDamaged = lines.findIndex(({ record }) => record === undefined);
  if (firstDamaged >= 0 && firstDamaged < last) damaged(firstDamaged);
  return lines[last]?.end ?? 0;
}

/** The whole lines of a log: the record of each, if it is not damaged, and where it ends, line break included. */
function logLines(bytes: Uint8Array): { readonly record: LogRecord | undefined; readonly end: number }[] {
  const decoder = new TextDecoder();
  const lines = [];
  for (let begin = 0, lineBreak; (lineBreak = bytes.indexOf(0x0a, begin)) >= 0; begin = lineBreak + 1) {
    lines.push({ record: parseRecord(decoder.decode(bytes.subarray(begin, lineBreak))), end: lineBreak + 1 });
  }
  return lines;
}

function parseRecord(line: string): LogRecord | undefined {
  try {
    const result = v.safeParse(recordSchema, JSON.parse(line));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

function damaged(index: number): never {
  throw new DataError(
    `line ${index + 1} of the log is damaged: expected a JSON object with a known kind, a step and its fields`,
  );
}
