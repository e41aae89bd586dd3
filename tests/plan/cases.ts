/**
 * Random valid instructions of every opcode: small, but around the places where kernels change their way (lanes, tiles,
 * blocks, single elements, broadcasts, flips, windows that cross edges).
 */
import type fc from "fast-check";
import type { Mnemonic } from "../../src/plan/instructions.ts";
import type { Case } from "./cases/case.ts";
import * as contraction from "./cases/contraction.ts";
import * as fast from "./cases/fast.ts";
import * as fewChannels from "./cases/few_channels.ts";
import * as movement from "./cases/movement.ts";
import * as pointwise from "./cases/pointwise.ts";
import * as resampling from "./cases/resampling.ts";

export { type Case, instructionOf, type Memory } from "./cases/case.ts";

export type Cases = { readonly [M in Exclude<Mnemonic, "halt">]: fc.Arbitrary<Case<M>> };

/** A case generator for every opcode. */
export const cases: Cases = {
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

/** Opcodes with a case, in the order of the instruction set. */
export const mnemonics = Object.keys(cases) as (keyof Cases)[];
