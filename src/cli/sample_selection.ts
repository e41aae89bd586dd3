/** Which images `sample` makes: their latent vectors and labels, and a word about each. */
import { UsageError } from "../core/errors.ts";
import type { Attribute } from "../models/attribute.ts";
import { type LatentDistribution, lerp, seedClass, seedLatent, slerp } from "../gan/latents.ts";
import type { SampleParsed } from "./sample_flags.ts";
import { hint } from "./suggest.ts";

/** A column of `labels.csv`. */
export interface Column {
  readonly name: string;
  readonly values: readonly string[];
}

/** Images to make. */
export interface Selection {
  /** [count, latent] */
  readonly latents: Float32Array;
  /** Classes, [count, attributes]; undefined where there are none. */
  readonly labels: Float32Array | undefined;
  /** What is known of each image. */
  readonly columns: readonly Column[];
  /** Part of a file's name. */
  readonly name: string;
  /** Images a row that belong together, if any do. */
  readonly row?: number;
}

/** An image to make: its latent vector, the seed of labels that nobody asked for, and what is said of it. */
interface Item {
  readonly latent: Float32Array;
  readonly seed: number;
  readonly text: string;
}

const MOST_IMAGES = 65536;
/** The class that stands for all classes. */
const ALL = "all";

/** The images of a command line. @throws UsageError */
export function select(
  parsed: SampleParsed,
  length: number,
  distribution: LatentDistribution,
  attributes: readonly Attribute[],
): Selection {
  const { flags } = parsed;
  const strip = flags.interpolate !== undefined;
  const latentOf = (seed: number) => seedLatent(seed, length, { threshold: flags.truncate, distribution });
  // Uniform numbers fill a cube, which a circle would leave.
  const walk = distribution === "normal" ? slerp : lerp;
  const { items, name, about } = strip ? interpolation(parsed, latentOf, walk) : bySeeds(parsed, latentOf);
  const asked = parseLabels(flags.label, attributes);
  // Each image under every class of what is asked for with "all", one behind the other.
  let choices: (readonly (number | undefined)[])[] = [attributes.map(() => undefined)];
  attributes.forEach((attribute, column) => {
    const classes = asked.get(attribute.name);
    if (classes) choices = choices.flatMap((choice) => classes.map((index) => choice.with(column, index)));
  });
  if (items.length * choices.length > MOST_IMAGES) tooMany();
  const all = items.flatMap((item) => choices.map((choice) => ({ ...item, choice })));
  const classOf = ({ seed, choice }: typeof all[number], column: number) =>
    choice[column] ?? seedClass(seed, attributes[column]);
  const labels = Float32Array.from(all.flatMap((item) => attributes.map((_, column) => classOf(item, column))));
  const words = [...asked].map(([key, classes]) => {
    const { classes: names } = attributes.find((attribute) => attribute.name === key)!;
    return `${key}-${classes.length === 1 ? names[classes[0]] : ALL}`;
  });
  return {
    latents: joined(all.map(({ latent }) => latent)),
    labels: attributes.length === 0 ? undefined : labels,
    columns: [
      { name: about, values: all.map(({ text }) => text) },
      ...attributes.map(({ name, classes }, column) => ({
        name,
        values: all.map((item) => classes[classOf(item, column)]),
      })),
    ],
    name: [name, ...words.map((word) => word.replaceAll(/[^\w.-]+/g, "_"))].join("-"),
    ...strip ? { row: all.length } : choices.length > 1 ? { row: choices.length } : {},
  };
}

/**
 * `hair=pink,glasses=none` as classes by attribute; `hair=all` as all classes.
 * @throws UsageError
 */
