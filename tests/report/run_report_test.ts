import assert from "node:assert/strict";
import fc from "fast-check";
import { lineChart } from "../../src/report/line_chart.ts";
import type { LogRecord } from "../../src/report/log.ts";
import { type RunReport, runReport } from "../../src/report/run_report.ts";

const stepRecord = (step: number, losses: Record<string, number>): LogRecord => ({
  kind: "step",
  step,
  losses,
  imagesPerSecond: 812.345,
  seconds: step * 36.5,
});
const png = (value: number) => Uint8Array.of(0x89, 0x50, value);
const report: RunReport = {
  title: "001-faces-dcgan",
  config: { data: "faces", model: { name: "dcgan", sizes: [4, 8] }, layers: [{ units: 3 }], label: null },
  records: [
    stepRecord(1, { D: 1.4, G: 0.7 }),
    stepRecord(2, { D: NaN, G: 0.8 }),
    { kind: "metric", step: 2, values: { "kernel distance": 0.25 } },
    { kind: "rollback", step: 1, failedStep: 2, network: "D", loss: "D", rateFactor: 0.5 },
    stepRecord(101, { D: 1.234567, G: 0.9 }),
  ],
  images: [{ step: 0, png: png(0) }, { step: 1200, png: png(1) }],
  reals: png(2),
};

/** The coordinates of all lines of a chart, one list of `[x, y]` a line. */
function linesOf(svg: string): number[][][] {
  return [...svg.matchAll(/<polyline class="line series\d+" points="([^"]*)"/g)].map(([, points]) =>
    points.split(" ").map((pair) => pair.split(",").map(Number))
  );
}

Deno.test("a report shows summary, images in the order of time, rollbacks and the config with dotted names", () => {
  const html = runReport(report);
  assert.equal(html, runReport(report));
  const text = html.slice(html.indexOf("<body>"), html.indexOf("<script>")).replaceAll(/<[^>]*>/g, "|").replaceAll(
    /\|+/g,
    "|",
  );
  for (
    const part of [
      "|steps|101|",
      "|training time|1 h 1 min|",
      "|samples a second|812.3|",
      "|loss D|1.235|",
      "|step 0|",
      "|step 1,200|",
      "|kernel distance|",
      "At step 2 a value was not finite (network D, loss D). Training went back to step 1, with learning rates times 0.5.",
      "|model.name|dcgan|",
      "|model.sizes|4, 8|",
      "|layers.0.units|3|",
      "|label|null|",
    ]
  ) assert(text.includes(part), part);
  const images = [...html.matchAll(/src="data:image\/png;base64,([^"]*)"/g)].map(([, base64]) =>
    Uint8Array.fromBase64(base64)
  );
  assert.deepEqual(images, [png(0), png(1), png(2)]);
});

Deno.test("a report loads nothing, and texts of the run can't become markup", () => {
  const evil = `"><script>alert(1)</script><img src='http://x.test/'>&`;
  const html = runReport({
    ...report,
    title: evil,
    config: { [evil]: evil },
    records: [
      stepRecord(1, { [evil]: 1 }),
      { kind: "metric", step: 1, values: { [evil]: 2 } },
      { kind: "rollback", step: 1, failedStep: 2, network: evil, loss: evil, rateFactor: 0.5 },
    ],
  });
  assert.equal(html.match(/<script>/g)?.length, 1);
  assert.equal(html.match(/<img /g)?.length, 3);
  for (const [, address] of html.matchAll(/(?:src|href)="([^"]*)"/g)) {
    assert(address.startsWith("data:image/png"), address);
  }
  assert.match(html, /Content-Security-Policy"\s+content="default-src 'none'/);
});

Deno.test("a run that has just begun has a report", () => {
  const html = runReport({ title: "x", config: {}, records: [], images: [] });
  assert.match(html, /No step has been made yet/);
  assert.doesNotMatch(html, /<svg|<figure/);
});

Deno.test("a chart draws each series inside of its frame, in the order of x, higher values higher up", () => {
  const points = Array.from({ length: 5000 }, (_, index) => [index, index * 2] as const);
  const [rising, flat] = linesOf(
    lineChart("c", "losses", [{ name: "a", points }, { name: "b", points: [[0, 5], [4999, 5]] }]),
  );
  assert(rising.length > 150 && rising.length <= 201);
  for (let i = 1; i < rising.length; i++) assert(rising[i][0] > rising[i - 1][0] && rising[i][1] < rising[i - 1][1]);
  assert.equal(flat[0][1], flat[1][1]);
  assert(rising.flat().every((value) => value >= 0 && value <= 480));
});

Deno.test("a value that is not finite leaves a gap", () => {
  const values = [1, 2, NaN, 3, Infinity, -Infinity, 4, 5];
  const lines = linesOf(
    lineChart("c", "losses", [{ name: "a", points: values.map((value, index) => [index, value]) }]),
  );
  assert.deepEqual(
    lines.map((line) => line.length),
    [2, 2, 2],
    "a single value is a line of no length, drawn as a dot",
  );
});

Deno.test("no series, however odd, gives a chart with broken numbers", () => {
  const value = fc.oneof(fc.double({ min: -1e30, max: 1e30 }), fc.constantFrom(NaN, Infinity, 0, 1));
  const series = fc.array(fc.array(value, { maxLength: 20 }), { maxLength: 3 });
  fc.assert(
    fc.property(series, fc.nat(1_000_000), (all, start) => {
      const svg = lineChart(
        "c",
        "losses",
        all.map((values) => ({ name: "a", points: values.map((y, index) => [start + index, y]) })),
      );
      assert.doesNotMatch(svg, /NaN|Infinity|∞|undefined/);
      for (const line of linesOf(svg)) for (const point of line) assert(point.every(Number.isFinite));
    }),
    { seed: 5, numRuns: 300 },
  );
});
