/**
 * Measures convolutions on this computer, directly and by their fast forms, and writes the table by which the planner
 * chooses (`src/plan/cost_table.ts`): `deno task fit-costs`. Commit the table with what the script prints.
 *
 * A way of computing costs a sum of counts times nanoseconds (`src/plan/costs.ts`), none of them negative; they are
 * fitted by least squares of relative errors, so that small convolutions count as much as large ones.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { traceWork } from "../bench/programs.ts";
import type { Conv } from "../bench/work.ts";
import { compileWasm } from "../src/backend/wasm/engine.ts";
import { cacheFolder } from "../src/cli/cache.ts";
import { flagsAccepted } from "../src/cli/launch.ts";
import { nativeFlags } from "../src/cli/mode.ts";
import { uniform } from "../src/core/random.ts";
import {
  type ConvolutionShape,
  type CostFace,
  costTerms,
  type Counts,
  directCounts,
  fastCounts,
} from "../src/plan/costs.ts";
import { type FastForm, fastForms, type Forms } from "../src/plan/fast_forms.ts";
import { build } from "./build.ts";

/** Convolutions for each form and face. */
const SAMPLES = 80;
/** Larger ones take too long, and are chosen by the same terms. */
const MOST_FLOPS = 1.5e9;
/** A measurement's repetitions and its least time; the shortest repetition counts, because others use the cores too. */
const REPETITIONS = 7;
const LEAST_MS = 40;
const SWEEPS = 20_000;

interface Measured {
  readonly form: FastForm;
  readonly face: CostFace;
  readonly shape: ConvolutionShape;
  readonly direct: number;
  readonly fast: number;
}

/** Shortest nanoseconds of a convolution on one thread. */
async function time(work: Conv, forms: Forms): Promise<number> {
  const { store, programs, inputs } = traceWork(work);
  const engine = await compileWasm(store, programs, { threads: 1, forms, native: true });
  try {
    let shortest = Infinity, spent = 0;
    for (let i = 0; i < REPETITIONS || spent < LEAST_MS; i++) {
      const start = performance.now();
      await engine.run(programs[0], inputs, { seed: 1, draw: i });
      const ms = performance.now() - start;
      spent += ms;
      shortest = Math.min(shortest, ms);
    }
    return 1e6 * shortest;
  } finally {
    await engine.close();
  }
}

/** Convolutions of the sizes that networks have, drawn at random. */
async function measure(form: FastForm, face: CostFace): Promise<Measured[]> {
  let drawn = 0;
  const among = <T>(values: readonly T[]) =>
    values[Math.floor(uniform(1, `${form.code} ${face}`, 0, drawn++) * values.length)];
  const results: Measured[] = [];
  const [kernel, stride] = form.taps === 2 ? [4, 2] : [3, 1];
  while (results.length < SAMPLES) {
    const grid = among([2, 4, 7, 8, 14, 16, 32]);
    const work: Conv = {
      kind: "conv",
      face: face === "convolution" ? "forward" : face,
      batch: among([1, 4, 16, 64]),
      size: grid * stride,
      inChannels: among([8, 16, 32, 64, 128, 256]),
      outChannels: among([8, 16, 32, 64, 128, 256]),
      kernel,
      stride,
      padding: 1,
      copies: 1,
    };
    const shape = {
      images: work.batch,
      gridHeight: grid,
      gridWidth: grid,
      depth: stride * stride * work.inChannels,
      n: work.outChannels,
    };
    if (2 * directCounts(face, form, shape).multiplyAdds > MOST_FLOPS) continue;
    results.push({ form, face, shape, direct: await time(work, "none"), fast: await time(work, "all") });
  }
  return results;
}

