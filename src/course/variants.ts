/** The losses of the zoo on one problem in the plane: which modes they find, how soon, and whether they keep them. */
import * as duel from "../mod.ts";
import type { Experiment, Figure, Findings, Stage } from "./experiment.ts";
import { joinedPictures } from "./images.ts";
import { mean, number, percent, share } from "./numbers.ts";
import { EVERY, investigate, MODES, type Outcome, type Run, toy } from "./variant_runs.ts";

/** Samples and looks that are shown: every second look. */
const SHOWN = 512;
const SHOWN_EVERY = 2 * EVERY;
/** Panels side by side, and their size in pixels. */
const PANELS = 5;
const PANEL = 170;
/** Lines that a chart has colours for. */
const LINES = 5;

const last = ({ looks }: Run) => looks[looks.length - 1].modes;

/** What is known of all runs of a variant, where it is known of all. */
function meanOf({ runs }: Outcome, value: (run: Run) => number | undefined): number | undefined {
  const known = runs.flatMap((run) => value(run) ?? []);
  return known.length === runs.length ? mean(known) : undefined;
}

/** The variant with the most, and how much that is. */
function best(outcomes: readonly Outcome[], value: (outcome: Outcome) => number | undefined) {
  const known = outcomes.flatMap((outcome) => {
    const found = value(outcome);
    return found === undefined ? [] : [{ name: outcome.name, found }];
  });
  return known.sort((a, b) => b.found - a.found).at(0);
}

/** What a table says of all runs of a variant. */
function row({ name, runs }: Outcome): string[] {
  return [
    name,
    runs.map(last).join(", "),
    runs.map(({ covered }) => covered ?? "–").join(", "),
    runs.map(({ kept }) => kept === undefined ? "–" : percent(kept)).join(", "),
    percent(mean(runs.map(({ near }) => near))),
    percent(mean(runs.map(({ averaged }) => averaged))),
  ];
}

/** All variants side by side, with the first seed, time after time. */
function pictures({ say, seed }: Stage, outcomes: readonly Outcome[]): duel.Content {
  const real = new Float32Array(2 * SHOWN);
  toy.fill(seed, 1e6, real);
  const steps = outcomes[0].runs[0].looks.map(({ step }) => step);
  const shown = steps.flatMap((step, index) => step % SHOWN_EVERY === 0 || index === steps.length - 1 ? [index] : []);
  const panel = ({ runs }: Outcome, index: number) => {
    const fake = runs[0].looks[index].samples.slice(0, 2 * SHOWN);
    return duel.scatter({ box: toy.box, real, fake, size: PANEL });
  };
  return {
    kind: "frames",
    frames: shown.map((index) => ({
      caption: say(`step ${steps[index]}`, `第 ${steps[index]} 步`),
      picture: joinedPictures(outcomes.map((outcome) => panel(outcome, index)), PANELS),
    })),
  };
}

/** Modes over time, as many variants in a chart as it has colours for. */
function charts({ say }: Stage, outcomes: readonly Outcome[]): Figure[] {
  const figures: Figure[] = [];
  for (let from = 0; from < outcomes.length; from += LINES) {
    const series = outcomes.slice(from, from + LINES).map(({ name, runs }) => ({
      name,
      points: runs[0].looks.map(({ step, modes }) => [step, modes] as const),
    }));
    figures.push({
      name: `modes-${from / LINES + 1}`,
      title: say("Modes found over time, first seed", "找到的峰數隨時間的變化（第一個種子）"),
      look: [
        say(
          `Of ${MODES}. Does a line that is at the top stay there?`,
          `總共 ${MODES} 個。到達頂端的線，會一直留在那裡嗎？`,
        ),
      ],
      content: { kind: "chart", x: say("step", "步數"), series },
    });
  }
  return figures;
}

