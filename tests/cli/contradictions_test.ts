/** Settings that cannot be together, or make no difference, wherever they come from. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { batchUnit, refuseContradictions } from "../../src/cli/contradictions.ts";
import { mergeSettings, resolveSettings, type SomeSettings } from "../../src/cli/settings.ts";
import { requireRunnable } from "../../src/cli/sweep_check.ts";
import { readSweepFile } from "../../src/cli/sweep_file.ts";
import { plannedRuns } from "../../src/cli/sweep_plan.ts";
import { UsageError } from "../../src/core/errors.ts";
import { losses, type LossName } from "../../src/gan/losses.ts";
import { inFolder } from "./support/duel.ts";

const check = (settings: SomeSettings) => refuseContradictions(resolveSettings(settings));

function refuses(settings: SomeSettings, message: RegExp): void {
  assert.throws(() => check(settings), (error: Error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

Deno.test("adaptive augmentation goes with the losses that have a border, and no others", () => {
  const adaptive = (name: LossName): SomeSettings => ({
    loss: { name },
    view: { augment: ["brightness"], adaptive: true },
  });
  const names = Object.keys(losses) as LossName[];
  const bordered = names.filter((name) => losses[name].border !== undefined);
  assert.deepEqual(bordered, ["non-saturating", "minimax", "lsgan", "hinge"]);
  for (const name of names) {
    if (bordered.includes(name)) check(adaptive(name));
    else refuses(adaptive(name), /^\S+ has no border .*view\.adaptive \(--adaptive\).* loss: non-saturating, minimax/);
  }
});

Deno.test("batches split into packs and into the groups of minibatch deviation", () => {
  const batch = (batch: number, packed: number): SomeSettings => ({
    batch,
    view: { packed, minibatchDeviation: true },
  });
  refuses(
    batch(6, 1),
    /^a batch of 6 does not split into the groups of 4 that view\.minibatchDeviation \(--minibatch-/,
  );
  refuses(batch(12, 2), /^a batch of 12 does not split into the groups of 8 /);
  for (const [size, packed] of [[8, 1], [3, 1], [4, 1], [8, 2], [6, 2], [16, 2]]) check(batch(size, packed));
  const unit = (view: SomeSettings["view"]) => batchUnit(resolveSettings({ view: view! }).view);
  assert.deepEqual([{}, { packed: 3 }, { minibatchDeviation: true }, batch(0, 2).view].map(unit), [1, 3, 4, 8]);
});

Deno.test("settings that make no difference to a model or an optimiser are refused", () => {
  const model = (name: "mlp" | "dcgan" | "r3gan" | "resnet", own: SomeSettings["model"]): SomeSettings => ({
    model: { name, ...own },
  });
  refuses(
    model("mlp", { norm: "layer" }),
    /^D of mlp has no norm to choose; leave out model\.norm \(--norm-d\), or take/,
  );
  for (const name of ["r3gan", "resnet"] as const) refuses(model(name, { norm: "none" }), /model\.norm/);
  check(model("dcgan", { norm: "none" }));
  check({ ...model("mlp", { norm: "none" }), view: { spectralNorm: true } });
  refuses(model("dcgan", { hidden: [8] }), /^dcgan has no model\.hidden \(--hidden\); .* that has: mlp, r3gan$/);
  refuses(model("mlp", { base: 8 }), /^mlp has no model\.base/);
  refuses(model("dcgan", { blocks: 3 }), /^dcgan has no model\.blocks/);
  check({ ...model("mlp", {}), data: { name: "ring" } });
  check(model("r3gan", { hidden: [16, 16, 16, 16] }));
  refuses(
    model("r3gan", { hidden: [16, 16, 16, 16], base: 32 }),
    /^r3gan takes its channels from model\.hidden \(--hidden\) or from model\.base \(--base\)/,
  );
  for (const name of ["sgd", "rmsprop"] as const) {
    check({ optimizer: { name } });
    refuses(
      { optimizer: { name, beta1: 0 } },
      /has no optimizer\.beta1 \(--beta1\); leave it out, or take adam or adamw$/,
    );
    const beta2 = { shape: "cosine", from: 0.9, to: 0.99, steps: 10 } as const;
    refuses({ optimizer: { name, beta2 } }, /has no optimizer\.beta2/);
  }
  check({ optimizer: { name: "adamw", beta1: 0, beta2: 0.9 } });
});

Deno.test("what is named twice is refused, and so are packs for a D that is an auto-encoder", () => {
  refuses({ view: { augment: ["cutout", "contrast", "cutout"] } }, /^view\.augment \(--augment\) has cutout twice/);
  const condition = { kind: "acgan", labels: ["hair", "hair"], codes: [], continuous: 0 } as const;
  refuses({ condition: { ...condition, labels: [...condition.labels], codes: [] } }, /--labels\) has hair twice/);
  const r1 = { name: "r1", weight: 1 } as const;
  refuses({ penalties: [r1, r1] }, /^the penalty r1 is given twice/);
  refuses({ loss: { name: "began" }, view: { packed: 2 } }, /one by one; leave out view\.packed \(--pack\)$/);
});

Deno.test(
  "a sweep over settings that make no difference is refused before its first run",
  inFolder(async (folder) => {
    const path = join(folder, "sweep.json");
    const refuse = async (base: SomeSettings, grid: Record<string, unknown[]>, message: RegExp) => {
      Deno.writeTextFileSync(path, JSON.stringify({ base: mergeSettings({ data: { name: "ring" } }, base), grid }));
      const runs = plannedRuns(await readSweepFile(path));
      await assert.rejects(requireRunnable(runs, undefined, []), message);
    };
    await refuse(
      { optimizer: { name: "sgd" } },
      { "optimizer.beta1": [0.5, 0.9] },
      /^UsageError: beta1-0\.9_seed0: sgd/,
    );
    await refuse({}, { "model.norm": [null, "layer"] }, /^UsageError: norm-layer_seed0: D of mlp has no norm/);
  }),
);
