/** A call of `course`: the list, one experiment, or all of them. */
import { UsageError } from "../core/errors.ts";
import type { Language } from "../course/experiment.ts";
import { EXPERIMENT_NAMES, type ExperimentName, loadExperiment } from "../course/experiments.ts";
import type { Context } from "./command.ts";
import { courseOfAll } from "./course_all.ts";
import { writeIndex } from "./course_directory.ts";
import type { CourseParsed } from "./course_flags.ts";
import { perform } from "./course_perform.ts";
import { table } from "./text.ts";

/** Does what the command line says. */
export async function course({ flags, positionals: { name } }: CourseParsed, context: Context): Promise<void> {
  if (name === "list") return console.log(await list(flags.lang, context.shell));
  if (name === "all") return await courseOfAll(flags, context);
  if (flags.data !== undefined && !(await loadExperiment(name as ExperimentName)).text) {
    throw new UsageError(`${name} learns from no text; leave out --data`);
  }
  console.log(await perform(name as ExperimentName, flags, context));
  await writeIndex(flags);
}

async function list(language: Language, shell: string): Promise<string> {
  const rows = await Promise.all(EXPERIMENT_NAMES.map(async (name) => {
    const { title, about } = await loadExperiment(name);
    return [[name, title[language]], ["", `  ${about[language]}`]];
  }));
  const head = language === "en" ? ["experiment", "what it shows"] : ["實驗", "說明什麼"];
  return `${table(head, rows.flat())}\n\n${shell} course NAME`;
}
