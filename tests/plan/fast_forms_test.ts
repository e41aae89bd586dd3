/** The forms as matrices: their identities, and what `src/plan/fast_forms.ts` states of their rounding errors. */
import assert from "node:assert/strict";
import { type FastForm, fastForms, type Matrix, transposed } from "../../src/plan/fast_forms.ts";
import { elementwise, product, type Round, toDouble, transform, zeros } from "../support/matrices.ts";
import { normals, type Random, randomOf } from "../support/random.ts";

const square = (size: number, random: Random): Matrix =>
  Array.from({ length: size }, () => Array.from(normals(random, size)));

/** `to` plus the sum of each of d's windows times g. */
function correlation(d: Matrix, g: Matrix, round: Round, to: Matrix): Matrix {
  return to.map((row, i) =>
    row.map((start, j) => {
      let sum = start;
      for (let a = 0; a < g.length; a++) {
        for (let b = 0; b < g.length; b++) sum = round(sum + round(d[i + a][j + b] * g[a][b]));
      }
      return sum;
    })
  );
}

function assertEqual(found: Matrix, expected: Matrix, what: string): void {
  const largest = Math.max(...expected.flat().map(Math.abs));
  elementwise(found, expected, (a, b) => {
    assert.ok(Math.abs(a - b) <= 1e-13 * largest, `${what}: ${a}, expected ${b}`);
    return 0;
  });
}

const nameOf = ({ outputs, taps }: FastForm) => `F(${outputs}, ${taps})`;

for (const form of fastForms) {
  const { input, filter, output, outputs, taps, size } = form;

  Deno.test(`${nameOf(form)} has matrices of its sizes, and is at its place`, () => {
    assert.equal(fastForms[form.code], form);
    assert.equal(size, outputs + taps - 1);
    assert.deepEqual([input, filter, output].map((m) => [m.length, m[0].length]), [
      [size, size],
      [size, taps],
      [outputs, size],
    ]);
  });

  Deno.test(`${nameOf(form)} is a correlation along a line: y = Aᵀ [(G g) ⊙ (Bᵀ d)]`, () => {
    const random = randomOf(`a line by ${nameOf(form)}`);
    const column = (length: number): Matrix => Array.from(normals(random, length), (x) => [x]);
    const [d, g] = [column(size), column(taps)];
    const products = elementwise(product(filter, g), product(input, d), (a, b) => a * b);
    const expected = Array.from(
      { length: outputs },
      (_, i) => [g.reduce((sum, [tap], a) => sum + d[i + a][0] * tap, 0)],
    );
    assertEqual(product(output, products), expected, "y");
    const dy = column(outputs);
    const lifted = elementwise(product(transposed(output), dy), product(input, d), (a, b) => a * b);
    const gradient = Array.from({ length: taps }, (_, a) => [dy.reduce((sum, [x], i) => sum + d[i + a][0] * x, 0)]);
    assertEqual(product(transposed(filter), lifted), gradient, "dg");
  });

  Deno.test(`${nameOf(form)} is a correlation of images, and transposed the gradient of its filter`, () => {
    const random = randomOf(`an image by ${nameOf(form)}`);
    const [d, g, dy] = [square(size, random), square(taps, random), square(outputs, random)];
    const window = transform(input, d);
    const y = transform(output, elementwise(transform(filter, g), window, (a, b) => a * b));
    assertEqual(y, correlation(d, g, toDouble, zeros(outputs)), "y");
    const lifted = transform(transposed(output), dy);
    const dg = transform(transposed(filter), elementwise(lifted, window, (a, b) => a * b));
    assertEqual(dg, correlation(d, dy, toDouble, zeros(taps)), "dg");
  });
}

/**
 * Root mean square of the errors of sums in float32 of `count` correlations of normal numbers: back [(left g) ⊙ (Bᵀ d)],
 * in units of those of plain sums, one product after the other.
 */
function errorRatio(left: Matrix, { input, size }: FastForm, back: Matrix, count: number): number {
  const random = randomOf(`errors of ${count} correlations`);
  const [taps, outputs] = [left[0].length, back.length];
  let [fast, plain] = [0, 0];
  for (let repeat = 0; repeat < 64; repeat++) {
    let [products, single, exact] = [zeros(size), zeros(outputs), zeros(outputs)];
    for (let term = 0; term < count; term++) {
      const [d, g] = [square(size, random), square(taps, random)];
      const [window, other] = [transform(input, d, Math.fround), transform(left, g, Math.fround)];
      const product = elementwise(window, other, (a, b) => Math.fround(a * b));
      products = elementwise(products, product, (a, b) => Math.fround(a + b));
      single = correlation(d, g, Math.fround, single);
      exact = correlation(d, g, toDouble, exact);
    }
    const error = (found: Matrix) =>
      elementwise(found, exact, (a, b) => (a - b) ** 2).flat().reduce((sum, x) => sum + x, 0);
    fast += error(transform(back, products, Math.fround));
    plain += error(single);
  }
  return Math.sqrt(fast / plain);
}

/** What `fast_forms.ts` says of the errors of outputs and of gradients of filters, for each form. */
const stated = [
  { count: 256, outputs: [3, 3.5], gradients: [1.5, 2.5] },
  { count: 8, outputs: [5, 6], gradients: [3, 4.5] },
];

Deno.test("the forms' errors are as many times a plain sum's as is stated", () => {
  for (const { count, outputs, gradients } of stated) {
    fastForms.forEach((form, i) => {
      const { filter, output } = form;
      const expect = (what: string, ratio: number, expected: number) => {
        const near = Math.max(ratio / expected, expected / ratio) < 1.25;
        assert.ok(near, `${nameOf(form)}, ${count} terms, ${what}: ${ratio.toFixed(2)} times, stated are ${expected}`);
      };
      expect("outputs", errorRatio(filter, form, output, count), outputs[i]);
      expect("gradients", errorRatio(transposed(output), form, transposed(filter), count), gradients[i]);
    });
  }
});
