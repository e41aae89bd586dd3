/**
 * Small languages whose rules can be checked exactly. Each text is a few characters long; what is left of its length is
 * filled with dots.
 */
import * as duel from "../../mod.ts";

export interface Language {
  /** Characters of a text, dots included. */
  readonly length: number;
  /** All texts there are. */
  readonly texts: readonly string[];
  /** Those that are learned from. Valid texts beyond them were understood, not memorised. */
  readonly learned: readonly string[];
}

/** Share of a grammar's texts that are learned from. */
const LEARNED = 0.8;

const ANIMALS = ["cat", "dog", "owl", "hen", "pig", "bat"];
const VERBS = ["see", "like", "feed"];

/** Sentences whose verb agrees with its subject: "a cat sees dogs", "cats see a dog". */
function sentences(): string[] {
  const one = ANIMALS.map((animal) => `a ${animal}`);
  const many = ANIMALS.map((animal) => `${animal}s`);
  return [...one, ...many].flatMap((subject) =>
    VERBS.flatMap((verb) =>
      [...one, ...many].map((object) => `${subject} ${subject.startsWith("a ") ? `${verb}s` : verb} ${object}`)
    )
  );
}

const QUALITIES = ["red", "big", "old", "sad", "wet"];
/** Words that rhyme with each other. */
const RHYMES = [["cat", "hat", "bat", "mat"], ["dog", "log", "fog", "hog"], ["hen", "pen", "den", "men"]];

/** Verses of two lines of seven letters that rhyme: "red cat,big hat". */
function verses(): string[] {
  return RHYMES.flatMap((words) =>
    words.flatMap((first) =>
      words.filter((second) => second !== first).flatMap((second) =>
        QUALITIES.flatMap((a) => QUALITIES.map((b) => `${a} ${first},${b} ${second}`))
      )
    )
  );
}

/** Trees as brackets: all balanced words of `pairs` pairs. */
function trees(pairs: number): string[] {
  const grow = (open: number, closed: number): string[] => {
    if (closed === pairs) return [""];
    return [
      ...open < pairs ? grow(open + 1, closed).map((rest) => `(${rest}`) : [],
      ...closed < open ? grow(open, closed + 1).map((rest) => `)${rest}`) : [],
    ];
  };
  return grow(0, 0);
}

/** Pads texts to one length, and chooses which are learned: a share of them, the same each time. */
function language(texts: readonly string[], share: number): Language {
  const length = Math.max(...texts.map((text) => [...text].length));
  const padded = texts.map((text) => text + ".".repeat(length - [...text].length));
  const random = duel.random.uniforms(texts.length, 0, "learned texts", 0);
  return { length, texts: padded, learned: padded.filter((_, i) => random[i] < share) };
}

/** Sentences and verses. */
export const sentencesAndVerses = language([...sentences(), ...verses()], LEARNED);

/** Trees of nine nodes below a root: 4862. */
export const bracketTrees = language(trees(9), LEARNED);

/** Most characters that a network tells apart; the rarest ones of a text become `RARE`. */
const MOST_CHARACTERS = 400;
const RARE = "□";
/** Most characters of a line that are learned. */
const MOST_LENGTH = 48;

/** A language of the lines of a text, all of which are learned: there is no grammar that knows more. */
export function languageOf(lines: readonly string[]): Language {
  const counts = new Map<string, number>();
  const cut = lines.map((line) => [...line].slice(0, MOST_LENGTH));
  for (const character of cut.flat()) counts.set(character, (counts.get(character) ?? 0) + 1);
  const known = new Set(
    [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_CHARACTERS).map(([character]) => character),
  );
  const texts = cut.map((line) => line.map((character) => known.has(character) ? character : RARE).join(""));
  return language(texts, 1);
}

/** The characters of a language, in a fixed order. */
export function alphabetOf({ texts }: Language): string[] {
  return [...new Set(texts.flatMap((text) => [...text]))].sort();
}

/** How well texts follow the rules. */
export interface Validity {
  /** Share of the texts that are valid: among all there are. */
  readonly valid: number;
  /** Share of the valid ones that were not learned from. */
  readonly fresh: number;
  /** Share of all valid texts there are that were found. */
  readonly covered: number;
}

/** Judges texts by the rules of a language. */
export function validityOf({ texts: all, learned }: Language, texts: readonly string[]): Validity {
  const [known, taught] = [new Set(all), new Set(learned)];
  const valid = texts.filter((text) => known.has(text));
  return {
    valid: valid.length / texts.length,
    fresh: valid.length === 0 ? 0 : valid.filter((text) => !taught.has(text)).length / valid.length,
    covered: new Set(valid).size / known.size,
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

/** Shares of all sequences of n characters. */
function ngrams(texts: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  let total = 0;
  for (const text of texts) {
    const characters = [...text];
    for (let at = 0; at + n <= characters.length; at++, total++) {
      const gram = characters.slice(at, at + n).join("");
      counts.set(gram, (counts.get(gram) ?? 0) + 1);
    }
  }
  return new Map([...counts].map(([gram, count]) => [gram, count / total]));
}
