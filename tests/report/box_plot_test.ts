import assert from "node:assert/strict";
import { quantile } from "../../src/core/statistics.ts";
import { boxPlot } from "../../src/report/box_plot.ts";

const dots = (...values: number[]) => values.map((value) => ({ value, title: `run <${value}>`, marked: value === 7 }));
const plot = (values: number[], more: object = {}) =>
  boxPlot({
    ...{ title: "m & n", subtitle: "lower is better", markedName: "default" },
    groups: [{ name: "g<1>", dots: dots(...values), note: "" }],
    ...more,
  });

/** Numbers of an attribute of all elements of a class. */
const numbers = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map(([, text]) => Number(text));

Deno.test("quantiles are those of NumPy's and R's default", () => {
  const values = [1, 2, 4, 8];
  assert.deepEqual([0, 0.25, 0.5, 0.75, 1].map((share) => quantile(values, share)), [1, 1.75, 3, 5, 8]);
  assert.equal(quantile([6], 0.3), 6);
  assert.equal(quantile([-Infinity, -Infinity], 0.5), -Infinity);
});

Deno.test("dots, box, median and whiskers stand at their values on one axis", () => {
  // Quartiles 3 and 7: whiskers end at 1 and 9, and 15 is an outlier.
  const svg = plot([1, 2, 3, 4, 5, 6, 7, 9, 15]);
  const xs = numbers(svg, /<circle class="dot" cx="([\d.]+)" cy="[\d.]+" r="3.6"\/><title>/g);
  const star = numbers(svg, /<polygon class="star" points="([\d.]+),/g).at(-1)!;
  const [one, two] = [xs[0], xs[1]];
  const at = (value: number) => one + (two - one) * (value - 1);
  const near = (found: number, value: number) =>
    assert.ok(Math.abs(found - at(value)) < 0.6, `${found} is not ${value}`);
  [1, 2, 3, 4, 5, 6, 9, 15].forEach((value, index) => {
    assert.ok(Math.abs(xs[index] - at(value)) < 2, `${xs[index]} is not ${value}`);
  });
  near(star, 7);
  const [left] = numbers(svg, /<rect class="box" x="([\d.]+)"/g);
  const [width] = numbers(svg, /<rect class="box"[^>]* width="([\d.]+)"/g);
  near(left, 3);
  near(left + width, 7);
  near(numbers(svg, /<path class="median" d="M([\d.]+)/g)[0], 5);
  const ends = numbers(svg, /<path class="whisker" d="M[\d.]+ [\d.]+H([\d.]+)/g);
  near(ends[0], 1);
  near(ends[1], 9);
});

Deno.test("positive values that differ much have a logarithmic axis; the reference line is on it too", () => {
  const svg = plot([0.01, 0.1, 1], { reference: { value: 0.001, name: "real" } });
  const [a, b, c] = numbers(svg, /<circle class="dot" cx="([\d.]+)" cy="[\d.]+" r="3.6"\/><title>/g);
  const [line] = numbers(svg, /<path class="reference" d="M([\d.]+) \d+V/g);
  assert.ok(Math.abs((b - a) - (c - b)) < 0.3 && Math.abs((a - line) - (b - a)) < 0.3, `${line} ${a} ${b} ${c}`);
  assert.ok(!svg.includes('class="box"'), "three values make no box");
});

Deno.test("a reference that has no logarithm is named instead of drawn", () => {
  const svg = plot([0.01, 0.1, 1], { reference: { value: -0.002, name: "real samples" } });
  const [a, b, c] = numbers(svg, /<circle class="dot" cx="([\d.]+)" cy="[\d.]+" r="3.6"\/><title>/g);
  assert.ok(Math.abs((b - a) - (c - b)) < 0.3, `${a} ${b} ${c}`);
  assert.doesNotMatch(svg, /class="reference"|NaN/);
  assert.match(svg, />lower is better; real samples have -0.002, left of all that is shown</);
  assert.match(plot([1, 2], { reference: { value: -1, name: "real samples" } }), /class="reference"/);
});

Deno.test("any values give a plot whose numbers are finite, and text is escaped", () => {
  for (const values of [[], [0], [-3, -3, -3, -3], [0, 1e-30], [5, 5, 1e9]]) {
    const svg = plot(values);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/, JSON.stringify(values));
    assert.match(svg, />m &amp; n<.*>g&lt;1&gt;</);
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.ok(svg.includes(`n = ${values.length}`));
  }
});
