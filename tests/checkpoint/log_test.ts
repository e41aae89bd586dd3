import assert from "node:assert/strict";
import fc from "fast-check";
import { LogFile, readLog } from "../../src/checkpoint/log_file.ts";
import { DataError } from "../../src/core/errors.ts";
import { formatRecord, lengthUpTo, type LogRecord, parseLog } from "../../src/report/log.ts";

const stepRecord = (step: number): LogRecord => ({
  kind: "step",
  step,
  losses: { D: 0.5 + step, G: 1 / 3 },
  imagesPerSecond: 812.5,
  seconds: step * 0.25,
});
const encode = (text: string) => new TextEncoder().encode(text);
const refusedAt = (line: number) => (error: unknown) =>
  error instanceof DataError && error.message.includes(`line ${line} of the log is damaged`);

/** A path in a directory that is gone after the test. */
async function withLog(use: (path: string) => void): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    use(`${directory}/log.jsonl`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("every kind of record goes through the log, not-finite numbers and strange texts too", () => {
  const number = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constantFrom(NaN, Infinity, -Infinity))
    .map((value) => value === 0 ? 0 : value); // JSON has no −0
  const step = fc.nat();
  const text = fc.string({ unit: "grapheme" });
  const values = fc.dictionary(fc.string({ minLength: 1, maxLength: 5, unit: "grapheme-ascii" }), number, {
    noNullPrototype: true,
  });
  const options = { noNullPrototype: true };
  const record: fc.Arbitrary<LogRecord> = fc.oneof(
    fc.record({ kind: fc.constant("step"), step, losses: values, imagesPerSecond: number, seconds: number }, options),
    fc.record({ kind: fc.constant("metric"), step, values }, options),
    fc.record({ kind: fc.constantFrom("sample", "checkpoint"), step, file: text }, options),
    fc.record({
      kind: fc.constant("rollback"),
      step,
      failedStep: step,
      network: text,
      loss: text,
      rateFactor: number,
    }, options),
  );
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      assert.deepEqual(parseLog(encode(records.map(formatRecord).join(""))), records);
    }),
    { seed: 4, numRuns: 200 },
  );
});

Deno.test("a log that ends anywhere gives all its whole lines", () => {
  const lines = [1, 2, 3].map((step) => formatRecord(stepRecord(step)));
  const bytes = encode(lines.join(""));
  for (let length = 0; length <= bytes.length; length++) {
    const whole = lines.filter((_, index) => lines.slice(0, index + 1).join("").length <= length).length;
    assert.equal(parseLog(bytes.subarray(0, length)).length, whole);
  }
});

Deno.test("a damaged line is named", () => {
  const good = formatRecord(stepRecord(1));
  const bad = [
    "",
    "{",
    "[]",
    `{"kind":"step","step":2}`,
    `{"kind":"other","step":2}`,
    good.replace(`"step":1`, `"step":-1`).trim(),
    good.replace("812.5", `"fast"`).trim(),
  ];
  for (const line of bad) assert.throws(() => parseLog(encode(`${good}${line}\n${good}`)), refusedAt(2));
});

Deno.test("a log is kept up to a step, however what follows looks", () => {
  const lines = [1, 2, 2, 3].map((step) => formatRecord(stepRecord(step)));
  const end = (count: number) => lines.slice(0, count).join("").length;
  const bytes = encode(lines.join(""));
  assert.deepEqual([0, 1, 2, 3, 9].map((step) => lengthUpTo(bytes, step)), [0, end(1), end(3), end(4), end(4)]);
  assert.equal(lengthUpTo(encode(`${lines[0]}\0\0\0\n\0`), 5), end(1));
  assert.throws(() => lengthUpTo(encode(`${lines[0]}\0\0\n${lines[1]}`), 5), refusedAt(2));
  assert.equal(lengthUpTo(encode(`${lines[0]}\0\0\n${lines[3]}`), 2), end(1));
});

Deno.test("a log file grows by whole lines, and is cut back on resume and on rollback", async () => {
  await withLog((path) => {
    {
      using log = LogFile.open(path, 0);
      for (let step = 1; step <= 5; step++) log.append(stepRecord(step));
    }
    Deno.writeTextFileSync(path, `{"kind":"st`, { append: true });
    using log = LogFile.open(path, 3);
    assert.deepEqual(readLog(path).map(({ step }) => step), [1, 2, 3]);
    log.append(stepRecord(4));
    log.cutBack(2);
    log.append({ kind: "rollback", step: 2, failedStep: 4, network: "D", loss: "D", rateFactor: 0.5 });
    log.append(stepRecord(3));
    assert.deepEqual(readLog(path).map(({ kind, step }) => `${kind} ${step}`), [
      "step 1",
      "step 2",
      "rollback 2",
      "step 3",
    ]);
  });
});

Deno.test("a log that is damaged, missing or a directory is refused with its path, and stays as it is", async () => {
  await withLog((path) => {
    const text = `nonsense\n${formatRecord(stepRecord(1))}`;
    Deno.writeTextFileSync(path, text);
    const message = (pattern: RegExp) => (error: unknown) =>
      error instanceof DataError && pattern.test(error.message) && error.message.includes(path);
    assert.throws(() => LogFile.open(path, 1), message(/cannot use .*line 1/));
    assert.equal(Deno.readTextFileSync(path), text);
    assert.throws(() => readLog(`${path}.none`), (error) => error instanceof DataError);
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    assert.throws(() => LogFile.open(path, 1), message(/it is a directory/));
  });
});
