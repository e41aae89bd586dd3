import assert from "node:assert/strict";
import { Pace } from "../../src/cli/train_pace.ts";

Deno.test("time that is no part of training counts neither for the seconds nor for the speed", async () => {
  let clock = 5000;
  const pace = new Pace(64, 10, () => clock);
  const step = (seconds: number) => {
    clock += 1000 * seconds;
    pace.step();
  };
  const evaluation = () => {
    clock += 7000;
    return Promise.resolve("numbers");
  };
  pace.start();
  step(0.5);
  assert.equal(await pace.aside(evaluation), "numbers");
  assert.equal(pace.seconds, 10.5);
  step(0.5);
  assert.deepEqual([pace.seconds, pace.stepsPerSecond, pace.imagesPerSecond], [11, 2, 128]);
  clock += 250; // samples and checkpoints are part of the next step
  step(0.25);
  assert.equal(pace.seconds, 11.5);
  await pace.aside(evaluation);
  assert.equal(pace.seconds, 11.5);
});
