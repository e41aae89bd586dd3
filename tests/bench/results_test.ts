import assert from "node:assert/strict";
import type { Case } from "../../bench/cases.ts";
import { benchPage } from "../../bench/page.ts";
import type { Line } from "../../bench/profile.ts";
import { type BenchRecord, noteOf, recordOf } from "../../bench/records.ts";
import { recordsOf, type Results } from "../../bench/run.ts";
import { geometricMean } from "../../bench/statistics.ts";
import { comparisons, type Outcome, summaryLines } from "../../bench/summary.ts";
import { traceFile } from "../../bench/trace.ts";

const product: Case = {
  suite: "kernels",
  group: "products",
  name: "gemm 100",
  threads: 2,
  work: { kind: "matmul", m: 100, n: 100, k: 100, copies: 1 },
  extra: false,
};

/** Records of one case: duel's time, then those of peers by name. */
function outcome(oneCase: Case, own: number, peers: Readonly<Record<string, number>>): Outcome {
  const record = (implementation: string, time: number) =>
    recordOf(oneCase, { implementation, variant: "", ms: [time, 2 * time, 3 * time] }, "native", 100);
  return {
    oneCase,
    records: [record("duel", own), ...Object.entries(peers).map(([name, time]) => record(name, time))],
  };
}

const results: Results = {
  mode: "native",
  roofs: [
    { mode: "native", gflops: { best: 100, median: 90 }, gigabytes: { best: 20, median: 16 } },
    { mode: "safe", gflops: { best: 50, median: 45 }, gigabytes: { best: 20, median: 16 } },
  ],
  outcomes: [
    outcome(product, 1, { "Peer <1>": 2 }),
    outcome({ ...product, name: "gemm 200" }, 1, { "Peer <1>": 8 }),
    outcome({ ...product, group: "gemm sweep", name: "sweep 64" }, 4, { "Other 2": 1 }),
    outcome({ ...product, group: "gemm sweep", name: "sweep 80" }, 4, { "Other 2": 1 }),
  ],
  missing: ["Third is missing (no such module); to install it: get it"],
};

Deno.test("ratios are of medians, gathered by peer, group and threads with their geometric mean", () => {
  assert.ok(Math.abs(geometricMean([2, 8]) - 4) < 1e-12);
  const all = comparisons([...results.outcomes, outcome({ ...product, threads: 1 }, 2, { "Peer <1>": 1 })]);
  const told = all.map((one) => [one.peer, one.group, one.threads, one.count, Number(one.geometricMean.toFixed(9))]);
  assert.deepEqual(told, [
    ["Other 2", "gemm sweep", 2, 2, 0.25],
    ["Peer <1>", "products", 2, 2, 4],
    ["Peer <1>", "products", 1, 1, 0.5],
  ]);
  assert.deepEqual([all[1].worst, all[1].worstName, all[1].best, all[1].bestName], [2, "gemm 100", 8, "gemm 200"]);
  assert.match(summaryLines(all).join("\n"), /Peer <1> +products +2 +4\.00× +2\.00× \(gemm 100\) to 8\.00×, of 2/);
  assert.deepEqual(summaryLines([]), []);
});

Deno.test("memory is compared by its peak, and the bare step of a loop is no peer", () => {
  const memory: Case = { ...product, suite: "memory", group: "memory" };
  const record = (implementation: string, peakMiB: number) =>
    recordOf(memory, { implementation, variant: "", ms: [1], peakMiB }, "safe", 1);
  const [one] = comparisons([{ oneCase: memory, records: [record("duel", 200), record("Peer", 500)] }]);
  assert.deepEqual([one.what, one.geometricMean], ["memory", 2.5]);
  assert.equal(noteOf(record("duel", 200)), "200 MiB at most");

  const loop: Case = { ...product, suite: "loop", name: "loop" };
  const steps = (more: object) => recordOf(loop, { implementation: "duel", variant: "", ms: [1], ...more }, "safe", 1);
  const records: BenchRecord[] = [steps({ overBareStep: 1.02, firstStepMs: 1500 }), steps({})];
  assert.deepEqual(records.map(({ name }) => name), ["loop", "loop, bare step"]);
  assert.equal(noteOf(records[0]), "mean 1.020 of the bare step, first step 1.50 s after the start");
  assert.deepEqual(comparisons([{ oneCase: loop, records }]), []);
});

