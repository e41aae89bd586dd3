/** Rows whose length is no multiple of four: the last lanes one by one, so that nothing beyond the row is touched. */
import { load4, loadFloat, store4, storeFloat } from "./simd";

/** The first `count` (1 to 4) floats at `pointer`; further lanes are 0. */
// @ts-ignore: decorator
@inline export function loadLanes(pointer: usize, count: u32): v128 {
  if (count >= 4) return load4(pointer);
  let lanes = f32x4.replace_lane(f32x4.splat(0), 0, loadFloat(pointer));
  if (count > 1) lanes = f32x4.replace_lane(lanes, 1, loadFloat(pointer, 4));
  if (count > 2) lanes = f32x4.replace_lane(lanes, 2, loadFloat(pointer, 8));
  return lanes;
}

/** Stores the first `count` (1 to 4) lanes. */
// @ts-ignore: decorator
@inline export function storeLanes(pointer: usize, lanes: v128, count: u32): void {
  if (count >= 4) {
    store4(pointer, lanes);
    return;
  }
  storeFloat(pointer, f32x4.extract_lane(lanes, 0));
  if (count > 1) storeFloat(pointer, f32x4.extract_lane(lanes, 1), 4);
  if (count > 2) storeFloat(pointer, f32x4.extract_lane(lanes, 2), 8);
}

/** `count` zeros. */
export function clear(pointer: usize, count: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= count; i += 4) store4(pointer + (i << 2), f32x4.splat(0));
  for (; i < count; i++) storeFloat(pointer + (i << 2), 0);
}

/** target[i] = source[i] for i below `count`. */
// @ts-ignore: decorator
@inline export function copy(target: usize, source: usize, count: u32): void {
  let i: u32 = 0;
  for (; i + 8 <= count; i += 8) {
    const low = load4(source + (i << 2));
    const high = load4(source + (i << 2), 16);
    store4(target + (i << 2), low);
    store4(target + (i << 2), high, 16);
  }
  for (; i < count; i++) storeFloat(target + (i << 2), loadFloat(source + (i << 2)));
}
