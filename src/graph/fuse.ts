/**
 * Fusion: from a graph of primitives to a list of kernels, the units that touch memory once. Chains of pointwise nodes
 * become one `map` with several outputs, pointwise producers the prologue of a reduction, bias and activation the
 * epilogue of a contraction. Reshapes cost nothing: they are other names of the same memory.
 */
import { sameShape, type Shape, sizeOf } from "../core/shape.ts";
import { type Epilogue, findEpilogues } from "./epilogue.ts";
import { isPointwise, type Op } from "./primitives.ts";
import { is, type Tensor } from "./tensor.ts";
import { reachable, users as usersOf } from "./walk.ts";

/** Several pointwise expressions over one iteration space, computed in one pass. */
export interface MapKernel {
  readonly kind: "map";
  readonly shape: Shape;
  /** Pointwise nodes in order; their other operands are read from memory. */
  readonly body: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** Reductions over the same axes of one iteration space, with a pointwise prologue, in one pass. */
export interface ReduceKernel {
  readonly kind: "reduce";
  readonly shape: Shape;
  readonly axes: readonly number[];
  readonly body: readonly Tensor[];
  readonly outputs: readonly (Tensor<"sum"> | Tensor<"maxOver">)[];
}

export interface ContractKernel extends Epilogue {
  readonly kind: "contract";
  readonly outputs: readonly Tensor[];
}

/** Any other primitive, as it is. */
interface PlainKernel {
  readonly kind: "plain";
  readonly outputs: readonly Tensor[];
}

export type Kernel = MapKernel | ReduceKernel | ContractKernel | PlainKernel;

/** Limits that keep a fused expression inside the registers and the instruction small. */
const MAX_BODY = 48;
const MAX_OUTPUTS = 8;
/** A value is computed again in each kernel that wants it, rather than stored, below these costs. */
const MAX_REPEATED_NODES = 12;
const MAX_REPEATED_OPERANDS = 2;

const costly: ReadonlySet<Op> = new Set<Op>([
  "exp",
  "log",
  "log1p",
  "expm1",
  "tanh",
  "sigmoid",
  "softplus",
  "erf",
  "pow",
]);
const leafOps: ReadonlySet<Op> = new Set<Op>(["input", "slot", "literal", "constant"]);

/** Values that are in memory when the program starts, or are written into instructions. */
export function isLeaf(node: Tensor): boolean {
  return leafOps.has(node.op);
}

interface Group {
  kind: "map" | "reduce" | "single";
  shape: Shape;
  axes?: readonly number[];
  members: Tensor[];
  stored: Tensor[];
}

/** The kernels of a (simplified) graph, operands before users. Roots are stored, everything else only if it must be. */
export function fuse(roots: ReadonlySet<Tensor>): Kernel[] {
  return new Fuser(roots).kernels();
}

class Fuser {
  readonly #nodes: Tensor[];
  readonly #users: Map<Tensor, Tensor[]>;
  readonly #epilogues = new Map<Tensor, Epilogue>();
  /** Nodes inside an epilogue, and the value they end in. */
  readonly #inside = new Map<Tensor, Tensor>();
  readonly #homes = new Map<Tensor, Set<Group>>();
  readonly #groups: Group[] = [];

