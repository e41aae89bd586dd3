/** Four vectors of four floats, turned from columns into rows. */

import { store4 } from "../simd";

/** Row r of `to`, `step` bytes apart, is element r of each of the columns. */
// @ts-ignore: decorator
@inline export function storeTransposed(
  column0: v128,
  column1: v128,
  column2: v128,
  column3: v128,
  to: usize,
  step: usize,
): void {
  const low02 = v128.shuffle<f32>(column0, column2, 0, 4, 1, 5), high02 = v128.shuffle<f32>(column0, column2, 2, 6, 3, 7);
  const low13 = v128.shuffle<f32>(column1, column3, 0, 4, 1, 5), high13 = v128.shuffle<f32>(column1, column3, 2, 6, 3, 7);
  store4(to, v128.shuffle<f32>(low02, low13, 0, 4, 1, 5));
  store4(to + step, v128.shuffle<f32>(low02, low13, 2, 6, 3, 7));
  store4(to + step * 2, v128.shuffle<f32>(high02, high13, 0, 4, 1, 5));
  store4(to + step * 3, v128.shuffle<f32>(high02, high13, 2, 6, 3, 7));
}
