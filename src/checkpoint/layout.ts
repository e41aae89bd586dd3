/**
 * Between the arrays of slots, channels last, and the tensors of files, in PyTorch's layouts.
 * Only the order of elements changes, never their bits.
 */
import { DataError, InternalError } from "../core/errors.ts";
import { sameShape, type Shape, showShape, sizeOf } from "../core/shape.ts";

/** A tensor as files hold it: row-major, 4-byte floats. */
export interface FileTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** What this module needs to know of a slot. */
export interface SlotSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly layout: "plain" | "filter" | "transposedFilter";
}

/**
 * Axes of the file in terms of the axes of the slot. A filter is [out, height, width, in] in memory and
 * [out, in, height, width] in a file; a transposed one [in, height, width, out] and [in, out, height, width].
 */
const fileAxes = [0, 3, 1, 2] as const;

/** Shape of the slot's tensor in a file. */
function fileShape(slot: SlotSpec): Shape {
  if (slot.layout === "plain") return slot.shape;
  if (slot.shape.length !== 4) {
    throw new InternalError(`${slot.name} has shape ${showShape(slot.shape)}; expected the four axes of a filter`);
  }
  return fileAxes.map((axis) => slot.shape[axis]);
}

/** The tensor that a file holds for `data`, the `sizeOf(slot.shape)` values of a slot. It never shares their memory. */
export function toFile(slot: SlotSpec, data: Float32Array): FileTensor {
  const shape = fileShape(slot);
  if (data.length !== sizeOf(shape)) {
    throw new InternalError(`${slot.name} has ${data.length} values; expected ${showShape(slot.shape)}`);
  }
  if (slot.layout === "plain") return { shape, data: data.slice() };
  const [out, height, width, channels] = slot.shape;
  return { shape, data: exchangeAxes(data, out, height * width, channels) };
}

/**
 * The values of a slot that a file's tensor holds; the inverse of `toFile`. They never share the tensor's memory.
 * @throws DataError if the tensor's shape is not the slot's.
 */
export function fromFile(slot: SlotSpec, tensor: FileTensor): Float32Array {
  const expected = fileShape(slot);
  if (!sameShape(expected, tensor.shape)) {
    throw new DataError(
      `the file's ${slot.name} has shape ${showShape(tensor.shape)}, expected ${showShape(expected)}; ` +
        `it belongs to another model`,
    );
  }
  if (slot.layout === "plain") return tensor.data.slice();
  const [out, channels, height, width] = expected;
  return exchangeAxes(tensor.data, out, channels, height * width);
}

/** The tensors of a file for all slots; `read` gives the values of one. */
export function tensorsOf<S extends SlotSpec>(
  slots: readonly S[],
  read: (slot: S) => Float32Array,
): Map<string, FileTensor> {
  return new Map(slots.map((slot) => [slot.name, toFile(slot, read(slot))]));
}

/**
 * The values of all slots, by name, out of a file's tensors. Nothing is taken unless everything fits.
 * @throws DataError naming the first slot that the file lacks, that has another shape, or that no slot is for.
 */
export function valuesOf(
  slots: readonly SlotSpec[],
  tensors: ReadonlyMap<string, FileTensor>,
): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const slot of slots) {
    const tensor = tensors.get(slot.name);
    if (!tensor) throw new DataError(`the file holds no ${slot.name}; it belongs to another model`);
    values.set(slot.name, fromFile(slot, tensor));
  }
  for (const name of tensors.keys()) {
    if (!values.has(name)) {
      throw new DataError(`the file holds ${name}, which the model has not; it belongs to another model`);
    }
  }
  return values;
}

/** Copies [batch, rows, columns] to [batch, columns, rows]. Words, not floats, are moved: a float copy may alter NaNs. */
function exchangeAxes(data: Float32Array, batch: number, rows: number, columns: number): Float32Array {
  const result = new Float32Array(sizeOf([batch, rows, columns]));
  const from = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const to = new Uint32Array(result.buffer);
  for (let item = 0, read = 0; item < batch; item++) {
    for (let row = 0; row < rows; row++) {
      let write = item * rows * columns + row;
      for (let column = 0; column < columns; column++, write += rows) to[write] = from[read++];
    }
  }
  return result;
}
