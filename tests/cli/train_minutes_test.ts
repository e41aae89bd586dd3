/** `train --minutes`: time ends a run as its last step would. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { listCheckpoints } from "../../src/checkpoint/checkpoints.ts";
import { readLog } from "../../src/checkpoint/log_file.ts";
import { inFolder, succeed } from "./support/duel.ts";

const tiny = [
  "train",
  "--data",
  "ring",
  "--hidden",
  "8",
  "--batch",
  "16",
  "--threads",
  "1",
  "--checkpoint-every",
  "1000000",
];

Deno.test(
  "a run ends after its minutes with samples, checkpoint and evaluation, and counts them over resumes",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    const cadence = ["--sample-every", "1000000", "--eval-every", "1000000", "--steps", "10000000"];
    const { stdout } = await succeed([...tiny, ...cadence, "--minutes", "0.01", "--out", run], folder);
    const state = async () => {
      const records = readLog(join(run, "log.jsonl"));
      const { step, seconds } = records.findLast((record) => record.kind === "step")!;
      const checkpoint = (await listCheckpoints(join(run, "checkpoints"))).at(-1)!.step;
      const of = (kind: string) => records.findLast((record) => record.kind === kind)?.step;
      return { step, seconds, checkpoint, sample: of("sample"), metric: of("metric") };
    };
    const first = await state();
    assert.ok(first.seconds >= 0.6 && first.step > 10, `${first.step} steps in ${first.seconds} s`);
    const steps = readLog(join(run, "log.jsonl")).filter((record) => record.kind === "step");
    assert.ok(steps.at(-2)!.seconds < 0.6, "no step begins after the time is up");
    assert.deepEqual([first.checkpoint, first.sample, first.metric], [first.step, first.step, first.step]);
    assert.match(stdout, /^steps {3}as many as 1s suffice for, at most 10,000,000 of 16 samples, adam/m);
    assert.match(stdout, new RegExp(`^step ${first.step} after 1s of training, saved in`, "m"));

    const again = await succeed(["train", "--resume", run, "--minutes", "0.01"], folder);
    assert.match(again.stderr, /^the time of this run is up; for more: deno task train --resume .* --minutes 0\.02$/m);
    assert.deepEqual(await state(), first);

    await succeed(["train", "--resume", run, "--minutes", "0.02"], folder);
    const second = await state();
    assert.ok(second.seconds >= 1.2 && second.step > first.step, `${second.step} steps in ${second.seconds} s`);
    assert.deepEqual([second.checkpoint, second.sample, second.metric], [second.step, second.step, second.step]);

    const few = join(folder, "few");
    await succeed([...tiny, "--steps", "20", "--minutes", "5", "--out", few], folder);
    assert.equal((await listCheckpoints(join(few, "checkpoints"))).at(-1)!.step, 20, "steps are an upper bound");
  }),
);
