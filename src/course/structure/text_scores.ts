/** How good texts are: by the rules of their language, and by the pairs and triples of characters in them. */
import * as duel from "../../mod.ts";
import { type Language, PADDING } from "./grammar.ts";

export interface TextScores {
  /** Share of the texts that are valid: among all there are. */
  readonly valid: number;
  /** Share of the valid ones that were not learned from. */
  readonly fresh: number;
  /** Share of all valid texts there are that were found. */
  readonly covered: number;
  /** Divergences of pairs and triples of characters from those of all texts there are. */
  readonly pairs: number;
  readonly triples: number;
}

/** Judges texts by all texts of their language. */
export function scoresOf({ texts: all, learned }: Language, texts: readonly string[]): TextScores {
  const [known, taught] = [new Set(all), new Set(learned)];
  const valid = texts.filter((text) => known.has(text));
  return {
    valid: valid.length / texts.length,
    fresh: valid.length === 0 ? 0 : valid.filter((text) => !taught.has(text)).length / valid.length,
    covered: new Set(valid).size / known.size,
    pairs: ngramDivergence(texts, all, 2),
    triples: ngramDivergence(texts, all, 3),
  };
}

/** The Jensen-Shannon divergence of the n-grams of two sets of texts, in nats: 0 to 0.693. */
export function ngramDivergence(a: readonly string[], b: readonly string[], n: number): number {
  const [p, q] = [a, b].map((texts) => ngrams(texts, n));
  let divergence = 0;
  for (const gram of new Set([...p.keys(), ...q.keys()])) {
    const [x, y] = [p.get(gram) ?? 0, q.get(gram) ?? 0];
    const middle = (x + y) / 2;
    if (x > 0) divergence += x * Math.log(x / middle) / 2;
    if (y > 0) divergence += y * Math.log(y / middle) / 2;
  }
  return divergence;
}

/** Shares of all sequences of n characters, but for those of padding alone. */
function ngrams(texts: readonly string[], n: number): Map<string, number> {
  const nothing = PADDING.repeat(n);
  const counts = new Map<string, number>();
  let total = 0;
  for (const text of texts) {
    const characters = [...text];
    for (let at = 0; at + n <= characters.length; at++) {
      const gram = characters.slice(at, at + n).join("");
      if (gram === nothing) continue;
      counts.set(gram, (counts.get(gram) ?? 0) + 1);
      total++;
    }
  }
  return new Map([...counts].map(([gram, count]) => [gram, count / total]));
}

/** Texts of a language, each drawn from all there are, any of them equally likely. */
export function realTexts({ texts }: Language, seed: number, count: number): string[] {
  const random = duel.random.uniforms(count, seed, "real texts", 0);
  return Array.from(random, (share) => texts[Math.floor(share * texts.length)]);
}

// #region Places that do not see each other: each takes its character from another text | 彼此看不到的位置：每個位置的字取自不同的文字
/** Texts whose characters are as frequent at each place as in the texts to learn from, but independent of each other. */
export function independentTexts({ learned, length }: Language, seed: number, count: number): string[] {
  const random = duel.random.uniforms(count * length, seed, "independent characters", 0);
  const characters = learned.map((text) => [...text]);
  return Array.from({ length: count }, (_, text) =>
    Array.from({ length }, (_, place) => {
      const share = random[text * length + place];
      return characters[Math.floor(share * learned.length)][place];
    }).join(""));
}
// #endregion