function parseLabels(texts: readonly string[], attributes: readonly Attribute[]): Map<string, readonly number[]> {
  const asked = new Map<string, readonly number[]>();
  for (const part of texts.flatMap((text) => text.split(","))) {
    const [name, value, ...rest] = part.split("=").map((word) => word.trim());
    const known = attributes.map((attribute) => attribute.name);
    const attribute = attributes.find((candidate) => candidate.name === name);
    if (!attribute) {
      const has = known.length === 0 ? "this generator was trained without labels" : `it knows ${known.join(", ")}`;
      throw new UsageError(`--label: there is no ${JSON.stringify(name)}; ${has}.${hint(name, known)}`);
    }
    const { classes } = attribute;
    const index = classes.indexOf(value);
    if (rest.length > 0 || value === undefined || (index < 0 && value !== ALL)) {
      const list = classes.length > 20 ? `${classes.slice(0, 20).join(", ")} …` : classes.join(", ");
      throw new UsageError(
        `--label: ${name} cannot be ${JSON.stringify(value ?? "")}; expected ${list}, or all.${
          hint(value ?? "", classes)
        }`,
      );
    }
    asked.set(name, value === ALL && index < 0 ? classes.map((_, i) => i) : [index]);
  }
  return asked;
}

interface Items {
  readonly items: readonly Item[];
  readonly name: string;
  /** What the text of an item is. */
  readonly about: string;
}

function bySeeds({ flags, given }: SampleParsed, latentOf: (seed: number) => Float32Array): Items {
  if (flags.seeds !== undefined && (given.has("seed") || given.has("n"))) {
    throw new UsageError("--seeds says which images and how many; --seed and --n do not go with it");
  }
  const seeds = flags.seeds === undefined
    ? Array.from({ length: flags.n ?? 64 }, (_, i) => flags.seed + i)
    : parseSeeds(flags.seeds);
  if (!seeds.every(Number.isSafeInteger)) {
    throw new UsageError(`--seed ${flags.seed} leaves no room for ${seeds.length} seeds; take a lower one`);
  }
  const name = flags.seeds === undefined ? `${seeds[0]}-${seeds.at(-1)}` : flags.seeds.slice(0, 60);
  const items = seeds.map((seed) => ({ latent: latentOf(seed), seed, text: String(seed) }));
  return { items, name: `seeds-${name}`, about: "seed" };
}

/** `3,7,20-29` as a list. @throws UsageError */
export function parseSeeds(text: string): number[] {
  const seeds = text.split(",").flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || match === null) {
      throw new UsageError(`${JSON.stringify(part)} is no seed; expected whole numbers and ranges, such as 3,7,20-29`);
    }
    if (last < first) throw new UsageError(`the range ${part.trim()} runs backwards; write ${last}-${first}`);
    if (last - first >= MOST_IMAGES) tooMany();
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  if (seeds.length > MOST_IMAGES) tooMany();
  return seeds;
}

function tooMany(): never {
  throw new UsageError(`these are more than ${MOST_IMAGES} images; draw them in several calls`);
}

function interpolation(
  { flags, given }: SampleParsed,
  latentOf: (seed: number) => Float32Array,
  walk: typeof slerp,
): Items {
  if (given.has("seeds") || given.has("seed")) {
    throw new UsageError("--interpolate names its two seeds; leave out --seed and --seeds");
  }
  const seeds = parseSeeds(flags.interpolate!);
  const count = flags.n ?? 8;
  if (seeds.length !== 2) {
    throw new UsageError(`--interpolate is ${JSON.stringify(flags.interpolate)}; expected two seeds, such as 3,7`);
  }
  if (count < 2) throw new UsageError("--n is 1; expected at least 2 images from one seed to another");
  const [from, to] = seeds.map(latentOf);
  const places = Array.from({ length: count }, (_, i) => i / (count - 1));
  const items = places.map((place) => ({
    latent: walk(from, to, place),
    seed: seeds[0],
    text: String(Number(place.toFixed(6))),
  }));
  return { items, name: `from-${seeds[0]}-to-${seeds[1]}`, about: `share of seed ${seeds[1]}` };
}

function joined(vectors: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(vectors.length * vectors[0].length);
  vectors.forEach((vector, i) => all.set(vector, i * vector.length));
  return all;
}
