import assert from "node:assert/strict";
import { cases, chooseCases } from "../../bench/cases.ts";
import { traceWork } from "../../bench/programs.ts";
import { recordOf } from "../../bench/records.ts";
import { median } from "../../bench/statistics.ts";
import { bytesOf, type Conv, faces, flopsOf, type Work } from "../../bench/work.ts";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { flopsOf as plannedFlopsOf } from "../../src/cli/plan_facts.ts";
import { compilePrograms } from "../../src/plan/compile.ts";

/** Operations of all contractions that duel plans for some work. */
function plannedFlops(work: Work, exact: boolean): number {
  const { store, programs } = traceWork(work);
  store.seal();
  return compilePrograms(store, programs, { threads: 1, forms: exact ? "none" : "all" }).programs
    .reduce((sum, { plan }) => sum + plannedFlopsOf(plan).contractions, 0);
}

/**
 * Operations of contractions that are pointwise in duel: the gradient of D's last layer, which has one output, with
 * respect to its input is an outer product, for real samples, generated ones and once more for G.
 */
function outerProducts(work: Work): number {
  if (work.kind === "mlp") return 3 * 2 * work.batch * work.hidden[0];
  return work.kind === "gan" ? 3 * 2 * work.batch * 4 ** 2 * work.base * work.size / 8 : 0;
}

const conv: Conv = {
  kind: "conv",
  face: "forward",
  batch: 2,
  size: 8,
  inChannels: 3,
  outChannels: 5,
  kernel: 4,
  stride: 2,
  padding: 1,
  copies: 2,
};

Deno.test("the operations that are counted for a piece of work are those that duel plans", () => {
  const works: readonly Work[] = [
    { kind: "matmul", m: 5, n: 7, k: 11, copies: 3 },
    ...faces.map((face) => ({ ...conv, face })),
    { kind: "gan", size: 16, batch: 2, base: 4, latent: 6 },
    { kind: "gan", size: 32, batch: 2, base: 4, latent: 6 },
    { kind: "mlp", values: 2, latent: 3, hidden: [8, 5], batch: 7 },
  ];
  for (const work of works) {
    for (const exact of [false, true]) {
      assert.equal(plannedFlops(work, exact) + outerProducts(work), flopsOf(work), JSON.stringify(work));
    }
  }
});

Deno.test("copies of a product are computed each, from the operands in the Store", async () => {
  const { store, programs, inputs } = traceWork({ kind: "matmul", m: 2, n: 3, k: 4, copies: 2 });
  const engine = await compileReference(store, programs);
  await engine.run(programs[0], inputs, { seed: 0, draw: 0 });
  for (const copy of [0, 1]) {
    const [a, b] = [engine.read(`a${copy}`), engine.read(`b${copy}`)];
    const expected = Array.from({ length: 6 }, (_, place) => {
      const [row, column] = [Math.floor(place / 3), place % 3];
      return [0, 1, 2, 3].reduce((sum, k) => sum + a[4 * row + k] * b[3 * k + column], 0);
    });
    engine.read(`result${copy}`).forEach((value: number, i: number) => assert.ok(Math.abs(value - expected[i]) < 1e-6));
  }
});

Deno.test("names tell cases apart, and filters choose among them", () => {
  const names = cases.map(({ name, threads }) => `${name} ${threads}`);
  assert.equal(new Set(names).size, names.length);
  const chosen = (...choice: Parameters<typeof chooseCases>) => chooseCases(...choice).map(({ name }) => name);
  assert.deepEqual(chosen(["steps"], undefined, false), ["dcgan-32", "mlp 128", "mlp 32"]);
  assert.deepEqual(chosen(["steps"], undefined, true), ["dcgan-32", "dcgan-64", "mlp 128", "mlp 32"]);
  assert.deepEqual(chosen(["kernels", "steps"], "gan-64", false), ["dcgan-64"]);
  assert.deepEqual(chosen(["kernels"], "gan", true), []);
  assert.ok(chosen(["kernels"], "gemm", false).length > chosen(["kernels"], "gemm 1024", false).length);
  const sweep = chosen(["kernels"], "sweep", false);
  assert.deepEqual([sweep[0], sweep[1], sweep.at(-1)], ["sweep 64", "sweep 80", "sweep 1024"]);
});

Deno.test("the bytes of a kernel are those of its operands and its result", () => {
  assert.equal(bytesOf({ kind: "matmul", m: 2, n: 3, k: 5, copies: 2 }), 4 * 2 * (10 + 15 + 6));
  // Images 2×8×8×3 and 2×4×4×5, a filter 5×4×4×3; the same for all faces.
  for (const face of faces) assert.equal(bytesOf({ ...conv, face }), 4 * 2 * (384 + 160 + 240));
  assert.equal(bytesOf({ kind: "gan", size: 16, batch: 2, base: 4, latent: 6 }), undefined);
});

Deno.test("a record holds best, median and the share of as many roofs as threads", () => {
  const work: Work = { kind: "matmul", m: 1000, n: 1000, k: 1000, copies: 1 };
  const oneCase = { suite: "kernels", group: "products", name: "product", threads: 2, work, extra: false } as const;
  const sample = { implementation: "PyTorch 0.0", variant: "contiguous", ms: [50, 20, 40, 30] };
  assert.deepEqual(recordOf(oneCase, sample, "safe", 125), {
    suite: "kernels",
    name: "product",
    mode: "safe",
    threads: 2,
    implementation: "PyTorch 0.0",
    bestMs: 20,
    medianMs: 35,
    gflops: 100,
    shareOfRoof: 0.4,
  });
  assert.equal(median([3, 1, 2]), 2);
});
