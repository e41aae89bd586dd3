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

/** Fills what is left of a text's length. */
export const PADDING = ".";
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

/** Balanced words of two kinds of brackets: "([])[()]". */
function brackets(pairs: number): string[] {
  if (pairs === 0) return [""];
  return Array.from({ length: pairs }, (_, inside) => inside).flatMap((inside) =>
    brackets(inside).flatMap((inner) =>
      brackets(pairs - 1 - inside).flatMap((rest) => [`(${inner})${rest}`, `[${inner}]${rest}`])
    )
  );
}

/** Pads texts to one length, and chooses which are learned: a share of them, the same each time. */
export function languageOf(texts: readonly string[], share = LEARNED): Language {
  const length = Math.max(...texts.map((text) => [...text].length));
  const padded = texts.map((text) => text + PADDING.repeat(length - [...text].length));
  const random = duel.random.uniforms(texts.length, 0, "learned texts", 0);
  return { length, texts: padded, learned: padded.filter((_, i) => random[i] < share) };
}

/** Sentences, verses, and brackets. */
export const grammar = languageOf([...sentences(), ...verses(), ...brackets(4)]);

/** Most characters that a network tells apart; the rarest ones of a text become `RARE`. */
const MOST_CHARACTERS = 1000;
const RARE = "□";
/** Most characters of a line that are learned. */
const MOST_LENGTH = 48;

/** A language of the lines of a text, all of which are learned: there is no grammar that knows more. */
export function languageOfLines(lines: readonly string[]): Language {
  const counts = new Map<string, number>();
  const cut = lines.map((line) => [...line].slice(0, MOST_LENGTH));
  for (const character of cut.flat()) counts.set(character, (counts.get(character) ?? 0) + 1);
  const known = new Set(
    [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_CHARACTERS).map(([character]) => character),
  );
  const texts = cut.map((line) => line.map((character) => known.has(character) ? character : RARE).join(""));
  return languageOf(texts, 1);
}

/** The characters of a language, in a fixed order. */
export function alphabetOf({ texts }: Language): string[] {
  return [...new Set(texts.flatMap((text) => [...text]))].sort();
}
