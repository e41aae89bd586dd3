/** Movement: elements change their places and nothing else. */
import { UsageError } from "../../core/errors.ts";
import { normalAxis, type Shape, sizeOf, stridesOf } from "../../core/shape.ts";
import { expand, offsetsOf, pick } from "./offsets.ts";
import type { Ref, Rules } from "./rule.ts";

type Movement =
  | "reshape"
  | "transpose"
  | "slice"
  | "pad"
  | "concat"
  | "broadcast"
  | "flip"
  | "gather"
  | "scatterAdd"
  | "oneHot";

/** Writes a block of shape `block`, whose first element lies at `start`, into an array of shape `output`. */
function place(out: Float64Array, output: Shape, start: readonly number[], block: Ref): void {
  const strides = stridesOf(output);
  const first = start.reduce((total, index, axis) => total + index * strides[axis], 0);
  offsetsOf(block.shape, strides, first).forEach((target, i) => out[target] = block.values[i]);
}

/** The indices, each checked: no number from outside decides an address. */
function checked(op: string, indices: Ref, rows: number): Float64Array {
  indices.values.forEach((index, i) => {
    if (!Number.isInteger(index) || index < 0 || index >= rows) {
      throw new UsageError(
        `${op}: index ${index} at position ${i} names no row; expected a whole number from 0 to ${rows - 1}`,
      );
    }
  });
  return indices.values;
}

export const movementRules: Rules<Movement> = {
  reshape: (_, [x]) => x.values,

  transpose({ permutation }, [x], output) {
    const strides = stridesOf(x.shape);
    return pick(x.values, offsetsOf(output, permutation.map((axis) => strides[axis])));
  },

  slice({ starts }, [x], output) {
    const strides = stridesOf(x.shape);
    const first = starts.reduce((total, index, axis) => total + index * strides[axis], 0);
    return pick(x.values, offsetsOf(output, strides, first));
  },

  pad({ before }, [x], output) {
    const out = new Float64Array(sizeOf(output));
    place(out, output, before, x);
    return out;
  },

  concat({ axis }, inputs, output) {
    const out = new Float64Array(sizeOf(output));
    const along = normalAxis(axis, output.length);
    let reached = 0;
    for (const input of inputs) {
      place(out, output, output.map((_, i) => i === along ? reached : 0), input);
      reached += input.shape[along];
    }
    return out;
  },

  broadcast: (_, [x], output) => expand(x, output),

  flip({ axes }, [x], output) {
    const strides = stridesOf(x.shape);
    let last = 0;
    for (const axis of axes.map((axis) => normalAxis(axis, output.length))) {
      last += (output[axis] - 1) * strides[axis];
      strides[axis] = -strides[axis];
    }
    return pick(x.values, offsetsOf(output, strides, last));
  },

  gather(_, [table, indices], output) {
    const rows = table.shape[0];
    const width = table.values.length / rows;
    const out = new Float64Array(sizeOf(output));
    checked("gather", indices, rows).forEach((row, i) => {
      out.set(table.values.subarray(row * width, (row + 1) * width), i * width);
    });
    return out;
  },

  scatterAdd({ rows }, [indices, updates], output) {
    const out = new Float64Array(sizeOf(output));
    const width = out.length / rows;
    checked("scatterAdd", indices, rows).forEach((row, i) => {
      for (let j = 0; j < width; j++) out[row * width + j] += updates.values[i * width + j];
    });
    return out;
  },

  oneHot({ depth }, [indices], output) {
    const out = new Float64Array(sizeOf(output));
    checked("oneHot", indices, depth).forEach((index, i) => out[i * depth + index] = 1);
    return out;
  },
};
