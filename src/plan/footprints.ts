/**
 * What each instruction may read and write, told from its operands alone: a table total over the instruction set. Only
 * instructions whose kernel is well defined have a footprint; of all others the operand that is wrong is named.
 *
 * That the kernels keep to it is tested in the checking build (`tests/plan/footprints_test.ts`).
 */
import type { Instruction, Mnemonic, Operands } from "./instructions.ts";
import type { Footprint } from "./footprints/access.ts";
import * as contraction from "./footprints/contraction.ts";
import * as fast from "./footprints/fast.ts";
import * as fewChannels from "./footprints/few_channels.ts";
import * as movement from "./footprints/movement.ts";
import * as pointwise from "./footprints/pointwise.ts";
import * as resampling from "./footprints/resampling.ts";

export type { Access, Axis, Box, Footprint, Scratch } from "./footprints/access.ts";

const footprints: { readonly [M in Mnemonic]: (operands: Operands<M>) => Footprint } = {
  halt: () => ({ reads: [], writes: [] }),
  fill: movement.fill,
  map: pointwise.map,
  reduce: pointwise.reduce,
  move: movement.move,
  pack: contraction.pack,
  contract: contraction.contract,
  matvec: contraction.matvec,
  gather: movement.gather,
  scatterAdd: movement.scatterAdd,
  oneHot: movement.oneHot,
  argmax: movement.argmax,
  cumulativeSum: movement.cumulativeSum,
  averagePool: resampling.averagePool,
  averagePoolGrad: resampling.averagePoolGrad,
  maxPoolPick: resampling.maxPoolPick,
  maxPoolScatter: resampling.maxPoolScatter,
  bilinear: resampling.bilinear,
  bilinearGrad: resampling.bilinearGrad,
  random: movement.random,
  fastFilter: fast.fastFilter,
  fastConvolution: fast.fastConvolution,
  fastGradient: fast.fastGradient,
  fastFilterGrad: fast.fastFilterGrad,
  narrowConv: fewChannels.narrowConv,
  narrowFilterGrad: fewChannels.narrowFilterGrad,
  narrowInputGrad: fewChannels.narrowInputGrad,
};

/**
 * The bytes that an instruction may touch.
 * @throws VerifyError naming the operand that makes the instruction meaningless, too long or larger than the memory.
 */
export function footprint(instruction: Instruction): Footprint {
  const of = footprints[instruction.mnemonic] as (operands: Instruction["operands"]) => Footprint;
  return of(instruction.operands);
}
