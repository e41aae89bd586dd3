/**
 * What happens to a tile of sums on its way to C: what is there already is added, then bias and activation, then the
 * rows are stored.
 *
 * Computes: addRows: sums += C; finish: tile = act(tile + bias), of sums or of C itself; storeRows: C = sums.
 * Shapes: sums is 6 × tileColumns (16 or 8), of which `rows` × `columns` belong to C.
 * Layout: sums [6][tileColumns]; row r of C starts at c + word r of `offsets` (bytes), its columns are adjacent.
 * Requires: 1 ≤ rows ≤ 6, 1 ≤ columns ≤ tileColumns; `bias` is 0 or points to `columns` floats.
 * Writes: sums (addRows), the tile (finish), C's rows × columns elements and nothing beside them (storeRows).
 * Error: one rounding an addition, then that of the activation.
 * Chosen because: tiles at the edges of C, and those whose rows lie scattered (an image grid), go through `sums`: one
 *   register tile for all, at the price of a pass over 384 bytes of level-1 cache. All others are stored in place.
 */

import { tanh4 } from "../math";
import { load4, loadFloat, loadWord, store4, storeFloat } from "../simd";
import { copyFloats } from "./floats";
import { PANEL_COLUMNS, TILE_ROWS } from "../abi.gen";

/** Codes of the field `activation`. */
// @ts-ignore: decorator
@inline const RELU: u32 = 1;
// @ts-ignore: decorator
@inline const LEAKY_RELU: u32 = 2;
// @ts-ignore: decorator
@inline const TANH: u32 = 3;

/** sums += C, before `finish`. */
export function addRows(sums: usize, tileColumns: i32, c: usize, offsets: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--) {
    addFloats(sums, c + <usize>loadWord(offsets), columns);
    offsets += 4;
    sums += <usize>tileColumns << 2;
  }
}

/** C = sums. */
export function storeRows(sums: usize, tileColumns: i32, c: usize, offsets: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--) {
    const to = c + <usize>loadWord(offsets);
    if (columns == 16) {
      const sum0 = load4(sums), sum4 = load4(sums, 16), sum8 = load4(sums, 32), sum12 = load4(sums, 48);
      store4(to, sum0);
      store4(to, sum4, 16);
      store4(to, sum8, 32);
      store4(to, sum12, 48);
    } else copyFloats(sums, columns, to);
    offsets += 4;
    sums += <usize>tileColumns << 2;
  }
}

/** to[i] += from[i]; whole rows of the wide tile without a loop. */
// @ts-ignore: decorator
@inline function addFloats(to: usize, from: usize, columns: i32): void {
  if (columns == 16) {
    const sum0 = f32x4.add(load4(to), load4(from)), sum4 = f32x4.add(load4(to, 16), load4(from, 16));
    const sum8 = f32x4.add(load4(to, 32), load4(from, 32)), sum12 = f32x4.add(load4(to, 48), load4(from, 48));
    store4(to, sum0);
    store4(to, sum4, 16);
    store4(to, sum8, 32);
    store4(to, sum12, 48);
    return;
  }
  for (; columns >= 4; columns -= 4) {
    store4(to, f32x4.add(load4(to), load4(from)));
    to += 16;
    from += 16;
  }
  for (; columns > 0; columns--) {
    storeFloat(to, loadFloat(to) + loadFloat(from));
    to += 4;
    from += 4;
  }
}

/** Six rows of a tile, `rowStep` bytes apart: act(x + bias) in place; `bias` may be 0. */
export function finish(
  tile: usize,
  rowStep: usize,
  tileColumns: i32,
  bias: usize,
  columns: i32,
  activation: u32,
  slope: f32,
): void {
  if (columns == PANEL_COLUMNS && activation < TANH) {
    finishPanel(tile, rowStep, bias, activation, slope);
    return;
  }
  for (let row: i32 = 0; row < TILE_ROWS; row++) {
    if (bias != 0) addFloats(tile, bias, columns);
    if (activation != 0) finishFloats(tile, 0, tileColumns, activation, slope, tile);
    tile += rowStep;
  }
}

/** The same for rows of a whole panel, without calls; no `TANH`. */
function finishPanel(tile: usize, rowStep: usize, bias: usize, activation: u32, slope: f32): void {
  const slopes = f32x4.splat(slope), zero = f32x4.splat(0);
  let bias0 = zero, bias4 = zero, bias8 = zero, bias12 = zero;
  if (bias != 0) {
    bias0 = load4(bias);
    bias4 = load4(bias, 16);
    bias8 = load4(bias, 32);
    bias12 = load4(bias, 48);
  }
  for (let row: i32 = 0; row < TILE_ROWS; row++) {
    let x0 = load4(tile), x4 = load4(tile, 16), x8 = load4(tile, 32), x12 = load4(tile, 48);
    if (bias != 0) {
      x0 = f32x4.add(x0, bias0);
      x4 = f32x4.add(x4, bias4);
      x8 = f32x4.add(x8, bias8);
      x12 = f32x4.add(x12, bias12);
    }
    if (activation == RELU) {
      x0 = f32x4.pmax(x0, zero);
      x4 = f32x4.pmax(x4, zero);
      x8 = f32x4.pmax(x8, zero);
      x12 = f32x4.pmax(x12, zero);
    } else if (activation == LEAKY_RELU) {
      x0 = leakyRelu(x0, slopes);
      x4 = leakyRelu(x4, slopes);
      x8 = leakyRelu(x8, slopes);
      x12 = leakyRelu(x12, slopes);
    }
    store4(tile, x0);
    store4(tile, x4, 16);
    store4(tile, x8, 32);
    store4(tile, x12, 48);
    tile += rowStep;
  }
}

/** x < 0 ? slope·x : x, so that NaN stays NaN. */
// @ts-ignore: decorator
@inline function leakyRelu(x: v128, slopes: v128): v128 {
  return v128.bitselect(f32x4.mul(x, slopes), x, f32x4.lt(x, f32x4.splat(0)));
}

/** to = act(from + bias) for `count` adjacent floats, a multiple of 8; `bias` may be 0. */
export function finishFloats(from: usize, bias: usize, count: i32, activation: u32, slope: f32, to: usize): void {
  const slopes = f32x4.splat(slope), zero = f32x4.splat(0);
  for (; count > 0; count -= 8) {
    let low = load4(from), high = load4(from, 16);
    if (bias != 0) {
      low = f32x4.add(low, load4(bias));
      high = f32x4.add(high, load4(bias, 16));
      bias += 32;
    }
    if (activation == RELU) {
      low = f32x4.pmax(low, zero); // x < 0 ? 0 : x
      high = f32x4.pmax(high, zero);
    } else if (activation == LEAKY_RELU) {
      low = leakyRelu(low, slopes);
      high = leakyRelu(high, slopes);
    } else if (activation == TANH) {
      low = tanh4(low);
      high = tanh4(high);
    }
    store4(to, low);
    store4(to, high, 16);
    from += 32;
    to += 32;
  }
}
