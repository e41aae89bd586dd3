/** The gradient that G follows in the plane, as arrows. */
import * as duel from "../mod.ts";

/** No arrow is longer. */
const LONGEST = 0.35;

// #region Where G would move its samples: up the gradient of D | G 會把樣本往哪裡移：沿著 D 的梯度往上
/** The slopes of D at `x`, [count, 2]: `gradient`. */
export function gradientField(store: duel.Store, model: duel.Model, count: number): duel.Program {
  return duel.trace(store, "field", () => {
    const x = duel.input("x", [count, 2]);
    const [gradient] = duel.grad(duel.ops.sum(model.discriminator(x, "evaluate")), [x]);
    return { gradient };
  });
}
// #endregion

/**
 * From each point [count, 2] along its gradient: [count, 4], both ends of each arrow. Most are in proportion to their
 * gradients, none is longer than `LONGEST`.
 */
export function arrowsAlong(from: Float32Array, gradients: Float32Array): Float32Array {
  const count = from.length / 2;
  const lengths = Array.from({ length: count }, (_, i) => Math.hypot(gradients[2 * i], gradients[2 * i + 1]));
  const usual = lengths.toSorted((a, b) => a - b)[Math.floor(0.9 * count)] || 1;
  return Float32Array.from({ length: 4 * count }, (_, i) => {
    const [point, axis] = [i >> 2, i & 1];
    const unit = LONGEST / Math.max(usual, lengths[point]);
    return from[2 * point + axis] + ((i & 2) === 0 ? 0 : unit * gradients[2 * point + axis]);
  });
}
