/**
 * The roofs of this machine, against which kernels are measured: how fast it multiplies and adds where nothing has to be
 * fetched, and how fast it moves floats. No program uses them.
 *
 * A fused multiply-add takes four cycles on most processors and two of them start in each, so eight independent chains
 * keep it busy; there are twelve, as in the register tiles of `scripts/tiles.ts`.
 */
import { load4, multiplyAdd, store4 } from "./simd";

/**
 * `rounds` times x ← x·a + b in twelve chains of 8 floats: 192·rounds operations. The revectoriser makes each chain one
 * register of 256 bits; without it there are too few registers.
 * @param memory byte address of a (8 floats), b (8 floats) and the chains (96 floats, overwritten)
 */
export function wideRoof(rounds: i32, memory: usize): void {
  const a0 = load4(memory, 0), a4 = load4(memory, 16);
  const b0 = load4(memory, 32), b4 = load4(memory, 48);
  const chains = memory + 64;
  let x0_0 = load4(chains, 0), x0_4 = load4(chains, 16);
  let x1_0 = load4(chains, 32), x1_4 = load4(chains, 48);
  let x2_0 = load4(chains, 64), x2_4 = load4(chains, 80);
  let x3_0 = load4(chains, 96), x3_4 = load4(chains, 112);
  let x4_0 = load4(chains, 128), x4_4 = load4(chains, 144);
  let x5_0 = load4(chains, 160), x5_4 = load4(chains, 176);
  let x6_0 = load4(chains, 192), x6_4 = load4(chains, 208);
  let x7_0 = load4(chains, 224), x7_4 = load4(chains, 240);
  let x8_0 = load4(chains, 256), x8_4 = load4(chains, 272);
  let x9_0 = load4(chains, 288), x9_4 = load4(chains, 304);
  let x10_0 = load4(chains, 320), x10_4 = load4(chains, 336);
  let x11_0 = load4(chains, 352), x11_4 = load4(chains, 368);
  for (; rounds > 0; rounds--) {
    x0_0 = multiplyAdd(x0_0, a0, b0);
    x0_4 = multiplyAdd(x0_4, a4, b4);
    x1_0 = multiplyAdd(x1_0, a0, b0);
    x1_4 = multiplyAdd(x1_4, a4, b4);
    x2_0 = multiplyAdd(x2_0, a0, b0);
    x2_4 = multiplyAdd(x2_4, a4, b4);
    x3_0 = multiplyAdd(x3_0, a0, b0);
    x3_4 = multiplyAdd(x3_4, a4, b4);
    x4_0 = multiplyAdd(x4_0, a0, b0);
    x4_4 = multiplyAdd(x4_4, a4, b4);
    x5_0 = multiplyAdd(x5_0, a0, b0);
    x5_4 = multiplyAdd(x5_4, a4, b4);
    x6_0 = multiplyAdd(x6_0, a0, b0);
    x6_4 = multiplyAdd(x6_4, a4, b4);
    x7_0 = multiplyAdd(x7_0, a0, b0);
    x7_4 = multiplyAdd(x7_4, a4, b4);
    x8_0 = multiplyAdd(x8_0, a0, b0);
    x8_4 = multiplyAdd(x8_4, a4, b4);
    x9_0 = multiplyAdd(x9_0, a0, b0);
    x9_4 = multiplyAdd(x9_4, a4, b4);
    x10_0 = multiplyAdd(x10_0, a0, b0);
    x10_4 = multiplyAdd(x10_4, a4, b4);
    x11_0 = multiplyAdd(x11_0, a0, b0);
    x11_4 = multiplyAdd(x11_4, a4, b4);
  }
  store4(chains, x0_0, 0);
  store4(chains, x0_4, 16);
  store4(chains, x1_0, 32);
  store4(chains, x1_4, 48);
  store4(chains, x2_0, 64);
  store4(chains, x2_4, 80);
  store4(chains, x3_0, 96);
  store4(chains, x3_4, 112);
  store4(chains, x4_0, 128);
  store4(chains, x4_4, 144);
  store4(chains, x5_0, 160);
  store4(chains, x5_4, 176);
  store4(chains, x6_0, 192);
  store4(chains, x6_4, 208);
  store4(chains, x7_0, 224);
  store4(chains, x7_4, 240);
  store4(chains, x8_0, 256);
  store4(chains, x8_4, 272);
  store4(chains, x9_0, 288);
  store4(chains, x9_4, 304);
  store4(chains, x10_0, 320);
  store4(chains, x10_4, 336);
  store4(chains, x11_0, 352);
  store4(chains, x11_4, 368);
}

/**
 * The same with chains of 4 floats, 96·rounds operations: the roof where registers have 128 bits.
 * @param memory byte address of a (4 floats), b (4 floats) and the chains (48 floats, overwritten)
 */
export function narrowRoof(rounds: i32, memory: usize): void {
  const a = load4(memory, 0);
  const b = load4(memory, 16);
  const chains = memory + 32;
  let x0 = load4(chains, 0);
  let x1 = load4(chains, 16);
  let x2 = load4(chains, 32);
  let x3 = load4(chains, 48);
  let x4 = load4(chains, 64);
  let x5 = load4(chains, 80);
  let x6 = load4(chains, 96);
  let x7 = load4(chains, 112);
  let x8 = load4(chains, 128);
  let x9 = load4(chains, 144);
  let x10 = load4(chains, 160);
  let x11 = load4(chains, 176);
  for (; rounds > 0; rounds--) {
    x0 = multiplyAdd(x0, a, b);
    x1 = multiplyAdd(x1, a, b);
    x2 = multiplyAdd(x2, a, b);
    x3 = multiplyAdd(x3, a, b);
    x4 = multiplyAdd(x4, a, b);
    x5 = multiplyAdd(x5, a, b);
    x6 = multiplyAdd(x6, a, b);
    x7 = multiplyAdd(x7, a, b);
    x8 = multiplyAdd(x8, a, b);
    x9 = multiplyAdd(x9, a, b);
    x10 = multiplyAdd(x10, a, b);
    x11 = multiplyAdd(x11, a, b);
  }
  store4(chains, x0, 0);
  store4(chains, x1, 16);
  store4(chains, x2, 32);
  store4(chains, x3, 48);
  store4(chains, x4, 64);
  store4(chains, x5, 80);
  store4(chains, x6, 96);
  store4(chains, x7, 112);
  store4(chains, x8, 128);
  store4(chains, x9, 144);
  store4(chains, x10, 160);
  store4(chains, x11, 176);
}

/** Copies `count` floats, a multiple of 8. @param source, target byte addresses of ranges that do not overlap */
export function copyRoof(count: i32, source: usize, target: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const x0 = load4(source + i, 0);
    const x4 = load4(source + i, 16);
    store4(target + i, x0, 0);
    store4(target + i, x4, 16);
  }
}
