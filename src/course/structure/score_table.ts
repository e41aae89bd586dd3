/** Texts of several sources, their scores, and the table of these. */
import type { Content } from "../../mod.ts";
import type { Measure, Stage } from "../experiment.ts";
import { percent, share } from "../numbers.ts";
import type { Language } from "./grammar.ts";
import { scoresOf, type TextScores } from "./text_scores.ts";

/** Texts of one source, and how good they are. */
export interface Source extends TextScores {
  /** In the names of measures. */
  readonly name: string;
  readonly about: string;
  readonly texts: readonly string[];
}

/** Judges what a source wrote. */
export function source(language: Language, name: string, about: string, texts: readonly string[]): Source {
  return { name, about, texts, ...scoresOf(language, texts) };
}

/** What the columns of the table mean. */
export function aboutScores(say: Stage["say"]): string {
  return say(
    "New: valid ones that were not among those to learn from. Covered: how many of all there are were found; the last row " +
      "says how many perfect samples of the same number find. Pairs and triples: Jensen-Shannon divergence of the pairs and " +
      "triples of neighbouring characters (0 to 0.69; lower is better), without those that are dots alone.",
    "新的：合法，而且不在訓練資料裡。涵蓋：所有合法的之中，找到了多少；最後一列是同樣數量的完美樣本能找到多少。二元組與三元組：相鄰字元的二元組與三元組的 Jensen-Shannon 散度（0 到 0.69，越小越好），只有點（.）的不算。",
  );
}

/** The scores of sources, a row each; the last one is perfect. */
export function scoreTable(say: Stage["say"], sources: readonly Source[]): Content {
  return {
    kind: "table",
    head: ["", ...[
      say("valid", "合法"),
      say("new", "新的"),
      say("covered", "涵蓋"),
      say("pairs", "二元組"),
      say("triples", "三元組"),
    ]],
    rows: sources.map(({ about, valid, fresh, covered, pairs, triples }) => [
      about,
      ...[valid, fresh, covered].map((value) => percent(value, 1)),
      ...[pairs, triples].map((value) => value.toFixed(3)),
    ]),
  };
}

/** The share of valid texts of each source, as `valid-NAME`. @param what what valid ones are. */
export function validShares(say: Stage["say"], what: string, sources: readonly Source[]): Measure[] {
  return sources.map(({ name, about, valid }) =>
    share(`valid-${name}`, say(`${what}: ${about}`, `${what}：${about}`), valid)
  );
}
