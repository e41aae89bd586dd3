/** Symbolic tensors: nodes of the graph that a trace builds. */
import { ShapeError } from "../core/errors.ts";
import { type Shape, showShape } from "../core/shape.ts";
import type { Attributes, Op } from "./primitives.ts";
import { shapeRules } from "./shapes.ts";

/** Where a node came from: the scope (`G.block1`) and the first line outside of `src/graph` and `src/nn`. */
export interface Origin {
  readonly scope: string;
  readonly line: string;
}

/**
 * One value of the program: a primitive, its attributes and operands, and the shape that follows from them.
 * Immutable; ids grow in the order of making, so operands always have smaller ids.
 */
export class Tensor<O extends Op = Op> {
  readonly id: number;
  constructor(
    readonly op: O,
    readonly attributes: Attributes[O],
    readonly inputs: readonly Tensor[],
    readonly shape: Shape,
    readonly origin: Origin,
  ) {
    this.id = nextId++;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  toString(): string {
    return `%${this.id} = ${this.op}(${this.inputs.map((input) => `%${input.id}`).join(", ")}) : ${
      showShape(this.shape)
    }`;
  }
}

let nextId = 0;

/** Whether a tensor is made by the primitive `op`; narrows its attributes. */
export function is<O extends Op>(tensor: Tensor, op: O): tensor is Tensor<O> {
  return tensor.op === op;
}

const scopes: string[] = [];

/** Names what is traced inside `body`: slots and errors get `name` in front. Scopes nest with dots. */
export function scope<T>(name: string, body: () => T): T {
  scopes.push(name);
  try {
    return body();
  } finally {
    scopes.pop();
  }
}

/** The current scope, for instance `G.block1`, or the empty string outside of any. */
export function currentScope(): string {
  return scopes.join(".");
}

/** The innermost stack line that is the user's own. */
function userLine(): string {
  const frames = new Error().stack?.split("\n").slice(1) ?? [];
  const frame = frames.find((line) => !/\/src\/(graph|nn)\//.test(line)) ?? "";
  return frame.trim().replace(/^at /, "").replace(/file:\/\//, "");
}

/** While a graph is rewritten or differentiated, new nodes belong to the node they came from. */
let inherited: Origin | undefined;

/**
 * Runs `body`, whose new nodes belong to `origin`: errors and profiles then name the layer and line that a rewritten
 * node or a gradient came from.
 */
export function withOrigin<T>(origin: Origin, body: () => T): T {
  const outer = inherited;
  inherited = origin;
  try {
    return body();
  } finally {
    inherited = outer;
  }
}

/**
 * Makes a node after checking its operands' shapes.
 * @throws ShapeError with the layer, the primitive, the shapes and the user's source line.
 */
export function make<O extends Op>(op: O, attributes: Attributes[O], inputs: readonly Tensor[]): Tensor<O> {
  const origin = inherited ?? { scope: currentScope(), line: userLine() };
  let shape: Shape;
  try {
    shape = shapeRules[op](attributes, inputs.map((input) => input.shape));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const layer = origin.scope === "" ? "" : `${origin.scope}: `;
    const shapes = inputs.map((input) => showShape(input.shape)).join(", ");
    throw new ShapeError(`${layer}${op}(${shapes}): ${error.message} (${origin.line})`);
  }
  return new Tensor(op, attributes, inputs, shape, origin);
}
