/** Short runs of floats: too short for `memory.copy` and `memory.fill`, which V8 turns into calls. */

import { loadFloat, load4, storeFloat, store4 } from "../simd";

export function copyFloats(from: usize, count: i32, to: usize): void {
  for (; count >= 4; count -= 4) {
    store4(to, load4(from));
    from += 16;
    to += 16;
  }
  for (; count > 0; count--) {
    storeFloat(to, loadFloat(from));
    from += 4;
    to += 4;
  }
}

export function clearFloats(to: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    store4(to, f32x4.splat(0));
    to += 16;
  }
  for (; count > 0; count--) {
    storeFloat(to, 0);
    to += 4;
  }
}