/** Nonnegative least squares of Σ (cost · count / measured − 1)², one coordinate after the other. */
function fit(samples: readonly { readonly counts: Counts; readonly measured: number }[]): Counts {
  const rows = samples.map(({ counts, measured }) => costTerms.map((term) => counts[term] / measured));
  const costs = costTerms.map(() => 0);
  const residuals = rows.map(() => -1);
  const squares = costTerms.map((_, j) => rows.reduce((sum, row) => sum + row[j] ** 2, 0));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let j = 0; j < costs.length; j++) {
      const slope = rows.reduce((sum, row, i) => sum + row[j] * residuals[i], 0);
      const next = Math.max(0, costs[j] - slope / squares[j]);
      rows.forEach((row, i) => residuals[i] += row[j] * (next - costs[j]));
      costs[j] = next;
    }
  }
  return Object.fromEntries(costTerms.map((term, j) => [term, Number(costs[j].toPrecision(3))])) as Counts;
}

function sumOf(costs: Counts, counts: Counts): number {
  return costTerms.reduce((sum, term) => sum + costs[term] * counts[term], 0);
}

/** How well the table does: its errors, and what its choices cost beside the right ones. */
function judge(samples: readonly Measured[], direct: Counts, fast: Counts): string {
  let right = 0, chosen = 0, best = 0;
  const errors: number[] = [];
  for (const { face, form, shape, ...measured } of samples) {
    const guess = {
      direct: sumOf(direct, directCounts(face, form, shape)),
      fast: sumOf(fast, fastCounts(face, form, shape)),
    };
    errors.push(Math.abs(guess.direct / measured.direct - 1), Math.abs(guess.fast / measured.fast - 1));
    const choice = guess.fast < guess.direct ? measured.fast : measured.direct;
    const better = Math.min(measured.fast, measured.direct);
    right += choice === better ? 1 : 0;
    chosen += Math.log(choice / better);
    best += Math.log(measured.direct / better);
  }
  errors.sort((a, b) => a - b);
  const percent = (value: number) => `${Math.round(100 * value)} %`;
  return `${right} of ${samples.length} choices right, ${
    percent(Math.expm1(chosen / samples.length))
  } above the best ` +
    `on average (always direct: ${percent(Math.expm1(best / samples.length))}), median error ` +
    percent(errors[errors.length >> 1]);
}

async function refit(): Promise<void> {
  const tables: string[] = [];
  for (const face of ["convolution", "filterGrad"] as const) {
    const byForm = [];
    for (const form of fastForms) byForm.push(await measure(form, face));
    const direct = fit(
      byForm.flat().map(({ form, shape, direct }) => ({ counts: directCounts(face, form, shape), measured: direct })),
    );
    const rows = [`direct: ${JSON.stringify(direct)}`];
    for (const [i, form] of fastForms.entries()) {
      const samples = byForm[i];
      const fast = fit(samples.map(({ shape, fast }) => ({ counts: fastCounts(face, form, shape), measured: fast })));
      rows.push(`${form.code}: ${JSON.stringify(fast)}`);
      console.log(`${face}, F(${form.outputs}, ${form.taps}): ${judge(samples, direct, fast)}`);
    }
    tables.push(`  ${face}: {\n${rows.map((row) => `    ${row},\n`).join("")}  },\n`);
  }
  const path = fileURLToPath(new URL("../src/plan/cost_table.ts", import.meta.url));
  await Deno.writeTextFile(
    path,
    "/** Nanoseconds on one thread, written by `scripts/fit_costs.ts`: see there before you change a number. */\n" +
      `export const costTable = {\n${tables.join("")}} as const;\n`,
  );
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
  console.log("wrote src/plan/cost_table.ts");
}

if (import.meta.main) {
  if (Deno.args[0] === "--measure") await refit();
  else if (Deno.args.length > 0) {
    console.error(
      "deno task fit-costs takes no arguments: it measures for about a minute and rewrites src/plan/cost_table.ts",
    );
    Deno.exit(Deno.args[0] === "--help" ? 0 : 2);
  } else if (!await flagsAccepted(join(cacheFolder(), "v8-flags.json"))) {
    console.error("this Deno has no native-speed mode, in which costs are measured");
    Deno.exit(1);
  } else {
    await build();
    console.error("measuring for about a minute; keep the computer idle");
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", `--v8-flags=${nativeFlags.join(",")}`, fileURLToPath(import.meta.url), "--measure"],
    }).spawn().status;
    Deno.exit(code);
  }
}
