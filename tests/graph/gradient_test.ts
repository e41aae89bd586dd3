/** Gradients of every primitive, first and second order, against finite differences in float64. */
import assert from "node:assert/strict";
import { sizeOf } from "../../src/core/shape.ts";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { grad } from "../../src/graph/grad.ts";
import { add, mul, sum } from "../../src/graph/ops.ts";
import type { Op } from "../../src/graph/primitives.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, type Program, trace } from "../../src/graph/trace.ts";
import { operandName, operandValues, type Variant } from "../cases/case.ts";
import { allCases } from "../cases/cases.ts";
import { normals, randomOf } from "../support/random.ts";

/** About ∛ε: truncation (∝ h²) and rounding (∝ ε/h) of a central difference are both near 1e-10 then. */
const STEP = 1e-5;
/** Of the typical size of the directional derivative; a wrong term shows as 1e-2 or more. */
const TOLERANCE = 1e-6;
/** Differences below this come from rounding alone. */
const FLOOR = 1e-9;
const DIRECTIONS = 2;

type Operands = Record<string, Float64Array>;

const inner = (a: Tensor, b: Tensor) => sum(mul(a, b));

/** Names of what the gradients are taken in: differentiable operands, and the cotangent. */
function variables({ operands }: Variant): string[] {
  return [...operands.flatMap(({ differentiable }, i) => differentiable ? [operandName(i)] : []), "cotangent"];
}

/**
 * value = ⟨y, cotangent⟩ and its gradients; slope = Σ ⟨gradient, fixed weights⟩ and its gradients. Both are functions
 * of the same variables.
 */
function differentiated(label: string, variant: Variant): Program {
  return trace(new Store(0), label, () => {
    const tensors = new Map(variant.operands.map(({ shape }, i) => [operandName(i), input(operandName(i), shape)]));
    const y = variant.build([...tensors.values()]);
    const cotangent = input("cotangent", y.shape);
    const value = inner(y, cotangent);
    const names = variables(variant);
    const wrt = names.map((name) => tensors.get(name) ?? cotangent);
    const first = grad(value, wrt);
    const slope = first
      .map((gradient, i) => inner(gradient, input(`weights of ${names[i]}`, gradient.shape)))
      .reduce((total, term) => add(total, term));
    const second = grad(slope, wrt);
    const outputs = names.flatMap((name, i) => [[`value by ${name}`, first[i]], [`slope by ${name}`, second[i]]]);
    return { value, slope, ...Object.fromEntries(outputs) };
  });
}

/** The operands of a variant, and normal numbers for cotangent and weights. */
function operandsOf(op: Op, variant: Variant, program: Program): Operands {
  const given = operandValues(op, variant);
  const random = randomOf(`cotangents of ${program.name}`);
  return Object.fromEntries(
    [...program.inputs].map(([name, { shape }]) => [
      name,
      Float64Array.from(given[name] ?? normals(random, sizeOf(shape))),
    ]),
  );
}

async function checkVariant(op: Op, variant: Variant): Promise<void> {
  const label = `${op}, ${variant.label}`;
  const program = differentiated(label, variant);
  const engine = await compileReference(program.store, [program]);
  const run = (operands: Operands) => engine.run(program, operands, { seed: 1, draw: 0 });
  const operands = operandsOf(op, variant, program);
  const exact = await run(operands);
  const random = randomOf(`directions of ${label}`);

  for (const name of variables(variant)) {
    for (let attempt = 0; attempt < DIRECTIONS; attempt++) {
      const direction = normals(random, operands[name].length);
      const moved = (step: number) =>
        run({ ...operands, [name]: operands[name].map((x, i) => x + step * direction[i]) });
      const [ahead, behind] = [await moved(STEP), await moved(-STEP)];
      for (const what of ["value", "slope"]) {
        const difference = (ahead[what][0] - behind[what][0]) / (2 * STEP);
        const terms = Float64Array.from(exact[`${what} by ${name}`], (slope, i) => slope * direction[i]);
        const derivative = terms.reduce((total, term) => total + term, 0);
        const allowed = TOLERANCE * Math.hypot(...terms) + FLOOR;
        assert.ok(
          Math.abs(derivative - difference) <= allowed,
          `${label}: d ${what} / d ${name} along a random direction is ${derivative}, finite differences say ` +
            `${difference}; allowed are ${allowed.toExponential(1)}`,
        );
      }
    }
  }
}

for (const [op, { variants }] of allCases) {
  const checked = variants.filter(({ operands }) => operands.some(({ differentiable }) => differentiable));
  if (checked.length === 0) continue;
  Deno.test(`${op}: gradients of both orders agree with finite differences`, async () => {
    for (const variant of checked) await checkVariant(op, variant);
  });
}