function report(stage: Stage, outcomes: readonly Outcome[]): Findings {
  const { say, shell } = stage;
  const complete = outcomes.filter(({ runs }) => runs.every((run) => last(run) === MODES));
  const lucky = outcomes.filter(({ runs }) => new Set(runs.map(last)).size > 1).map(({ name }) => name);
  const worst = best(outcomes, ({ runs }) => -Math.min(...runs.map(last)))!;
  const soonest = best(outcomes, (outcome) => {
    const steps = meanOf(outcome, ({ covered }) => covered);
    return steps === undefined ? undefined : -steps;
  });
  const steadiest = best(outcomes, (outcome) => meanOf(outcome, ({ kept }) => kept));
  const nearest = best(outcomes, (outcome) => meanOf(outcome, ({ near }) => near))!;
  return {
    summary: [
      say(
        `${complete.length} of ${outcomes.length} variants end with all ${MODES} modes for every seed; the worst run, of ` +
          `${worst.name}, ends with ${-worst.found}`,
        `${outcomes.length} 種之中，有 ${complete.length} 種不論哪個種子，最後都有全部 ${MODES} 個峰；` +
          `最差的一次是 ${worst.name}，最後有 ${-worst.found} 個`,
      ),
      soonest && steadiest
        ? say(
          `soonest with all modes: ${soonest.name} (after ${
            (-soonest.found).toFixed(0)
          } steps on average); kept best by ` +
            `${steadiest.name} (at ${percent(steadiest.found)} of the looks from then on); most samples near a mode: ` +
            `${nearest.name} (${percent(nearest.found)})`,
          `最快找齊的是 ${soonest.name}（平均 ${(-soonest.found).toFixed(0)} 步）；找齊之後保持得最好的是 ` +
            `${steadiest.name}（之後的查看有 ${percent(steadiest.found)} 仍有全部的峰）；落在峰附近的樣本最多的是 ` +
            `${nearest.name}（${percent(nearest.found)}）`,
        )
        : say("none has ever had all modes for every seed", "沒有一種是每個種子都曾找齊所有的峰"),
      lucky.length > 0
        ? say(
          `how many modes there are at the end depends on the seed with ${lucky.join(", ")}`,
          `最後有幾個峰，會隨種子而不同的有：${lucky.join("、")}`,
        )
        : say(
          "with none does the number of modes at the end depend on the seed",
          "最後有幾個峰，沒有一種會隨種子而不同",
        ),
      say(
        "all have the same networks, one update of D for each of G, and rates that fade, but for steady-rates, which is " +
          "non-saturating without that; a variant may do better with settings of its own",
        "網路都相同，G 每更新一次，D 也更新一次，學習率逐漸變小；只有 steady-rates 例外，它是學習率固定的 non-saturating。換成適合自己的設定，有些方法可能更好",
      ),
    ],
    measures: outcomes.flatMap((outcome) => {
      const { name, runs } = outcome;
      const kept = meanOf(outcome, (run) => run.kept);
      const found = meanOf(outcome, (run) => run.covered);
      return [
        number(
          `modes-${name}`,
          say(`${name}: modes at the end, mean over seeds`, `${name}：最後的峰數，各種子的平均`),
          mean(runs.map(last)),
        ),
        ...found === undefined ? [] : [
          number(
            `found-${name}`,
            say(
              `${name}: step at which all modes were first there, mean over seeds`,
              `${name}：第一次找齊的步數，各種子的平均`,
            ),
            found,
          ),
        ],
        ...kept === undefined ? [] : [share(
          `kept-${name}`,
          say(
            `${name}: share of looks with all modes, once all were found`,
            `${name}：找齊之後，各次查看時仍有全部的峰的比例`,
          ),
          kept,
        )],
        share(
          `near-${name}`,
          say(`${name}: samples near a mode at the end`, `${name}：最後落在峰附近的樣本比例`),
          mean(runs.map(({ near }) => near)),
        ),
      ];
    }),
    figures: [
      {
        name: "table",
        title: say("Modes, time and stability", "峰數、時間與穩定性"),
        look: [
          say(
            "For each seed: modes at the end (a mode counts with one sample within three standard deviations), the step at which " +
              "all were first there, and how many of the looks from then on had all. Then the share of samples that are near " +
              "a mode, of G itself and of its moving average.",
            "每個種子：最後的峰數（峰的三個標準差之內有一個樣本就算）、第一次找齊的步數、之後各次查看時仍有全部的峰的比例。再來是落在峰附近的樣本比例：G 本身的，以及 G 的移動平均的。",
          ),
        ],
        content: {
          kind: "table",
          head: [
            "",
            ...[say("modes", "峰數"), say("all found at step", "找齊的步數"), say("kept", "保持")],
            ...[say("near a mode", "落在峰附近"), say("averaged G", "平均後的 G")],
          ],
          rows: outcomes.map(row),
        },
      },
      {
        name: "samples",
        title: say("Samples over time, first seed", "樣本隨時間的變化（第一個種子）"),
        look: [
          say(
            `From left to right, row by row: ${
              outcomes.map(({ name }) => name).join(", ")
            }. Orange is real, blue is G's. ` +
              "Whose samples come to rest on the modes, and whose go on wandering?",
            `由左到右、一列一列：${outcomes.map(({ name }) => name).join("、")}。橘色是真實的點，藍色是 G 的。` +
              "誰的樣本最後停在峰上，誰的一直在遊走？",
          ),
        ],
        content: pictures(stage, outcomes),
      },
      ...charts(stage, outcomes),
    ],
    next: [
      say(
        "Write a loss of your own (the README shows how) and add it to variants in variant_runs.ts.",
        "寫一個自己的損失函數（寫法見 README），加進 variant_runs.ts 的 variants。",
      ),
      say(
        `${shell} sweep studies/losses.json: all losses on digits, over random settings`,
        `${shell} sweep studies/losses.json：在手寫數字上比較所有的損失函數，其他設定隨機抽取`,
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "The zoo on one problem", "zh-TW": "各種 GAN 解同一個問題" },
  about: {
    en: "eight modes on a circle: what each loss finds, how soon, and how much that differs between seeds",
    "zh-TW": "圓上的八個峰（mode）：每種損失函數找到哪些、多快找到、換個隨機種子又差多少",
  },
  data: [],
  run: async (stage) => report(stage, await investigate(stage)),
};
