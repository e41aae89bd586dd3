/** `train --dry-run`: what a run would be, without one. */
import { compilePrograms } from "../plan/compile.ts";
import { layerTable } from "./layer_table.ts";
import { arithmeticOf, flopsOf, formsOf, regionBytes } from "./plan_facts.ts";
import { bytesText, flopsText, table } from "./text.ts";
import type { TrainSettings } from "./settings.ts";
import { ganOf, type Prepared } from "./train_networks.ts";

/** What the regions of memory hold. */
const regionMeaning = {
  program: "instructions",
  constants: "constants",
  state: "parameters, moments, averages",
  inputs: "batch and latents",
  arena: "activations and gradients",
  scratch: "blocks of threads",
} as const;

/** Layers, parameters, memory by kind and operations of a step. @throws PlanError if memory would not suffice. */
export function describeRun(networks: Prepared, settings: TrainSettings, threads: number): string {
  const { generator, store, steps, programs } = networks;
  store.seal();
  const { programs: compiled, bytes } = compilePrograms(store, programs, { threads, forms: formsOf(settings.exact) });
  const memory = table(
    ["memory", "", "bytes"],
    [
      ...regionBytes(compiled[0].plan).map(([name, size]) => [name, regionMeaning[name], bytesText(size)]),
      ["in all", "", bytesText(bytes)],
    ],
  );
  const planOf = (program: typeof programs[number]) => compiled.find((one) => one.program === program)!.plan;
  const d = flopsOf(planOf(steps.discriminator));
  const g = flopsOf(planOf(steps.generator));
  const k = settings.discriminatorSteps;
  const work = table(
    ["work", "operations", "in contractions"],
    [
      ["update of D", flopsText(d.all), flopsText(d.contractions)],
      ["update of G", flopsText(g.all), flopsText(g.contractions)],
      [`a step (D × ${k}, G)`, flopsText(k * d.all + g.all), flopsText(k * d.contractions + g.contractions)],
      ["the run", flopsText(settings.steps * (k * d.all + g.all)), ""],
    ],
  );
  const arithmetic = arithmeticOf(compiled.map(({ plan }) => plan), settings.exact);
  return [
    layerTable(ganOf(settings, generator)),
    memory,
    work,
    ...arithmetic === undefined ? [] : [`arithmetic: ${arithmetic}`],
  ].join(
    "\n\n",
  );
}
