import assert from "node:assert/strict";
import { DataError, InternalError } from "../../src/core/errors.ts";
import { type PoolOptions, runPool } from "../../src/data/pool.ts";
import { oneLine } from "./support.ts";

type Options = PoolOptions<number, number, number>;

/** Options for jobs 0 … `jobs` − 1 done by the body of a worker's `onmessage`, where `data` and `post` are in scope. */
function jobsFor(body: string, jobs: number, onAnswer: Options["onAnswer"] = () => {}): Options {
  const code = `const post = (reply) => self.postMessage(reply); let setup;
    self.onmessage = ({ data }) => { if (setup === undefined) { setup = data; post({ state: "ready" }); } else { ${body} } };`;
  let given = 0;
  return {
    source: new TextEncoder().encode(code).toBase64(),
    workers: 3,
    setup: 100,
    next: () => Promise.resolve(given < jobs ? { message: given++, transfer: [] } : undefined),
    onAnswer,
  };
}

Deno.test("every job is answered once, by workers that got the setup", async () => {
  const answers: number[] = [];
  const double = 'post({ state: "done", answer: setup + data });';
  await runPool(jobsFor(double, 20, (answer) => void answers.push(answer)));
  assert.deepEqual(answers.sort((a, b) => a - b), Array.from({ length: 20 }, (_, job) => 100 + job));
});

Deno.test("a fault of the data is a DataError, other failures are InternalErrors, and all workers end", async () => {
  const failed = (expected: boolean) => `post({ state: "failed", reason: "job " + data, expected: ${expected} });`;
  await assert.rejects(runPool(jobsFor(failed(true), 1)), oneLine(DataError, /^job 0$/));
  await assert.rejects(runPool(jobsFor(failed(false), 1)), oneLine(InternalError, /worker failed: job 0/));
  await assert.rejects(runPool(jobsFor('throw new Error("oh")', 1)), oneLine(InternalError, /worker broke: .*oh/));
  const noModule = { ...jobsFor("", 1), source: new TextEncoder().encode("this is no JavaScript").toBase64() };
  await assert.rejects(runPool(noModule), oneLine(InternalError, /worker broke/));
});

Deno.test("an error while fetching the next job ends the pool", async () => {
  const next = () => Promise.reject(new DataError("cannot read it"));
  await assert.rejects(runPool({ ...jobsFor("", 1), next }), oneLine(DataError, /cannot read it/));
});
