/** What a sweep is refused for before its first run starts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { UsageError } from "../../src/core/errors.ts";
import { requireRunnable } from "../../src/cli/sweep_check.ts";
import { readSweepFile } from "../../src/cli/sweep_file.ts";
import { plannedRuns } from "../../src/cli/sweep_plan.ts";
import { inFolder } from "./support/duel.ts";

const digits = { data: { name: "mnist" }, model: { base: 4 }, batch: 4 };
const faces = { data: { name: "faces" }, model: { base: 4 }, batch: 4 };
const labelled = { ...digits, condition: { kind: "concat", labels: null, codes: [], continuous: 0 } };
const coded = { ...digits, condition: { kind: "infogan", labels: null, codes: [10], continuous: 0 } };

async function judgementOf(folder: string, file: Record<string, unknown>) {
  const path = join(folder, "file.json");
  Deno.writeTextFileSync(path, JSON.stringify(file));
  const { metric, metrics, ...rest } = await readSweepFile(path);
  return await requireRunnable(plannedRuns({ metric, metrics, ...rest }), metric, metrics);
}

Deno.test(
  "a number that no run can have is refused, with those that it can",
  inFolder(async (folder) => {
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ base: labelled, metric: "label-accuracy" }, /no metric label-accuracy of mnist; .*, label-accuracy-digit, .*/],
      [{ base: labelled, metric: "label-accuracy-digits" }, /Did you mean label-accuracy-digit\?$/],
      [{ base: digits, metric: "label-accuracy-digit" }, /no metric .*; expected one of .*, modes, modes-kl, which/],
      [{ base: coded, metrics: ["label-accuracy"] }, /no metric label-accuracy of mnist/],
      [{ base: digits, metric: "kernel-distance-foo" }, /no metric kernel-distance-foo .*kernel-distance, precision, /],
      [{ base: digits, metric: "nearest" }, /no metric nearest of mnist/],
      [{ base: digits, metric: "nearest-ratio" }, /runs can't be ranked by it/],
      [{ base: faces, metric: "modes" }, /no metric modes of faces/],
      [{ base: faces, metrics: ["coverage", "modes-kl"] }, /no metric modes-kl of faces/],
      [{ base: faces, metrics: ["label-accuracy"] }, /no metric label-accuracy of faces/],
      ...["modes", "high-quality", "reverse-kl"].flatMap((name): [Record<string, unknown>, RegExp][] => [
        [{ base: { data: { name: "spiral" } }, metric: name }, /expected one of total-variation, jensen-shannon, wass/],
        [{ base: { data: { name: "moons" } }, metrics: [name] }, new RegExp(`no metric ${name} of moons`)],
      ]),
      [{ base: { ...digits, data: { name: "fashion-mnist" } } }, /no classifier to judge samples of fashion-mnist/],
      [
        { variants: [{ name: "a", ...labelled }, { name: "b", ...digits }], metric: "label-accuracy-digit" },
        /^b_seed0: /,
      ],
    ];
    for (const [file, message] of cases) {
      await assert.rejects(judgementOf(folder, file), (error: unknown) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /^\w+: [^\n]*$/);
        assert.match(error.message, message);
        return true;
      });
    }
  }),
);

Deno.test(
  "the numbers that a run will have are those of the metrics that are asked for",
  inFolder(async (folder) => {
    const numbers = async (file: Record<string, unknown>) => {
      const { ranking, numbers } = await judgementOf(folder, file);
      return { ranking, names: [...numbers.values()] };
    };
    const two = { ...labelled, condition: { ...labelled.condition, labels: ["glasses", "hair"] }, data: faces.data };
    assert.deepEqual(await numbers({ base: two, metric: "label-accuracy-hair", metrics: ["kernel-distance"] }), {
      ranking: { metric: "label-accuracy-hair", better: "higher", measured: ["label-accuracy", "kernel-distance"] },
      names: [["kernel-distance", "kernel-distance-deviation", "label-accuracy-hair", "label-accuracy-glasses"]],
    });
    assert.deepEqual(await numbers({ base: { data: { name: "moons" } }, grid: { "data.name": ["ring", "moons"] } }), {
      ranking: { metric: "wasserstein", better: "lower", measured: undefined },
      names: [
        ["modes", "high-quality", "reverse-kl", "total-variation", "jensen-shannon", "wasserstein"],
        ["total-variation", "jensen-shannon", "wasserstein"],
      ],
    });
  }),
);
