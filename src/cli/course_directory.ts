/**
 * What the course leaves behind:
 *
 *     index.html             all experiments that have been run
 *     NAME/report.html       the page of an experiment
 *     NAME/numbers.json      what was measured
 *     NAME/*.png, *.gif      its figures
 */
import { join } from "node:path";
import * as v from "valibot";
import { readConfig, writeConfig } from "../checkpoint/config.ts";
import { UsageError } from "../core/errors.ts";
import { exists, fileError, readFile, writeFileAtomic } from "../core/files.ts";
import { experimentPage, pictureFiles } from "../course/article.ts";
import { excerpts } from "../course/excerpts.gen.ts";
import type { Experiment, Findings } from "../course/experiment.ts";
import { EXPERIMENT_NAMES, type ExperimentName, loadExperiment } from "../course/experiments.ts";
import { articlePage, type Link } from "../report/article.ts";
import type { CourseParsed } from "./course_flags.ts";
import { quoted } from "./text.ts";

type Flags = CourseParsed["flags"];

/** Written last: an experiment that has it is finished. */
const NUMBERS = "numbers.json";

/** The command line that repeats an experiment, but for where pages go and images come from. */
function commandOf({ quick, steps, seed, lang, data }: Flags, shell: string, name: ExperimentName): string {
  return [
    `${shell} course ${name}`,
    ...quick ? ["--quick"] : [],
    ...steps === undefined ? [] : [`--steps ${steps}`],
    `--seed ${seed}`,
    ...lang === "en" ? [] : [`--lang ${lang}`],
    ...data === undefined ? [] : [`--data ${quoted(data)}`],
  ].join(" ");
}

/**
 * Writes what an experiment found.
 * @param shell what stands in front of a command where it is typed.
 * @returns the path of its page. @throws DataError
 */
export async function writeExperiment(
  flags: Flags,
  shell: string,
  name: ExperimentName,
  experiment: Experiment,
  findings: Findings,
): Promise<string> {
  const folder = join(flags.out, name);
  await Deno.mkdir(folder, { recursive: true }).catch((error) => {
    throw fileError(error, "make", folder);
  });
  const pictures = pictureFiles(findings);
  for (const [file, bytes] of pictures) await writeFileAtomic(join(folder, file), bytes);
  const report = join(folder, "report.html");
  const { quick, steps, lang: language } = flags;
  const call = { command: commandOf(flags, shell, name), language, quick, ...steps !== undefined && { steps } };
  const page = experimentPage(experiment, findings, excerpts[name], call);
  await writeFileAtomic(report, new TextEncoder().encode(page));
  await writeConfig(join(folder, NUMBERS), {
    experiment: name,
    seed: flags.seed,
    quick: flags.quick,
    summary: [...findings.summary],
    pictures: pictures.map(([file]) => file),
    measures: Object.fromEntries(findings.measures.map(({ name, value }) => [name, value])),
  });
  return report;
}

const numbersSchema = v.object({ quick: v.boolean(), summary: v.array(v.string()), pictures: v.array(v.string()) });

/** What an experiment's last run has found; undefined if none has been finished. @throws DataError */
async function numbersOf(out: string, name: ExperimentName) {
  const path = join(out, name, NUMBERS);
  return await exists(path) ? await readConfig(path, numbersSchema, "run the experiment again") : undefined;
}

/**
 * A quick run must not take the place of a whole one.
 * @throws UsageError if it would.
 */
export async function requireReplaceable({ out, quick }: Flags, names: readonly ExperimentName[]): Promise<void> {
  if (!quick) return;
  for (const name of names) {
    if ((await numbersOf(out, name))?.quick !== false) continue;
    throw new UsageError(`${join(out, name)} holds a whole run; choose another --out for a quick one`);
  }
}

const indexTexts = {
  en: {
    title: "The course, run",
    lead: "Why GANs, step by step: each experiment with its report.",
    quick: "(a quick run: too short to show what a whole one shows)",
  },
  "zh-TW": {
    title: "課程實驗總覽",
    lead: "一步一步說明為什麼需要 GAN：每個實驗都有報告。",
    quick: "（快速執行：太短，看不出完整執行能看到的結果）",
  },
} as const;

/** Writes the page that leads to all experiments that have been run. @returns its path. @throws DataError */
export async function writeIndex({ out, lang }: Flags): Promise<string> {
  const { title, lead, quick: made } = indexTexts[lang];
  const links: Link[] = [];
  for (const name of EXPERIMENT_NAMES) {
    const numbers = await numbersOf(out, name);
    if (!numbers) continue;
    const { quick, summary, pictures } = numbers;
    const { title, about } = await loadExperiment(name);
    links.push({
      href: `${name}/report.html`,
      text: title[lang],
      lines: [about[lang], ...quick ? [made] : [], ...summary],
      ...pictures.length > 0 && { picture: await readFile(join(out, name, pictures[0])) },
    });
  }
  const page = articlePage({
    title,
    language: lang,
    lead: [lead],
    sections: [{ heading: "", content: { kind: "links", links } }],
  });
  const path = join(out, "index.html");
  await writeFileAtomic(path, new TextEncoder().encode(page));
  return path;
}
