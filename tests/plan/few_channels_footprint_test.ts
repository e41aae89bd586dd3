import assert from "node:assert/strict";
import type { Mnemonic, Operands } from "../../src/plan/instructions.ts";
import { floatsOf, footprintOf } from "./footprint_support.ts";

const window = {
  images: 2,
  height: 12,
  width: 16,
  channels: 3,
  outChannels: 32,
  kernelHeight: 4,
  kernelWidth: 4,
  strideY: 2,
  strideX: 2,
  padTop: 1,
  padLeft: 1,
  gridHeight: 6,
  gridWidth: 8,
  bandRows: 4,
  scratch: 1 << 20,
  scratchStride: 1 << 16,
};
const epilogue = { bias: 1 << 19, activation: 1, slope: 0 };
const conv: Operands<"narrowConv"> = { x: 4096, ...window, filters: 1 << 18, ...epilogue, out: 1 << 21 };
const filterGrad: Operands<"narrowFilterGrad"> = { x: 4096, ...window, dy: 1 << 18, chunkBands: 3, out: 1 << 21 };
const inputGrad: Operands<"narrowInputGrad"> = { dy: 4096, ...window, filters: 1 << 18, ...epilogue, out: 1 << 21 };

Deno.test("convolutions with few channels say how much they touch", () => {
  const [x, y] = [2 * 12 * 16 * 3, 2 * 6 * 8 * 32];
  const { reads, writes } = footprintOf("narrowConv", conv);
  assert.deepEqual({ ...floatsOf(reads), ...floatsOf(writes) }, { x, filters: 48 * 32, bias: 32, out: y });
  const sums = footprintOf("narrowFilterGrad", filterGrad);
  // Two bands an image, so pieces of 3 and 1 bands; a row of a window is 12 elements.
  assert.deepEqual({ ...floatsOf(sums.reads), ...floatsOf(sums.writes) }, { x, dy: y, out: 2 * 4 * 12 * 32 });
  const spread = footprintOf("narrowInputGrad", { ...inputGrad, bias: 0, kernelHeight: 3 });
  assert.deepEqual({ ...floatsOf(spread.reads), ...floatsOf(spread.writes) }, { dy: y, filters: 48 * 32, out: x });
});

Deno.test("convolutions with few channels are refused where their kernels would go astray", () => {
  const refuses = <M extends Mnemonic>(message: RegExp, mnemonic: M, operands: Operands<M>) =>
    assert.throws(() => footprintOf(mnemonic, operands), message);
  refuses(/gridWidth is 5, expected at least 6/, "narrowConv", { ...conv, gridWidth: 5 });
  refuses(/gridWidth is 5, expected at least 6/, "narrowInputGrad", { ...inputGrad, gridWidth: 5 });
  refuses(/outChannels is 24, expected a multiple of 16/, "narrowConv", { ...conv, outChannels: 24 });
  refuses(/outChannels is 24, expected a multiple of 16/, "narrowFilterGrad", { ...filterGrad, outChannels: 24 });
  refuses(/kernelWidth is 3, expected a multiple of 2/, "narrowInputGrad", { ...inputGrad, kernelWidth: 3 });
  refuses(/padTop is -1, expected at least 0/, "narrowInputGrad", { ...inputGrad, padTop: -1 });
  refuses(/padLeft is -1, expected at least 0/, "narrowInputGrad", { ...inputGrad, padLeft: -1 });
  refuses(/activation is 4, expected 0 to 3/, "narrowConv", { ...conv, activation: 4 });
  refuses(/bandRows is 0/, "narrowConv", { ...conv, bandRows: 0 });
  refuses(/chunkBands is 0/, "narrowFilterGrad", { ...filterGrad, chunkBands: 0 });
  refuses(/the band that windows cover is/, "narrowConv", { ...conv, padTop: -(2 ** 31) });
  refuses(/the work is/, "narrowInputGrad", {
    ...inputGrad,
    ...{ images: 2 ** 15, padTop: 2 ** 14, padLeft: 2 ** 14 },
  });
});
