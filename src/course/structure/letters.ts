/** Texts as one-hot characters, as networks read and write them. */
import * as duel from "../../mod.ts";
import { alphabetOf, type Language } from "./grammar.ts";

/** The characters of a language, and its texts as [length, alphabet], one-hot. */
export class Letters {
  readonly alphabet: readonly string[];
  readonly #index: ReadonlyMap<string, number>;

  constructor(readonly language: Language) {
    this.alphabet = alphabetOf(language);
    this.#index = new Map(this.alphabet.map((character, index) => [character, index]));
  }

  /** Values of a text. */
  get size(): number {
    return this.language.length * this.alphabet.length;
  }

  /** Indices of the characters of a text. */
  indices(text: string): number[] {
    return [...text].map((character) => this.#index.get(character)!);
  }

  /** Batch `draw` of the texts to learn from, any of them equally likely, as one-hot characters. */
  fill(seed: number, draw: number, target: Float32Array): void {
    const { learned } = this.language;
    target.fill(0);
    const count = target.length / this.size;
    duel.random.uniforms(count, seed, "texts", draw).forEach((share, i) => {
      this.indices(learned[Math.floor(share * learned.length)]).forEach((character, place) => {
        target[i * this.size + place * this.alphabet.length + character] = 1;
      });
    });
  }

  /** The likeliest texts of distributions [count, length, alphabet]. */
  read(values: Float32Array): string[] {
    const width = this.alphabet.length;
    return Array.from(
      { length: values.length / this.size },
      (_, i) =>
        Array.from({ length: this.language.length }, (_, place) => {
          const at = i * this.size + place * width;
          const part = values.subarray(at, at + width);
          return this.alphabet[part.indexOf(Math.max(...part))];
        }).join(""),
    );
  }
}