  constructor(readonly roots: ReadonlySet<Tensor>) {
    this.#nodes = reachable(roots);
    this.#users = usersOf(this.#nodes);
    for (const epilogue of findEpilogues(this.#nodes, roots)) {
      this.#epilogues.set(epilogue.output, epilogue);
      for (const node of epilogue.inside) this.#inside.set(node, epilogue.output);
    }
  }

  kernels(): Kernel[] {
    for (const node of [...this.#nodes].reverse()) this.#place(node);
    return sorted(this.#groups.map((group) => this.#kernel(group)));
  }

  #place(node: Tensor): void {
    if (isLeaf(node) || this.#inside.has(node)) return;
    if (is(node, "sum") || is(node, "maxOver")) this.#placeReduction(node);
    else if (isPointwise(node.op) && !this.#epilogues.has(node)) this.#placePointwise(node);
    else this.#open({ kind: "single", shape: node.shape, members: [], stored: [] }, node, true);
  }

  #open(group: Group, node: Tensor, stored: boolean): void {
    this.#groups.push(group);
    this.#join(group, node, stored);
  }

  #join(group: Group, node: Tensor, stored: boolean): void {
    group.members.push(node);
    if (stored) group.stored.push(node);
    const homes = this.#homes.get(node) ?? new Set();
    this.#homes.set(node, homes.add(group));
  }

  #placeReduction(node: Tensor<"sum"> | Tensor<"maxOver">): void {
    const shape = node.inputs[0].shape;
    const { axes } = node.attributes;
    const twin = this.#twin("reduce", node, node.inputs[0], (group) => sameShape(group.axes!, axes));
    if (twin) this.#join(twin, node, true);
    else this.#open({ kind: "reduce", shape, axes, members: [], stored: [] }, node, true);
  }

  /**
   * A group that walks the same space and reads an operand as large as it, which `expression` reads too: one pass then
   * serves both.
   */
  #twin(kind: Group["kind"], node: Tensor, expression: Tensor, fits: (group: Group) => boolean): Group | undefined {
    const size = sizeOf(expression.shape);
    const large = (root: Tensor) => [...this.#operandsOf(root)].filter((leaf) => sizeOf(leaf.shape) === size);
    const leaves = new Set(large(expression));
    return this.#groups.find((group) =>
      group.kind === kind && sameShape(group.shape, expression.shape) && fits(group) &&
      group.stored.length < MAX_OUTPUTS && group.members.length < MAX_BODY &&
      group.stored.some((root) => large(kind === "reduce" ? root.inputs[0] : root).some((leaf) => leaves.has(leaf))) &&
      !this.#reaches(this.#after(node), group)
    );
  }

  #placePointwise(node: Tensor): void {
    const candidates = new Set<Group>();
    for (const user of this.#users.get(node)!) {
      for (const group of this.#homes.get(user) ?? []) {
        if (group.kind !== "single" && sameShape(group.shape, node.shape) && group.members.length < MAX_BODY) {
          candidates.add(group);
        }
      }
    }
    if (!this.#mustBeStored(node)) {
      const inAll = this.#users.get(node)!.every((user) =>
        [...this.#homes.get(user) ?? []].every((home) => candidates.has(home))
      );
      if (inAll && (candidates.size === 1 || this.#cheapToRepeat(node))) {
        for (const group of candidates) this.#join(group, node, false);
        return;
      }
    }
    for (const group of candidates) {
      const outside = new Set([...this.#after(node)].filter((other) => other !== group));
      if (group.kind === "map" && group.stored.length < MAX_OUTPUTS && !this.#reaches(outside, group)) {
        this.#join(group, node, true);
        return;
      }
    }
    const twin = this.#twin("map", node, node, () => true);
    if (twin) this.#join(twin, node, true);
    else this.#open({ kind: "map", shape: node.shape, members: [], stored: [] }, node, true);
  }

  /** Whether somebody needs the value in memory: the host, or a kernel that fuses nothing. */
  #mustBeStored(node: Tensor): boolean {
    return this.roots.has(node) || this.#users.get(node)!.some((user) => {
      if (this.#inside.has(user) || this.#epilogues.has(user)) return true;
      if (is(user, "sum") || is(user, "maxOver")) return false;
      return !isPointwise(user.op) || !sameShape(user.shape, node.shape);
    });
  }

  /** The values in memory that a pointwise value of one shape is computed from. */
  #operandsOf(node: Tensor, path: Set<Tensor> = new Set()): Set<Tensor> {
    const leaves = new Set<Tensor>();
    const stack = [node];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const inner = isPointwise(next.op) && sameShape(next.shape, node.shape) && !this.#epilogues.has(next) &&
        (next === node || !this.#mustBeStored(next));
      if (!inner) leaves.add(next);
      else if (!path.has(next)) {
        path.add(next);
        stack.push(...next.inputs);
      }
    }
    return leaves;
  }

