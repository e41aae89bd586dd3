/** Reverse-mode differentiation: the gradient of a scalar as more graph, built from the rules of each primitive. */
import { ShapeError } from "../core/errors.ts";
import { sameShape, type Shape, showShape } from "../core/shape.ts";
import { gradientRules } from "./gradient/rules.ts";
import { add, broadcast, constant, reshape } from "./ops.ts";
import { make, type Tensor, withOrigin } from "./tensor.ts";
import { reachable } from "./walk.ts";

/**
 * d loss / d wrt[i], each shaped like wrt[i]; zeros where the loss does not depend on it. What is not asked for is
 * never computed: nodes that lead to no member of `wrt` get no gradient.
 * @throws ShapeError if the loss is not a scalar.
 */
export function grad(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) {
    throw new ShapeError(`grad wants a scalar loss, not one of shape ${showShape(loss.shape)}; take its mean or sum`);
  }
  const nodes = reachable([loss]);
  const wanted = new Set(wrt);
  const leads = new Set<Tensor>();
  for (const node of nodes) {
    if (wanted.has(node) || node.inputs.some((operand) => leads.has(operand))) leads.add(node);
  }

  const gradients = new Map<Tensor, Tensor>([[loss, constant(1)]]);
  for (const node of nodes.reverse()) {
    const dy = gradients.get(node);
    if (!dy || !leads.has(node)) continue;
    withOrigin(node.origin, () => {
      node.inputs.forEach((operand, index) => {
        if (!leads.has(operand)) return;
        const rule = gradientRules[node.op] as (node: Tensor, dy: Tensor, index: number) => Tensor | undefined;
        const contribution = rule(node, dy, index);
        if (!contribution) return;
        const dx = unbroadcast(contribution, operand.shape);
        const known = gradients.get(operand);
        gradients.set(operand, known ? add(known, dx) : dx);
      });
    });
  }
  return wrt.map((tensor) => gradients.get(tensor) ?? broadcast(constant(0), tensor.shape));
}

/** The adjoint of broadcasting: sums the axes along which a tensor of shape `shape` was repeated. */
function unbroadcast(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const missing = x.rank - shape.length;
  // A rule may leave its result smaller than the operand (a scalar dy against a tensor); that is a broadcast still due.
  if (missing < 0) return unbroadcast(broadcast(x, shape), shape);
  const repeated = x.shape.flatMap((extent, axis) =>
    axis < missing || (shape[axis - missing] === 1 && extent !== 1) ? [axis] : []
  );
  const total = repeated.length === 0 ? x : make("sum", { axes: repeated }, [x]);
  return broadcast(reshape(total, total.shape.slice(missing)), shape);
}
