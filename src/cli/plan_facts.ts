/** What plans tell people: operations and memory. */
import type { Plan, RegionName } from "../plan/plan.ts";

/** Floating-point operations of matrix products and convolutions, and of everything. */
export function flopsOf(plan: Plan): { readonly contractions: number; readonly all: number } {
  let contractions = 0, all = 0;
  for (const { instruction: { mnemonic }, flops } of plan.instructions) {
    all += flops;
    if (mnemonic === "contract") contractions += flops;
  }
  return { contractions, all };
}

/** Bytes of each region, in the order of addresses. Programs of one Store share them. */
export function regionBytes({ regions }: Plan): [RegionName, number][] {
  return Object.entries(regions).map(([name, { begin, end }]) => [name as RegionName, end - begin]);
}