  #cheapToRepeat(node: Tensor): boolean {
    const path = new Set<Tensor>();
    const leaves = [...this.#operandsOf(node, path)];
    return path.size <= MAX_REPEATED_NODES && [...path].every((inner) => !costly.has(inner.op)) &&
      leaves.filter((leaf) => sizeOf(leaf.shape) === sizeOf(node.shape)).length <= MAX_REPEATED_OPERANDS;
  }

  /** The groups that read a node. */
  #after(node: Tensor): Set<Group> {
    const result = new Set<Group>();
    for (const user of this.#users.get(node)!) {
      const end = this.#inside.get(user) ?? user;
      for (const group of this.#homes.get(end) ?? []) result.add(group);
    }
    return result;
  }

  /** Whether `target` depends on any of the groups: then what feeds both cannot be computed inside it. */
  #reaches(from: Iterable<Group>, target: Group): boolean {
    const seen = new Set<Group>(from);
    const stack = [...seen];
    for (let group = stack.pop(); group; group = stack.pop()) {
      if (group === target) return true;
      for (const member of group.stored) {
        for (const next of this.#after(member)) {
          if (next !== group && !seen.has(next)) {
            seen.add(next);
            stack.push(next);
          }
        }
      }
    }
    return false;
  }

  #kernel(group: Group): Kernel {
    const byId = (a: Tensor, b: Tensor) => a.id - b.id;
    const outputs = [...group.stored].sort(byId);
    const { shape, axes } = group;
    if (group.kind === "single") {
      const epilogue = this.#epilogues.get(outputs[0]);
      return epilogue ? { kind: "contract", outputs, ...epilogue } : { kind: "plain", outputs };
    }
    if (group.kind === "map") return { kind: "map", shape, body: [...group.members].sort(byId), outputs };
    const reductions = outputs as (Tensor<"sum"> | Tensor<"maxOver">)[];
    const body = group.members.filter((member) => !group.stored.includes(member)).sort(byId);
    return { kind: "reduce", shape, axes: axes!, body, outputs: reductions };
  }
}

/** What a kernel reads from memory: values outside of it, without immediates, through reshapes to what is stored. */
export function operandsOf(kernel: Kernel): Tensor[] {
  const operands = ((): readonly Tensor[] => {
    switch (kernel.kind) {
      case "map":
        return kernel.body.flatMap((node) => node.inputs).filter((operand) => !kernel.body.includes(operand));
      case "reduce":
        return [...kernel.body, ...kernel.outputs].flatMap((node) => node.inputs)
          .filter((operand) => !kernel.body.includes(operand));
      case "contract":
        return [...kernel.contraction.inputs, ...(kernel.bias ? [kernel.bias] : [])];
      case "plain":
        return kernel.outputs[0].inputs;
    }
  })();
  return [...new Set(operands)].filter((operand) =>
    !(is(operand, "constant") && kernel.kind !== "contract" && kernel.kind !== "plain")
  );
}

/** Kernels in an order in which operands come first; otherwise as the program was traced. */
function sorted(kernels: readonly Kernel[]): Kernel[] {
  const maker = new Map<Tensor, Kernel>();
  for (const kernel of kernels) for (const output of kernel.outputs) maker.set(output, kernel);
  const done = new Set<Kernel>();
  const order: Kernel[] = [];
  const visit = (kernel: Kernel): void => {
    if (done.has(kernel)) return;
    done.add(kernel);
    for (const operand of operandsOf(kernel)) {
      const before = maker.get(operand);
      if (before) visit(before);
    }
    order.push(kernel);
  };
  const first = (kernel: Kernel) => Math.min(...kernel.outputs.map((output) => output.id));
  [...kernels].sort((a, b) => first(a) - first(b)).forEach(visit);
  return order;
}
