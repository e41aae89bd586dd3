/** A call of `course`: loads what the experiments need, runs them one after the other, and writes what they find. */
import type { Experiment, Language } from "../course/experiment.ts";
import { EXPERIMENT_NAMES, type ExperimentName, loadExperiment } from "../course/experiments.ts";
import type { Context } from "./command.ts";
import { writeExperiment, writeIndex } from "./course_directory.ts";
import type { CourseParsed } from "./course_flags.ts";
import { CourseStage, loadSets } from "./course_stage.ts";
import { duration } from "./progress.ts";
import { table } from "./text.ts";

/** Does what the command line says. */
export async function course({ flags, positionals: { name } }: CourseParsed, context: Context): Promise<void> {
  if (name === "list") return console.log(await list(flags.lang, context.shell));
  const names = name === "all" ? EXPERIMENT_NAMES : [name as ExperimentName];
  const experiments = await Promise.all(names.map(async (name) => [name, await loadExperiment(name)] as const));
  const sets = await loadSets(new Set(experiments.flatMap(([, { data }]) => data)), flags);
  let index = "";
  for (const [name, experiment] of experiments) {
    const start = performance.now();
    await using stage = new CourseStage(flags, sets, context);
    const findings = await experiment.run(stage);
    const report = await writeExperiment(flags, context.shell, name, experiment, findings);
    console.log(`${experiment.title[flags.lang]} (${duration(performance.now() - start)})`);
    for (const line of findings.summary) console.log(`  ${line}`);
    console.log(`  ${report}`);
    index = await writeIndex(flags);
  }
  if (name === "all") console.log(index);
}

async function list(language: Language, shell: string): Promise<string> {
  const experiments = await Promise.all(EXPERIMENT_NAMES.map(async (name): Promise<[string, Experiment]> => [
    name,
    await loadExperiment(name),
  ]));
  const rows = experiments.flatMap((
    [name, { title, about }],
  ) => [[name, title[language]], ["", `  ${about[language]}`]]);
  return `${
    table(language === "en" ? ["experiment", "what it shows"] : ["實驗", "說明什麼"], rows)
  }\n\n${shell} course NAME`;
}
