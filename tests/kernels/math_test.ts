import assert from "node:assert/strict";
import type { ExpressionOp } from "../../src/plan/expression.ts";
import { builds, type Code, codeList, dims, instructionOf, randomFloats, runKernel, strides } from "./harness.ts";

/** erf in double precision: its series below 3, the continued fraction of erfc above. */
function erf(x: number): number {
  const t = Math.abs(x);
  if (Number.isNaN(x) || x === 0) return x;
  if (t > 6) return Math.sign(x);
  if (t < 3) {
    let term = x, sum = x;
    for (let n = 1; n < 100; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return sum * 2 / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (t + fraction);
  return Math.sign(x) * (1 - Math.exp(-t * t) / Math.sqrt(Math.PI) / (t + fraction));
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Largest error in ULP, as stated in assembly/math.ts. */
const unary: Partial<Record<ExpressionOp, readonly [(x: number) => number, number]>> = {
  neg: [(x) => -x, 0],
  abs: [Math.abs, 0],
  sign: [Math.sign, 0],
  floor: [Math.floor, 0],
  sqrt: [Math.sqrt, 0.5],
  exp: [Math.exp, 1.1],
  log: [Math.log, 1],
  log1p: [Math.log1p, 2],
  expm1: [Math.expm1, 1.5],
  tanh: [Math.tanh, 2.5],
  sigmoid: [sigmoid, 2.5],
  softplus: [softplus, 2.5],
  erf: [erf, 2],
};

const specials = [
  0,
  -0,
  1,
  -1,
  Infinity,
  -Infinity,
  NaN,
  2 ** -149,
  -(2 ** -149),
  2 ** -127,
  2 ** -126,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  88.72283,
  88.72284,
  -87.33655,
  -103.97,
  -104,
  0.5,
  -0.5,
  Math.SQRT1_2,
  Math.SQRT2,
  -0.99999994,
  1 - 2 ** -24,
  1 + 2 ** -23,
  8388608,
  16777216,
];

/** Every exponent and sign, the usual range densely, and the special values. */
function arguments_(): Float32Array {
  const bits = Uint32Array.from(randomFloats(40_000, 1, 2 ** 31), (x) => x + 2 ** 31);
  const anyBits = new Float32Array(bits.buffer).filter((x) => !Number.isNaN(x));
  return Float32Array.from([
    ...specials,
    ...anyBits,
    ...randomFloats(40_000, 2, 1),
    ...randomFloats(40_000, 3, 12),
    ...randomFloats(40_000, 4, 105),
  ]);
}

/** Distance from a float to a double, in units of the last place of the float nearest to it. */
function ulps(actual: number, expected: number): number {
  const rounded = Math.fround(expected);
  if (Object.is(actual, rounded) || (Number.isNaN(actual) && Number.isNaN(rounded))) {
    return Number.isFinite(rounded) && rounded !== 0 ? Math.abs(actual - expected) / unitOf(expected) : 0;
  }
  if (actual === 0 && rounded === 0) return Infinity; // the wrong zero
  if (!Number.isFinite(actual) || !Number.isFinite(rounded)) {
    // One step across the end of the range is one step.
    const [finite, other] = Number.isFinite(actual) ? [actual, rounded] : [rounded, actual];
    return Math.abs(finite) === 3.4028234663852886e38 && Math.sign(finite) === Math.sign(other) ? 1 : Infinity;
  }
  return Math.abs(actual - expected) / unitOf(expected);
}

function unitOf(x: number): number {
  return 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) - 23, -149);
}

function mapOf(code: readonly Code[], inputs: readonly Float32Array[], build: (typeof builds)[number]): Float32Array {
  const count = inputs[0].length;
  return runKernel(build, inputs, [count], (at) =>
    instructionOf("map", {
      ...dims([count]),
      inputCount: inputs.length,
      codeCount: code.length,
      outputCount: 1,
      registers: 4,
      ...at.scratch,
      inputs: at.inputs.map((pointer) => ({ pointer, ...strides([1]) })),
      code: codeList(code),
      outputs: [{ pointer: at.outputs[0], register: 3 }],
    })).outputs[0];
}

const x = arguments_();
for (const build of builds) {
  for (const [op, [exact, bound]] of Object.entries(unary)) {
    Deno.test(`${op} stays within ${bound} ULP over the whole range (${build})`, () => {
      const y = mapOf([["load", 0, 0], [op as ExpressionOp, 3, 0]], [x], build);
      let worst = 0, at = 0;
      for (let i = 0; i < x.length; i++) {
        const error = ulps(y[i], exact(x[i]));
        if (error > worst) [worst, at] = [error, i];
      }
      assert(worst <= bound, `${op}(${x[at]}) is ${y[at]}, expected ${exact(x[at])}: ${worst} ULP`);
    });
  }

  Deno.test(`pow stays within 0.6 ULP and treats special values as Math.pow (${build})`, () => {
    const a: number[] = [], b: number[] = [];
    const exponents = [...specials, 2, 3, -2, -3, 1.5, 1e30, -1e30, 100, 101, -101];
    for (const base of [...specials, 2, -2, -3, 0.3, -0.3]) {
      for (const exponent of exponents) {
        a.push(base);
        b.push(exponent);
      }
    }
    const bases = randomFloats(40_000, 5, 30), powers = randomFloats(40_000, 6, 25);
    bases.forEach((base, i) => {
      a.push(i % 4 === 0 ? base : Math.abs(base));
      b.push(i % 4 === 0 ? Math.round(powers[i]) : powers[i]);
    });
    const [A, B] = [Float32Array.from(a), Float32Array.from(b)];
    const y = mapOf([["load", 0, 0], ["load", 1, 1], ["pow", 3, 0, 1]], [A, B], build);
    for (let i = 0; i < y.length; i++) {
      const error = ulps(y[i], Math.pow(A[i], B[i]));
      assert(error <= 0.6, `pow(${A[i]}, ${B[i]}) is ${y[i]}, expected ${Math.pow(A[i], B[i])}: ${error} ULP`);
    }
  });
}
