/** Golden vectors: what PyTorch computes, read from `tests/golden` (its README explains the files) into our layouts. */
import { decodeSafetensors } from "../../src/checkpoint/safetensors.ts";
import { type FileTensor, fromFile, toFile } from "../../src/checkpoint/layout.ts";
import { sizeOf } from "../../src/core/shape.ts";
import type { Slot } from "../../src/graph/store.ts";
import { assertNormClose } from "./assert.ts";

/** The settings that operations have; each file holds those of its own. */
export interface GoldenAttributes {
  readonly stride: number;
  readonly padding: number;
  readonly outputPadding: number;
  readonly dilation: number;
  readonly groups: number;
  readonly kernel: number;
  readonly scale: number;
  readonly axis: number;
  readonly axes: number | readonly number[];
  readonly eps: number;
  readonly slope: number;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly alpha: number;
  readonly momentum: number;
  readonly weight_decay: number;
  readonly z: number;
  readonly f: number;
  readonly image: number;
  readonly hidden: number;
  readonly batch: number;
  readonly steps: number;
  readonly critic: number;
  readonly lambda_: number;
  readonly gamma: number;
}

export interface Golden {
  /** File name without its ending. */
  readonly name: string;
  readonly op: string;
  readonly attributes: GoldenAttributes;
  /** In the order and layout of the file. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
}

const folder = new URL("../golden/", import.meta.url);
const ending = ".safetensors";

/** The names of all files, in alphabetical order. */
export function goldenNames(): string[] {
  return [...Deno.readDirSync(folder)]
    .filter(({ name }) => name.endsWith(ending))
    .map(({ name }) => name.slice(0, -ending.length))
    .sort();
}

export function readGolden(name: string): Golden {
  const { tensors, metadata } = decodeSafetensors(Deno.readFileSync(new URL(name + ending, folder)));
  return { name, op: metadata.op, attributes: JSON.parse(metadata.attrs), tensors };
}

/** The tensor called `name`. */
export function tensorOf({ name: file, tensors }: Golden, name: string): FileTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`${file} holds no ${name}`);
  return tensor;
}

/** The names behind a prefix: `in.x` and `in.w` give x and w for `in`. */
export function namesUnder({ tensors }: Golden, prefix: string): string[] {
  return [...tensors.keys()].flatMap((name) => name.startsWith(`${prefix}.`) ? [name.slice(prefix.length + 1)] : []);
}

/** A value in our layout: tensors with four axes are images, NCHW in files and NHWC here; all others are as they are. */
export function channelsLast(tensor: FileTensor): FileTensor {
  if (tensor.shape.length !== 4) return tensor;
  const [images, channels, height, width] = tensor.shape;
  const shape = [images, height, width, channels];
  return { shape, data: fromFile({ name: "an image", shape, layout: "filter" }, tensor) };
}

/** Part `index` of a tensor along its first axis. */
export function partOf({ shape: [parts, ...shape], data }: FileTensor, index: number): FileTensor {
  if (index >= parts) throw new Error(`there is no part ${index} of ${parts}`);
  const size = sizeOf(shape);
  return { shape, data: data.subarray(index * size, (index + 1) * size) };
}

/** Compares the values of a slot with a tensor of the file, in the layout of files. */
export function assertSlotClose(
  what: string,
  slot: Slot,
  found: ArrayLike<number>,
  expected: FileTensor,
  tolerance: number,
): void {
  const { shape, data } = toFile(slot, Float32Array.from(found));
  assertNormClose(what, shape, data, expected.data, tolerance);
}
