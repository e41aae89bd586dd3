/**
 * Small languages whose rules can be checked exactly. Each text is a few characters long; what is left of its length is
 * filled with dots.
 */

export interface Language {
  readonly name: string;
  /** Characters of a text, dots included. */
  readonly length: number;
  /** All texts there are. */
  readonly texts: readonly string[];
}

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

function language(name: string, texts: readonly string[]): Language {
  const length = Math.max(...texts.map((text) => text.length));
  return { name, length, texts: texts.map((text) => text.padEnd(length, ".")) };
}

/** Sentences and verses. */
export const sentencesAndVerses = language("sentences", [...sentences(), ...verses()]);

/** Trees of nine nodes below a root: 4862. */
export const bracketTrees = language("trees", trees(9));

/** Most characters that a network tells apart; the rarest ones of a text become `RARE`. */
const MOST_CHARACTERS = 400;
const RARE = "□";
/** Most characters of a line that are learned. */
const MOST_LENGTH = 48;

/** A language of the lines of a text. */
export function languageOf(lines: readonly string[]): Language {
  const counts = new Map<string, number>();
  const cut = lines.map((line) => [...line].slice(0, MOST_LENGTH));
  for (const character of cut.flat()) counts.set(character, (counts.get(character) ?? 0) + 1);
  const known = new Set(
    [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_CHARACTERS).map(([character]) => character),
  );
  const texts = cut.map((line) => line.map((character) => known.has(character) ? character : RARE).join(""));
  return language("corpus", texts);
}

/** The characters of a language, in a fixed order. */
export function alphabetOf({ texts }: Language): string[] {
  return [...new Set(texts.flatMap((text) => [...text]))].sort();
}

/** How many of the texts follow the rules: they are among all there are. */
export function validShare({ texts: all }: Language, texts: readonly string[]): number {
  const valid = new Set(all);
  return texts.filter((text) => valid.has(text)).length / texts.length;
}

/** How many different valid texts there are among these, of all. */
export function coveredShare({ texts: all }: Language, texts: readonly string[]): number {
  const valid = new Set(all);
  return new Set(texts.filter((text) => valid.has(text))).size / valid.size;
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
