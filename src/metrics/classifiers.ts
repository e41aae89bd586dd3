/** The extractors that come with duel, by name. */
import { createHash } from "node:crypto";
import { InternalError } from "../core/errors.ts";
import { type Channels, Extractor } from "./extractor.ts";

interface Entry {
  /** Name of the file in `classifiers`, without its ending. */
  readonly file: "mnist" | "faces";
  readonly channels: Channels;
  readonly about: string;
}

/** SHA-256 of the files. A change is another classifier: measure everything again, and give it another name. */
const digests = {
  mnist: "56c2951f74c901fb6964b20c686bb1d8f72de0147865de6c7bbcd0c9ac7cff7d",
  faces: "c3aee34e677281d2cc83f518221d9343168dfb428284b4efd132a94cdc30cd4f",
} as const satisfies Record<Entry["file"], string>;

export const extractors = {
  "duel-mnist-32": {
    file: "mnist",
    channels: "together",
    about: "digits of 32×32 pixels: trained on the 60,000 images of MNIST",
  },
  "duel-mnist-32x3": {
    file: "mnist",
    channels: "apart",
    about: "the same for digits stacked as red, green and blue: 1000 modes",
  },
  "duel-faces-32": {
    file: "faces",
    channels: "together",
    about: "drawn faces of 32×32 pixels: hair, style, skin, glasses, beard",
  },
} as const satisfies Record<string, Entry>;

export type ExtractorName = keyof typeof extractors;

/** Which extractor is meant for which data set. */
export const extractorOf: Readonly<Record<string, ExtractorName | undefined>> = {
  "mnist": "duel-mnist-32",
  "stacked-mnist": "duel-mnist-32x3",
  "faces": "duel-faces-32",
};

/** An extractor by name; its weights are part of the program. @throws InternalError if they are not the pinned ones. */
export async function loadExtractor(name: ExtractorName): Promise<Extractor> {
  const { file, channels } = extractors[name];
  const { classifiers } = await import("./classifiers.gen.ts");
  const bytes = Uint8Array.fromBase64(classifiers[file]);
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== digests[file]) {
    throw new InternalError(`the classifier ${file} has the SHA-256 ${digest}, expected ${digests[file]}; build again`);
  }
  return new Extractor(bytes, channels);
}
