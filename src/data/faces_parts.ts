/**
 * Which faces there are: from random numbers to facesjs's parts, and to labels.
 *
 * Of the parts only those are used that keep their shape at 32 pixels; the colours are far apart, so that a class is
 * seen at first sight. Not among them: baldness (it has no hair colour), hats, masks, and hair over the eyes.
 */
import type { FaceConfig } from "facesjs";
import { streamId, uniform } from "../core/random.ts";

/** A source of uniform numbers in [0, 1). */
type Uniform = () => number;

/** A face: what to draw, and what is known of it (an index into `FACE_ATTRIBUTES[i].classes`, for each i). */
export interface FaceChoice {
  readonly config: FaceConfig;
  /** CSS colours. */
  readonly background: string;
  readonly lens: string;
  readonly classes: readonly number[];
}

type Rgb = readonly [red: number, green: number, blue: number];

const HAIR_COLORS: Readonly<Record<string, Rgb>> = {
  black: [30, 26, 30],
  brown: [122, 69, 34],
  blond: [246, 207, 78],
  red: [216, 67, 31],
  pink: [248, 104, 182],
  blue: [52, 110, 232],
  green: [44, 172, 88],
};

const SKIN_TONES: Readonly<Record<string, Rgb>> = {
  pale: [255, 220, 194],
  tan: [230, 171, 123],
  brown: [178, 112, 64],
  dark: [108, 66, 42],
};

/** Hair in front of the head, and behind it. */
const HAIR_STYLES: Readonly<Record<string, readonly (readonly [front: string, back: string])[]>> = {
  short: [["short", "none"], ["crop", "none"], ["short2", "none"], ["parted", "none"], ["middle-part", "none"]],
  spiky: [["spike", "none"], ["spike2", "none"], ["messy-short", "none"], ["shortBangs", "none"], ["shaggy2", "none"]],
  curly: [["curly", "none"], ["curly2", "none"], ["curly3", "none"], ["afro", "none"], ["afro2", "none"]],
  bob: [["female1", "none"], ["female4", "none"], ["female5", "none"], ["female6", "none"]],
  long: [["female9", "female3"], ["female7", "female3"], ["short", "female3"], ["parted", "female4"]],
};

const BEARDS: Readonly<Record<string, readonly string[]>> = {
  none: ["none"],
  goatee: ["fullgoatee", "fullgoatee2", "fullgoatee3"],
  full: ["beard1", "beard2", "beard3", "beard-point"],
};

const GLASSES: Readonly<Record<string, { readonly part: string; readonly lens: string }>> = {
  none: { part: "none", lens: "none" },
  clear: { part: "glasses1-primary", lens: "rgba(225,238,255,.55)" },
  dark: { part: "glasses2-black", lens: "#1b1b22" },
};

const BACKGROUNDS: readonly Rgb[] = [[191, 227, 255], [255, 231, 194], [217, 207, 250], [201, 242, 214]];

/** What is known of each face, in the order of `FaceChoice.classes`. */
export const FACE_ATTRIBUTES: readonly { readonly name: string; readonly classes: readonly string[] }[] = [
  { name: "hair", classes: Object.keys(HAIR_COLORS) },
  { name: "style", classes: Object.keys(HAIR_STYLES) },
  { name: "skin", classes: Object.keys(SKIN_TONES) },
  { name: "glasses", classes: Object.keys(GLASSES) },
  { name: "beard", classes: Object.keys(BEARDS) },
];

/** How often each kind of glasses is worn, and each beard with short and with long hair. */
const GLASSES_ODDS = [0.6, 0.22, 0.18];
const BEARD_ODDS = { short: [0.55, 0.15, 0.3], long: [0.92, 0.03, 0.05] };

const EYES = ["eye1", "eye10", "eye15", "eye2", "eye4", "eye8", "female1"];
const EYEBROWS = ["eyebrow1", "eyebrow10", "eyebrow14", "eyebrow5", "eyebrow7", "eyebrow8"];
const MOUTHS = ["smile", "smile3", "smile2", "smile-closed", "mouth"];
const NOSES = ["nose1", "nose10", "nose2", "nose5", "nose8", "small"];
const EARS = ["ear1", "ear2", "ear3"];
const HEADS = [
  ...["head1", "head2", "head4", "head5", "head7", "head8", "head12", "head14", "head18"],
  ...["female1", "female3"],
];

/** Face `index` of the set with this seed: a pure function of both. */
export function faceAt(seed: number, index: number): FaceChoice {
  const stream = streamId("faces");
  let element = 0;
  return chooseFace(() => uniform(seed, stream, index, element++));
}

/** The face that a sequence of uniform numbers stands for. The order of the draws is part of the data set. */
function chooseFace(random: Uniform): FaceChoice {
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)];
  const between = (low: number, high: number): number => low + (high - low) * random();
  const index = (count: number): number => Math.floor(random() * count);
  const shade = (color: Rgb, most: number): string => {
    const channels = color.map((value) => Math.round(Math.min(Math.max(value + between(-most, most), 0), 255)));
    return `#${channels.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  };

  const hair = index(Object.keys(HAIR_COLORS).length);
  const style = index(Object.keys(HAIR_STYLES).length);
  const skin = index(Object.keys(SKIN_TONES).length);
  const glasses = weighted(GLASSES_ODDS, random());
  const isLong = ["bob", "long"].includes(Object.keys(HAIR_STYLES)[style]);
  const beard = weighted(isLong ? BEARD_ODDS.long : BEARD_ODDS.short, random());
  const [front, back] = one(Object.values(HAIR_STYLES)[style]);
  const frames = Object.values(GLASSES)[glasses];
  const config = {
    fatness: between(0, 0.9),
    teamColors: ["#333333", "#333333", "#333333"] satisfies [string, string, string],
    hairBg: { id: back },
    body: { id: "body", color: shade(Object.values(SKIN_TONES)[skin], 8), size: 1 },
    jersey: { id: "none" },
    ear: { id: one(EARS), size: between(0.7, 1.1) },
    head: { id: one(HEADS), shave: "rgba(0,0,0,0)" },
    eyeLine: { id: "none" },
    smileLine: { id: "none", size: 1 },
    miscLine: { id: "none" },
    facialHair: { id: one(Object.values(BEARDS)[beard]) },
    // Eyes, brows and mouth are larger than life: they are what a face of 32 pixels is recognised by.
    eye: { id: one(EYES), angle: between(-4, 4), size: between(1.15, 1.4) },
    eyebrow: { id: one(EYEBROWS), angle: between(-8, 12), size: 1.1 },
    hair: { id: front, color: shade(Object.values(HAIR_COLORS)[hair], 10), flip: random() < 0.5 },
    mouth: { id: one(MOUTHS), flip: random() < 0.5, size: between(1.2, 1.6) },
    nose: { id: one(NOSES), flip: random() < 0.5, size: between(0.7, 1.1) },
    glasses: { id: frames.part },
    accessories: { id: "none" },
  };
  const background = shade(one(BACKGROUNDS), 6);
  return { config, background, lens: frames.lens, classes: [hair, style, skin, glasses, beard] };
}

/** The index whose share of [0, 1) `at` lies in; the odds add up to 1. */
function weighted(odds: readonly number[], at: number): number {
  let index = 0;
  for (let sum = odds[0]; sum <= at && index < odds.length - 1; sum += odds[index]) index++;
  return index;
}
