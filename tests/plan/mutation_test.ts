import assert from "node:assert/strict";
import { MutationTest } from "./mutations.ts";
import { samplePrograms } from "./sample_programs.ts";

/** `deno run -A tests/plan/mutations.ts` runs 100,000. */
const COUNT = 2000;

Deno.test("corrupted programs are refused, or stay inside their footprints in the checking build", async () => {
  const test = await MutationTest.load(samplePrograms());
  for (let i = 0; i < COUNT; i++) test.run(i, "suite");
  assert.equal(test.tally.refused + test.tally.harmless, COUNT);
  assert.ok(test.tally.refused > COUNT / 2, `only ${test.tally.refused} of ${COUNT} corruptions were refused`);
  assert.ok(test.tally.harmless > COUNT / 100, `only ${test.tally.harmless} of ${COUNT} corruptions were run`);
});
