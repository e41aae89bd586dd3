/** One experiment, from its data to its page. */
import { type ExperimentName, loadExperiment } from "../course/experiments.ts";
import type { Context } from "./command.ts";
import { requireReplaceable, writeExperiment } from "./course_directory.ts";
import type { CourseParsed } from "./course_flags.ts";
import { CourseStage, loadSets } from "./course_stage.ts";
import { duration } from "./progress.ts";

/** Runs an experiment and writes its page. @returns what is to be said about it. @throws DuelError */
export async function perform(name: ExperimentName, flags: CourseParsed["flags"], context: Context): Promise<string> {
  await requireReplaceable(flags, [name]);
  const start = performance.now();
  const experiment = await loadExperiment(name);
  await using stage = new CourseStage(flags, await loadSets(experiment.data, flags), context);
  const findings = await experiment.run(stage);
  const report = await writeExperiment(flags, context.shell, name, experiment, findings);
  return [
    `${experiment.title[flags.lang]} (${duration(performance.now() - start)})`,
    ...findings.summary.map((line) => `  ${line}`),
    `  ${report}`,
  ].join("\n");
}
