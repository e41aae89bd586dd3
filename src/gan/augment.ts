import type { Tensor } from "../graph/tensor.ts";
export type Policy = "brightness";
export const policies: Readonly<Record<Policy, string>> = { brightness: "" };
export interface Augmentation {
  readonly policies: readonly Policy[];
  readonly adaptive: boolean;
}
export function augment(x: Tensor, _: Augmentation): Tensor {
  return x;
}
export function adaptProbability(_: Tensor, __: number): void {}
