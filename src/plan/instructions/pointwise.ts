/** Instructions that run register code over an iteration space. */
import { dims, type InstructionSchema, strides } from "./schema.ts";

/** Operands of a pointwise expression: element (i0 … i5) is at pointer + 4·Σ iₐ·sₐ; a stride of 0 broadcasts. */
const expression = {
  inputs: { count: "inputCount", fields: { pointer: "pointer", ...strides } },
  /** Register code; see `assembly/expression.ts`. `a`, `b`, `c` and `target` are registers, `value` an immediate. */
  code: { count: "codeCount", fields: { op: "enum", target: "int", a: "int", b: "int", c: "int", value: "float" } },
} as const;

export const pointwise = {
  /**
   * A fused pointwise expression over the iteration space d0 × … × d5; outputs are dense in that order.
   * Scratch: `scratchStride` bytes for each thread from `scratch`, one block of floats a register.
   */
  map: {
    opcode: 2,
    fields: {
      ...dims,
      inputCount: "size",
      codeCount: "size",
      outputCount: "size",
      registers: "size",
      scratch: "pointer",
      scratchStride: "size",
    },
    lists: {
      ...expression,
      outputs: { count: "outputCount", fields: { pointer: "pointer", register: "int" } },
    },
  },

  /**
   * Reduces the axes [firstReduced, endReduced) of the iteration space after a fused pointwise prologue. The reduced
   * range is cut into pieces of `chunk` elements (of the flattened reduced axes); the output is dense
   * [outer axes, number of chunks, inner axes]. A second `reduce` over the chunks finishes long sums, so the order of
   * additions never depends on the number of threads. kind 0: sum, 1: max.
   */
  reduce: {
    opcode: 3,
    fields: {
      ...dims,
      firstReduced: "int",
      endReduced: "int",
      chunk: "size",
      inputCount: "size",
      codeCount: "size",
      outputCount: "size",
      registers: "size",
      scratch: "pointer",
      scratchStride: "size",
    },
    lists: {
      ...expression,
      outputs: { count: "outputCount", fields: { pointer: "pointer", register: "int", kind: "enum" } },
    },
  },
} as const satisfies Record<string, InstructionSchema>;
