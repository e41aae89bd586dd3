/** Walking graphs. */
import type { Tensor } from "./tensor.ts";

/** All nodes that the roots depend on, operands before users (ids grow in that order). */
export function reachable(roots: Iterable<Tensor>): Tensor[] {
  const seen = new Set<Tensor>(roots);
  const stack = [...seen];
  for (let node = stack.pop(); node; node = stack.pop()) {
    for (const operand of node.inputs) {
      if (!seen.has(operand)) {
        seen.add(operand);
        stack.push(operand);
      }
    }
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** For each node, the nodes that use it, in order; a user appears once. */
export function users(nodes: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const result = new Map<Tensor, Tensor[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) {
    for (const operand of new Set(node.inputs)) result.get(operand)?.push(node);
  }
  return result;
}
