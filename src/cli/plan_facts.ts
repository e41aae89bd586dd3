/** What plans tell people: operations and memory. */
import type { Forms } from "../plan/fast_forms.ts";
import type { Mnemonic } from "../plan/instructions.ts";
import type { Plan, RegionName } from "../plan/plan.ts";

/** Convolutions that do not make every product. */
const fast: readonly Mnemonic[] = ["fastConvolution", "fastFilterGrad"];
/** Convolutions from, or to, few channels. */
const narrow: readonly Mnemonic[] = ["narrowConv", "narrowFilterGrad", "narrowInputGrad"];
const contractions: readonly Mnemonic[] = ["contract", "matvec", ...fast, ...narrow];

/**
 * Floating-point operations of matrix products and convolutions, and of everything. Fast forms of convolutions count as
 * many as if every product were made.
 */
export function flopsOf(plan: Plan): { readonly contractions: number; readonly all: number } {
  let contracted = 0, all = 0;
  for (const { instruction: { mnemonic }, flops } of plan.instructions) {
    all += flops;
    if (contractions.includes(mnemonic)) contracted += flops;
  }
  return { contractions: contracted, all };
}

/** What the flag `--exact` means to the planner. */
export function formsOf(exact: boolean): Forms {
  return exact ? "none" : "cheaper";
}

/** How convolutions are computed, in words; undefined where there is no choice. */
export function arithmeticOf(plans: readonly Plan[], exact: boolean): string | undefined {
  if (exact) return "every product made (--exact)";
  const uses = plans.some(({ instructions }) =>
    instructions.some(({ instruction: { mnemonic } }) => fast.includes(mnemonic))
  );
  return uses ? "fast convolutions" : undefined;
}

/** Bytes of each region, in the order of addresses. Programs of one Store share them. */
export function regionBytes({ regions }: Plan): [RegionName, number][] {
  return Object.entries(regions).map(([name, { begin, end }]) => [name as RegionName, end - begin]);
}
