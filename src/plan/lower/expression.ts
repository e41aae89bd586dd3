/** Register code for fused pointwise expressions. */
import type { Operands } from "../instructions.ts";
import { BLOCK, type ExpressionOp, expressionOps } from "../expression.ts";
import { MAX_REGISTERS } from "../control.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import { is, type Tensor } from "../../graph/tensor.ts";
import { isPointwise, type PointwiseOp } from "../../graph/primitives.ts";
import { InternalError } from "../../core/errors.ts";

type Code = Operands<"map">["code"];

/** Registers that may be kept for operands that repeat; the others must hold what is computed. */
const MAX_KEPT = MAX_REGISTERS / 2;

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
 * Code for the nodes of `body` (in order, operands first) over a space of shape `space`; `wanted` are the results that
 * stay in registers to the end. Products that only feed one sum become multiply-adds, comparisons with zero that only
 * feed selections a part of these. Registers are given back after their last use, except those of operands that are
 * smaller than the space: they hold what is the same in every block, so that it is fetched once.
 */
export function compileExpression(body: readonly Tensor[], wanted: readonly Tensor[], space: Shape): Expression {
  const steps = withLoads(fusedSteps(body, wanted), wanted);
  const lastUse = new Map<Tensor, number>();
  steps.forEach(({ operands }, index) => operands.forEach((operand) => lastUse.set(operand, index)));
  wanted.forEach((tensor) => lastUse.set(tensor, Infinity));

  const inputs: Tensor[] = [];
  const code: Code = [];
  const registers = new Map<Tensor, number>();
  const free: number[] = [];
  let count = 0;
  let kept = 0;
  const keep = (tensor: Tensor): number | undefined => {
    const room = spread(tensor, space);
    if (kept + room > MAX_KEPT) return undefined;
    kept += room;
    count += room;
    lastUse.set(tensor, Infinity);
    return count - room;
  };
  steps.forEach(({ result, op, operands }, index) => {
    const [a = 0, b = 0, c = 0] = operands.map((operand) => registers.get(operand)!);
    // Last come, first taken: a selection prefers the place of what it selects where all goes well.
    for (const operand of new Set(operands.toReversed())) {
      if (lastUse.get(operand) === index) free.push(registers.get(operand)!);
    }
    const repeated = op === "constant" || (op === "load" && sizeOf(result.shape) < sizeOf(space));
    const target = (repeated ? keep(result) : undefined) ?? free.pop() ?? count++;
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

/** Registers that an operand takes: rows that do not divide a block are laid out for every place a block may begin at. */
function spread(tensor: Tensor, space: Shape): 1 | 2 {
  const row = sizeOf(tensor.shape);
  return row < BLOCK && BLOCK % row !== 0 && row !== sizeOf(space) ? 2 : 1;
}

function fusedSteps(body: readonly Tensor[], wanted: readonly Tensor[]): Step[] {
  const inBody = new Set(body);
  const usersOf = new Map<Tensor, Tensor[]>(body.map((node) => [node, []]));
  for (const node of body) for (const operand of node.inputs) usersOf.get(operand)?.push(node);
  const inner = (node: Tensor) => inBody.has(node) && !wanted.includes(node);
  const isProduct = (node: Tensor) => is(node, "mul") && inner(node) && usersOf.get(node)!.length === 1;
  /** 0 < x, which only decides selections */
  const isPositive = (node: Tensor) =>
    is(node, "less") && inner(node) && is(node.inputs[0], "constant") && node.inputs[0].attributes.value === 0 &&
    usersOf.get(node)!.every((user) => is(user, "select") && !user.inputs.slice(1).includes(node));
  const absorbed = new Set<Tensor>(body.filter(isPositive));
  const steps = body.map((node): Step => {
    if (!isPointwise(node.op)) throw new InternalError(`${node} is not pointwise`);
    if (is(node, "select") && absorbed.has(node.inputs[0])) {
      const [condition, ...branches] = node.inputs;
      return { result: node, op: "selectPositive", operands: [condition.inputs[1], ...branches] };
    }
    if (is(node, "add")) {
      const product = node.inputs.find(isProduct);
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

/**
 * Puts a load or constant before the first use of everything that comes from outside; numbers, which are the same in
 * every block, before everything else.
 */
function withLoads(steps: readonly Step[], wanted: readonly Tensor[]): Step[] {
  const known = new Set(steps.map(({ result }) => result));
  const numbers: Step[] = [];
  const result: Step[] = [];
  const fetch = (tensor: Tensor) => {
    if (known.has(tensor)) return;
    known.add(tensor);
    const op = is(tensor, "constant") ? "constant" : "load";
    (sizeOf(tensor.shape) === 1 ? numbers : result).push({ result: tensor, op, operands: [] });
  };
  for (const step of steps) {
    step.operands.forEach(fetch);
    result.push(step);
  }
  wanted.forEach(fetch);
  return [...numbers, ...result];
}
