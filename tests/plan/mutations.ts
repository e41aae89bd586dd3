/**
 * Verification by mutation: programs are corrupted at random; each must be refused by the verifier, or end and stay
 * inside its declared footprints, without races, in the checking build.
 *
 *     deno run -A tests/plan/mutations.ts [count] [seed]
 */
import { AssertionError } from "node:assert/strict";
import { VerifyError } from "../../src/core/errors.ts";
import { decode } from "../../src/plan/encode.ts";
import { verifier } from "../../src/plan/verify.ts";
import { type Random, randomOf } from "../support/random.ts";
import { CheckingBuild, type Located } from "./checking.ts";
import { samplePrograms } from "./sample_programs.ts";
import type { Sample } from "./sketch.ts";

const SINGLE_BIT = 1 << 8;
const BARRIER_BIT = 1 << 9;
const LIMITS = [0, 1, 2, 0x3fff_ffff, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

/** Start of every instruction of a program that decodes. */
function starts(words: Uint32Array): number[] {
  const at: number[] = [];
  for (let i = 0; i < words.length; i += words[i + 1]) at.push(i);
  return at;
}

/** A place where a program has an operand, a count or a float. */
type Edit = (words: number[], at: number, random: Random) => number;

const below = (random: Random, bound: number) => Math.floor(random() * bound);

/** New contents of one word. */
const edits: readonly Edit[] = [
  (_words, _at, random) => below(random, 2 ** 32),
  (_words, _at, random) => below(random, 20),
  (_words, _at, random) => LIMITS[below(random, LIMITS.length)],
  (words, at, random) => words[at] ^ 1 << below(random, 32),
  (words, at) => words[at] + 1,
  (words, at) => words[at] - 1,
  (words, at) => words[at] * 2,
  (words, at) => words[at] >>> 1,
  (words, at) => -words[at],
  (words, at, random) => words[at] + 4 * (below(random, 65) - 32),
  (words, _at, random) => words[below(random, words.length)],
];

/** What can happen to a whole program. `begins` are the starts of its instructions. */
const corruptions: readonly ((words: number[], begins: readonly number[], random: Random) => number[])[] = [
  function truncate(words, _begins, random) {
    return words.slice(0, below(random, words.length));
  },
  function duplicate(words, begins, random) {
    const [from, to] = [begins[below(random, begins.length)], begins[below(random, begins.length)]];
    return [...words.slice(0, to), ...words.slice(from, from + words[from + 1]), ...words.slice(to)];
  },
  function remove(words, begins, random) {
    const from = begins[below(random, begins.length)];
    return [...words.slice(0, from), ...words.slice(from + words[from + 1])];
  },
  function exchange(words, begins, random) {
    const [a, b] = [begins[below(random, begins.length)], begins[below(random, begins.length)]].sort((a, b) => a - b);
    const [endA, endB] = [a + words[a + 1], b + words[b + 1]];
    if (a === b) return words;
    return [
      ...words.slice(0, a),
      ...words.slice(b, endB),
      ...words.slice(endA, b),
      ...words.slice(a, endA),
      ...words.slice(endB),
    ];
  },
  function changeHead(words, begins, random) {
    const at = begins[below(random, begins.length)];
    return words.with(
      at,
      words[at] ^ [SINGLE_BIT, BARRIER_BIT, SINGLE_BIT | BARRIER_BIT, below(random, 32)][below(random, 4)],
    );
  },
  function exchangeOperands(words, begins, random) {
    const begin = begins[below(random, begins.length)];
    const [a, b] = [begin + below(random, words[begin + 1]), begin + below(random, words[begin + 1])];
    return words.with(a, words[b]).with(b, words[a]);
  },
];

/** Edits of single words come this often for each corruption of the whole. */
const WORD_SHARE = 0.75;

/** A program with one to three corruptions, never equal to the original. */
function corrupt(words: Uint32Array, random: Random): Uint32Array {
  const begins = starts(words);
  for (;;) {
    let mutated = Array.from(words);
    if (random() < WORD_SHARE) {
      for (let left = 1 + below(random, 3); left > 0; left--) {
        const at = below(random, mutated.length);
        mutated = mutated.with(at, edits[below(random, edits.length)](mutated, at, random) >>> 0);
      }
    } else {
      mutated = corruptions[below(random, corruptions.length)](mutated, begins, random);
    }
    const result = Uint32Array.from(mutated);
    if (result.length !== words.length || result.some((word, i) => word !== words[i])) return result;
  }
}

/** Instructions between barriers, of which at least one differs from the original program. */
function changedIntervals({ plan, words }: Sample, mutated: Uint32Array): Located[][] {
  const program = decode(mutated);
  const [begins, originals] = [starts(mutated), starts(words)];
  const changed = program.map((_, i) =>
    mutated.subarray(begins[i], begins[i + 1]).some((word, j) => word !== words[originals[i] + j])
  );
  const intervals: Located[][] = [];
  let [interval, differs]: [Located[], boolean] = [[], false];
  program.forEach((instruction, i) => {
    interval.push({ instruction, address: plan.regions.program.begin + 4 * begins[i] });
    differs ||= changed[i];
    if (!instruction.barrier && i + 1 < program.length) return;
    if (differs) intervals.push(interval);
    [interval, differs] = [[], false];
  });
  return intervals;
}

export interface Tally {
  refused: number;
  harmless: number;
  /** Longest run of one accepted program, in milliseconds. */
  slowest: number;
}

/** Programs to be corrupted, and the machine that runs those which the verifier lets pass. */
export class MutationTest {
  readonly tally: Tally = { refused: 0, harmless: 0, slowest: 0 };
  readonly #samples: readonly (Sample & { readonly verify: (words: Uint32Array) => void })[];
  readonly #build: CheckingBuild;

  private constructor(samples: readonly Sample[], build: CheckingBuild) {
    this.#samples = samples.map((sample) => ({ ...sample, verify: verifier(sample.plan) }));
    this.#build = build;
  }

  static async load(samples: readonly Sample[]): Promise<MutationTest> {
    const bytes = Math.max(...samples.map(({ plan }) => plan.regions.scratch.end));
    const build = await CheckingBuild.load(bytes);
    for (const { plan: { regions } } of samples) {
      const { begin } = regions.constants;
      // Small whole numbers, so that most indices are good.
      build.floats(begin, (regions.arena.end - begin) / 4).forEach((_, i, all) => all[i] = i % 7);
    }
    return new MutationTest(samples, build);
  }

  /**
   * Corrupts one program; `index` and `seed` decide which one and how.
   * @throws AssertionError if it passes the verifier and does harm.
   */
  run(index: number, seed: string): void {
    const sample = this.#samples[index % this.#samples.length];
    const mutated = corrupt(sample.words, randomOf(`${seed} ${index}`));
    try {
      sample.verify(mutated);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw new Error(`corruption ${index} of seed ${seed}`, { cause: error });
      this.tally.refused++;
      return;
    }
    const began = performance.now();
    this.#build.words(sample.plan.regions.program.begin, mutated.length).set(mutated);
    try {
      for (const interval of changedIntervals(sample, mutated)) this.#build.runInterval(interval, sample.plan.threads);
    } catch (error) {
      throw new AssertionError({
        message: `corruption ${index} of seed ${seed} (${sample.plan.name}) passes the verifier: ${error}`,
      });
    }
    this.tally.harmless++;
    this.tally.slowest = Math.max(this.tally.slowest, performance.now() - began);
  }
}

if (import.meta.main) {
  const [count = 100_000, seed = "1"] = Deno.args.map((arg, i) => i === 0 ? Number(arg) : arg) as [number?, string?];
  if (!Number.isInteger(count) || count < 1) {
    console.error("mutations: expected a number of corruptions and a seed, as in `deno task mutations 1000 7`");
    Deno.exit(2);
  }
  const test = await MutationTest.load(samplePrograms());
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    test.run(i, seed);
    if ((i + 1) % 10_000 === 0) console.log(`${i + 1} of ${count}`, test.tally);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${count} corruptions in ${seconds} s: ${test.tally.refused} refused, ${test.tally.harmless} harmless`);
}
