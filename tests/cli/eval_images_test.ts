/** Images judged by the commands, from labels to the table: on a few drawn faces. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readLog } from "../../src/checkpoint/log_file.ts";
import { extractorOf, loadExtractor } from "../../src/metrics/classifiers.ts";
import { inFolder, refuse, succeed } from "./support/duel.ts";

Deno.test(
  "a conditional run on faces is measured while it goes on, and judged beside faces that it has not seen",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    const small = ["--faces", "64", "--base", "4", "--latent", "8", "--batch", "8", "--threads", "1"];
    const game = ["--condition", "acgan", "--labels", "hair,glasses"];
    const flags = [...small, ...game, "--steps", "2", "--eval-every", "2", "--out", run];
    const { stdout, stderr } = await succeed(["train", ...flags], folder);
    assert.match(stdout, /^labels +hair \(7\), glasses \(3\); acgan$/m);
    assert.match(stderr, /^step 2: frechet-distance [\d.]+ \([\d.]+\), kernel-distance .*, label-accuracy-glasses /m);
    const logged = readLog(join(run, "log.jsonl")).flatMap((record) => record.kind === "metric" ? [record.values] : []);
    assert.ok(logged.some((values) => "label-accuracy-hair" in values && "coverage" in values));

    const out = join(folder, "numbers.json");
    await succeed(["eval", run, "--n", "200", "--metrics", "frechet-distance,label-accuracy", "--out", out], folder);
    const beyond =
      /--n 10001: samples are judged beside as many real images .* faces has 10,000 of these; take --n 10000/;
    await refuse(["eval", run, "--n", "10001"], folder, 2, beyond);
    const { extractor, samples, metrics: found } = JSON.parse(Deno.readTextFileSync(out));
    const { digest } = await loadExtractor(extractorOf.faces!);
    assert.deepEqual([extractor, samples], [{ name: "duel-faces-32", digest }, 200]);
    const names = ["frechet-distance", "label-accuracy-hair", "label-accuracy-glasses"];
    assert.deepEqual(found.map(({ name }: { name: string }) => name), names);
    assert.deepEqual(found.map(({ count }: { count: number }) => count), [200, 200, 200]);
    // After two steps nothing is learned: real faces are far nearer, and show what they are labelled with.
    const [distance, hair] = found as { value: number; floor: number }[];
    assert.ok(distance.value > 10 * distance.floor, `${distance.value} and ${distance.floor}`);
    assert.ok(hair.floor > 0.99 && hair.value < 0.6, `${hair.value} and ${hair.floor}`);
  }),
);
