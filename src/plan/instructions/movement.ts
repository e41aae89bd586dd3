/** Instructions that fill, copy, index, scan and draw. */
import { dims, type InstructionSchema, strides } from "./schema.ts";

const targetStrides = { t0: "stride", t1: "stride", t2: "stride", t3: "stride", t4: "stride", t5: "stride" } as const;

export const movement = {
  /** out[0 … count) = value */
  fill: { opcode: 1, fields: { out: "pointer", count: "size", value: "float" } },

  /** target[Σ iₐ·tₐ] = source[Σ iₐ·sₐ]: transpose, slice, pad, concat, broadcast and flip are all this one copy. */
  move: {
    opcode: 4,
    fields: { ...dims, source: "pointer", ...strides, target: "pointer", ...targetStrides },
  },

  /** out[i, j] = table[indices[i], j]; an index outside [0, rows) is an error and reads nothing. Indices are floats. */
  gather: {
    opcode: 7,
    fields: { table: "pointer", rows: "size", width: "size", indices: "pointer", count: "size", out: "pointer" },
  },

  /** out[r, j] = Σ over i with indices[i] = r of updates[i, j], in the order of i; overwrites out (rows × width). */
  scatterAdd: {
    opcode: 8,
    fields: { indices: "pointer", count: "size", updates: "pointer", width: "size", out: "pointer", rows: "size" },
  },

  /** out[i, j] = 1 where j = indices[i], else 0; out is count × depth. */
  oneHot: { opcode: 9, fields: { indices: "pointer", count: "size", depth: "size", out: "pointer" } },

  /** Index of the largest of each row's `length` values (the first of equals), x is [outer, length, inner]. */
  argmax: {
    opcode: 10,
    fields: { source: "pointer", out: "pointer", outer: "size", length: "size", inner: "size" },
  },

  /** Running sums along the middle axis of [outer, length, inner]; reverse 1 sums from the end. */
  cumulativeSum: {
    opcode: 11,
    fields: {
      source: "pointer",
      out: "pointer",
      outer: "size",
      length: "size",
      inner: "size",
      reverse: "enum",
    },
  },

  /**
   * Philox random numbers: element i of stream `stream` at the run's seed and draw number (both in the control block).
   * kind 0: 24-bit uniforms in [0, 1), 1: standard normals.
   */
  random: { opcode: 18, fields: { out: "pointer", count: "size", stream: "int", kind: "enum" } },
} as const satisfies Record<string, InstructionSchema>;