Deno.test("a start has no speed, and says whether the fifth step is steady", () => {
  const start: Case = { ...product, suite: "starts" };
  const said = (fifthOverSteady: number) => {
    const record = recordOf(start, { implementation: "duel", variant: "", ms: [1], fifthOverSteady }, "safe", 1);
    assert.deepEqual([record.gflops, record.shareOfRoof], [0, 0]);
    return noteOf(record);
  };
  assert.equal(said(1.19), "fifth step within 20 % of steady (1.19 of it)");
  assert.equal(said(1.21), "fifth step not yet steady (1.21 of it)");
});

Deno.test("the records begin with the roofs of both modes", () => {
  const records = recordsOf(results);
  assert.deepEqual(
    records.slice(0, 4).map(({ suite, name, mode, gflops, gigabytes }) => [suite, name, mode, gflops, gigabytes]),
    [
      ["roofs", "multiply and add", "native", 100, undefined],
      ["roofs", "copy", "native", 0, 20],
      ["roofs", "multiply and add", "safe", 50, undefined],
      ["roofs", "copy", "safe", 0, 20],
    ],
  );
  assert.deepEqual([records[0].bestMs, records[1].medianMs], [10, 62.5]);
  assert.equal(records.length, 12);
});

Deno.test("the page loads nothing, shows every kernel as a point and every missing peer", () => {
  const page = benchPage(results, "duel 0.1.0", new Date(0));
  assert.match(page, /default-src 'none'/);
  assert.doesNotMatch(page, /(?:src|href)=|@import|url\(http/);
  assert.doesNotMatch(page, /Peer <1>/);
  assert.match(page, /Peer &lt;1&gt;/);
  assert.match(page, /Third is missing/);
  // Two kernels of two implementations each; the sweep has a plot of its own, with a line for each and the roof.
  assert.equal(page.match(/<circle /g)?.length, 4);
  assert.equal(page.match(/<polyline class="line /g)?.length, 1 + 2);
  assert.equal(page.match(/<polyline class="dashed /g)?.length, 1 + 1);
  assert.doesNotMatch(page, /NaN|Infinity|undefined/);
});

Deno.test("a trace has a row for each thread, without gaps or overlaps, one program after the other", () => {
  const line = (index: number, ...threads: [busy: number, waited: number][]): Line => ({
    index,
    mnemonic: "map",
    label: "G.0",
    busy: 0,
    waited: 0,
    flops: 5,
    bytes: 8,
    threads: threads.map(([busy, waited]) => ({ busy, waited })),
  });
  const lines = [line(0, [1, 0.5], [1.5, 0]), line(1, [2, 0], [1, 1])];
  const profiles = [{ program: "first", lines }, { program: "second", lines }];
  const { traceEvents } = JSON.parse(traceFile([{ name: "step", profiles }]));
  const spans = (tid: number) =>
    traceEvents.filter((event: { ph: string; tid: number }) => event.ph === "X" && event.tid === tid)
      .map(({ name, ts, dur }: { name: string; ts: number; dur: number }) => [name, ts, dur]);
  assert.deepEqual(spans(0), [
    ["map G.0", 0, 1000],
    ["wait", 1000, 500],
    ["map G.0", 1500, 2000],
    ["map G.0", 3500, 1000],
    ["wait", 4500, 500],
    ["map G.0", 5000, 2000],
  ]);
  assert.equal(spans(1).length, 6);
});
