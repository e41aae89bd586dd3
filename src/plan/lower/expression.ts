/** Register code for fused pointwise expressions. */
import type { Operands } from "../instructions.ts";
import { type ExpressionOp, expressionOps } from "../expression.ts";
import { is, type Tensor } from "../../graph/tensor.ts";
import { isPointwise, type PointwiseOp } from "../../graph/primitives.ts";
import { InternalError } from "../../core/errors.ts";

type Code = Operands<"map">["code"];

export interface Expression {
  /** Values to load, in the order of the instruction's inputs. */
  readonly inputs: readonly Tensor[];
  readonly code: Code;
  /** Register of each wanted result at the end. */
  readonly registers: ReadonlyMap<Tensor, number>;
  /** How many registers are used. */
  readonly count: number;
}

const codes: { readonly [O in PointwiseOp]: ExpressionOp } = {
  neg: "neg",
  abs: "abs",
  sign: "sign",
  floor: "floor",
  exp: "exp",
  log: "log",
  log1p: "log1p",
  expm1: "expm1",
  sqrt: "sqrt",
  tanh: "tanh",
  sigmoid: "sigmoid",
  softplus: "softplus",
  erf: "erf",
  add: "add",
  sub: "sub",
  mul: "mul",
  div: "div",
  min: "min",
  max: "max",
  pow: "pow",
  less: "less",
  lessEqual: "lessEqual",
  equal: "equal",
  select: "select",
};

interface Step {
  readonly result: Tensor;
  readonly op: ExpressionOp;
  readonly operands: readonly Tensor[];
}

/**
 * Code for the nodes of `body` (in order, operands first); `wanted` are the results that stay in registers to the end.
 * Products that only feed one sum become multiply-adds. Registers are given back after their last use.
 */
export function compileExpression(body: readonly Tensor[], wanted: readonly Tensor[]): Expression {
  const steps = withLoads(fusedSteps(body, wanted), wanted);
  const lastUse = new Map<Tensor, number>();
  steps.forEach(({ operands }, index) => operands.forEach((operand) => lastUse.set(operand, index)));
  wanted.forEach((tensor) => lastUse.set(tensor, Infinity));

  const inputs: Tensor[] = [];
  const code: Code = [];
  const registers = new Map<Tensor, number>();
  const free: number[] = [];
  let count = 0;
  steps.forEach(({ result, op, operands }, index) => {
    const [a = 0, b = 0, c = 0] = operands.map((operand) => registers.get(operand)!);
    for (const operand of new Set(operands)) {
      if (lastUse.get(operand) === index) free.push(registers.get(operand)!);
    }
    const target = free.pop() ?? count++;
    registers.set(result, target);
    if (op === "load") {
      inputs.push(result);
      code.push({ op: expressionOps.load, target, a: inputs.length - 1, b: 0, c: 0, value: 0 });
    } else {
      const value = is(result, "constant") ? Math.fround(result.attributes.value) : 0;
      code.push({ op: expressionOps[op], target, a, b, c, value });
    }
  });
  return { inputs, code, registers, count };
}

function fusedSteps(body: readonly Tensor[], wanted: readonly Tensor[]): Step[] {
  const uses = new Map<Tensor, number>();
  for (const node of body) for (const operand of node.inputs) uses.set(operand, (uses.get(operand) ?? 0) + 1);
  const inBody = new Set(body);
  const absorbable = (node: Tensor) =>
    is(node, "mul") && inBody.has(node) && uses.get(node) === 1 && !wanted.includes(node);
  const absorbed = new Set<Tensor>();
  const steps = body.map((node): Step => {
    if (!isPointwise(node.op)) throw new InternalError(`${node} is not pointwise`);
    if (is(node, "add")) {
      const product = node.inputs.find(absorbable);
      if (product) {
        const other = node.inputs[node.inputs[0] === product ? 1 : 0];
        absorbed.add(product);
        return { result: node, op: "multiplyAdd", operands: [...product.inputs, other] };
      }
    }
    return { result: node, op: codes[node.op], operands: node.inputs };
  });
  return steps.filter(({ result }) => !absorbed.has(result));
}

/** Puts a load or constant before the first use of everything that comes from outside. */
function withLoads(steps: readonly Step[], wanted: readonly Tensor[]): Step[] {
  const known = new Set(steps.map(({ result }) => result));
  const result: Step[] = [];
  const fetch = (tensor: Tensor) => {
    if (known.has(tensor)) return;
    known.add(tensor);
    result.push({ result: tensor, op: is(tensor, "constant") ? "constant" : "load", operands: [] });
  };
  for (const step of steps) {
    step.operands.forEach(fetch);
    result.push(step);
  }
  wanted.forEach(fetch);
  return result;
}
