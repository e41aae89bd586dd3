/** The golden vectors of PyTorch, as our tensors lie in memory. */
import { decodeSafetensors } from "../../src/checkpoint/safetensors.ts";

export interface Golden {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
  shape(name: string): readonly number[];
  /** As stored, in PyTorch's order. */
  values(name: string): Float32Array;
  /** The 4 axes (a, b, y, x) of images and filters reordered to (a, y, x, b). */
  channelsLast(name: string): Float32Array;
}

/** Reads `tests/golden/<name>.safetensors`. */
export async function golden(name: string): Promise<Golden> {
  const bytes = await Deno.readFile(new URL(`../golden/${name}.safetensors`, import.meta.url));
  const { tensors, metadata } = decodeSafetensors(bytes);
  const get = (tensor: string) => {
    const found = tensors.get(tensor);
    if (!found) throw new Error(`${name} has no tensor ${tensor}, only ${[...tensors.keys()].join(", ")}`);
    return found;
  };
  return {
    attributes: JSON.parse(metadata.attrs),
    names: [...tensors.keys()],
    shape: (tensor) => get(tensor).shape,
    values: (tensor) => get(tensor).data,
    channelsLast(tensor) {
      const { shape, data } = get(tensor);
      return channelsLast(data, shape);
    },
  };
}

/** (…, b, y, x) → (…, y, x, b) */
function channelsLast(data: Float32Array, shape: readonly number[]): Float32Array {
  const [channels, height, width] = shape.slice(-3);
  const area = height * width;
  return data.map((_, index) => {
    const image = Math.floor(index / (channels * area));
    const rest = index % (channels * area);
    return data[image * channels * area + (rest % channels) * area + Math.floor(rest / channels)];
  });
}
