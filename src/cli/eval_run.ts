/** A call of `eval`: samples of a run, its judge, and what came out. */
import { dirname, join } from "node:path";
import { writable, writeConfig } from "../checkpoint/config.ts";
import { UsageError } from "../core/errors.ts";
import { imageMetrics } from "../metrics/image_metrics.ts";
import { toyMetrics } from "../metrics/toys.ts";
import type { Context } from "./command.ts";
import { defaultThreads } from "./engine.ts";
import type { EvalParsed } from "./eval_flags.ts";
import { fileError } from "../core/files.ts";
import type { Judge, Verdict } from "./judge.ts";
import { Progress } from "./progress.ts";
import { runGenerator, seeded, withGenerator } from "./run_generator.ts";
import { openRunInput } from "./run_input.ts";
import { judgeOf } from "./run_judge.ts";
import { countText, figureText, table } from "./text.ts";

/** Judges the samples of a run as the command line says. */
export async function evaluate(parsed: EvalParsed, context: Context): Promise<void> {
  const { flags, positionals } = parsed;
  if (flags.list) return console.log(listMetrics());
  const input = await openRunInput(positionals.run, context.cwd);
  const { config, checkpoint } = input;
  if (flags.out !== undefined && !flags.force && await Deno.lstat(flags.out).then(() => true, () => false)) {
    throw new UsageError(`${flags.out} exists already; choose another --out, or add --force`);
  }
  const threads = flags.threads ?? defaultThreads();
  const metrics = flags.metrics?.split(",").map((name) => name.trim());
  const work = new Progress(1, "eval");
  const onWork = (what: string) => work.log(`… ${what}`);
  const judge = await judgeOf(config, { metrics, cache: flags.cacheDir, threads, onWork });
  const generator = runGenerator(input);
  const count = flags.n ?? judge.count;
  if (count > judge.most) {
    throw new UsageError(
      `--n ${count}: samples are judged beside as many real images that the generator has not seen, and ` +
        `${config.data.name} has ${countText(judge.most)} of these; take --n ${judge.most} at most`,
    );
  }
  if (!Number.isSafeInteger(flags.seed + count)) {
    throw new UsageError(`--seed ${flags.seed} leaves no room for ${count} seeds; take a lower one`);
  }
  const out = flags.out ?? join(input.paths.root, `eval-step-${String(checkpoint.step).padStart(6, "0")}.json`);
  const options = { backend: flags.backend, threads, mode: context.mode };
  const verdicts = await withGenerator(input, generator, count, options, async (draw, engine) => {
    const { latents, labels } = seeded(generator, config.model.latents, flags.seed, count);
    const attributes = generator.conditioning?.attributes ?? [];
    return await judge.judge({ samples: await draw(latents, labels), labels, attributes }, engine);
  }, judge.traced);
  await Deno.mkdir(dirname(out), { recursive: true }).catch((error) => {
    throw fileError(error, "make", dirname(out));
  });
  await writeConfig(out, {
    run: input.paths.root,
    step: checkpoint.step,
    samples: count,
    seed: flags.seed,
    extractor: judge.extractor ?? null,
    metrics: verdicts.map(({ value, floor, ...rest }) => ({
      ...rest,
      value: writable(value),
      floor: floor === undefined ? null : writable(floor),
    })),
  });
  console.log(verdictTable(verdicts, judge));
  console.log(`${countText(count)} samples of ${input.paths.root} after step ${countText(checkpoint.step)}; ${out}`);
}

/** The numbers beside their floors, and of how many samples, and real ones, each is made. */
function verdictTable(verdicts: readonly Verdict[], { extractor }: Pick<Judge, "extractor">): string {
  const rows = verdicts.map(({ name, value, floor, better, atLeast, count }) => [
    name,
    `${atLeast ? "≥ " : ""}${figureText(value)}`,
    floor === undefined ? "" : figureText(floor),
    countText(count),
    better === "neither" ? "as the floor" : `${better} is better`,
  ]);
  const seen = extractor && `seen through ${extractor.name}, SHA-256 ${extractor.digest}`;
  return [table(["metric", "samples", "real (floor)", "of each", ""], rows), ...seen ? [seen] : []].join("\n");
}

function listMetrics(): string {
  const rows = (metrics: Readonly<Record<string, { readonly about: string; readonly better: string }>>) =>
    table(["metric", ""], Object.entries(metrics).map(([name, { about }]) => [name, about]));
  return `Images\n\n${rows(imageMetrics)}\n\nPoints\n\n${rows(toyMetrics)}`;
}
