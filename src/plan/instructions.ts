/**
 * The instruction set of the WASM backend, described once.
 *
 * From this table come the encoder and decoder (`encode.ts`), the field offsets that the kernels read
 * (`assembly/abi.gen.ts`, written by `scripts/build.ts`) and the operands that the footprints (`footprints.ts`) and
 * the verifier talk about. A program is a list of 32-bit words:
 *
 *     word 0   opcode | team << 8 | barrier << 9        team 0: all threads, 1: thread 0 alone
 *     word 1   length of the instruction in words
 *     word 2…  the fields in the order below, then the records of each list
 *
 * Field types: `pointer` byte address · `size` count of elements · `stride` signed distance in elements ·
 * `int` signed number · `enum` small code · `float` bits of a float32.
 */

export type FieldType = "pointer" | "size" | "stride" | "int" | "enum" | "float";
export type Fields = Readonly<Record<string, FieldType>>;

/** A list of records behind the fixed fields; the field named `count` says how many. */
export interface ListSchema {
  readonly count: string;
  readonly fields: Fields;
}

export interface InstructionSchema {
  readonly opcode: number;
  readonly fields: Fields;
  readonly lists?: Readonly<Record<string, ListSchema>>;
}

/** Iteration spaces have six axes, outermost first, padded with leading ones. */
export const MAX_AXES = 6;

const dims = { d0: "size", d1: "size", d2: "size", d3: "size", d4: "size", d5: "size" } as const;
const strides = { s0: "stride", s1: "stride", s2: "stride", s3: "stride", s4: "stride", s5: "stride" } as const;
const targetStrides = { t0: "stride", t1: "stride", t2: "stride", t3: "stride", t4: "stride", t5: "stride" } as const;

/** Operands of a pointwise expression: element (i0 … i5) is at pointer + 4·Σ iₐ·sₐ; a stride of 0 broadcasts. */
const expression = {
  inputs: { count: "inputCount", fields: { pointer: "pointer", ...strides } },
  /** Register code; see `assembly/expression.ts`. `a`, `b`, `c` and `target` are registers, `value` an immediate. */
  code: { count: "codeCount", fields: { op: "enum", target: "int", a: "int", b: "int", c: "int", value: "float" } },
} as const;

/** A sliding window over an NHWC image tensor; row (image, y, x) of the grid, column (ky, kx, channel). */
const patches = {
  images: "size",
  height: "size",
  width: "size",
  /** elements from one pixel to the next (all channels, also those of other groups) */
  pixelStride: "size",
  channels: "size",
  kernelHeight: "size",
  kernelWidth: "size",
  strideY: "size",
  strideX: "size",
  /** rows above (columns left of) the image that the first window covers; negative: it starts inside */
  padTop: "int",
  padLeft: "int",
  dilationY: "size",
  dilationX: "size",
  gridHeight: "size",
  gridWidth: "size",
} as const;

/**
 * Windows of an NHWC image tensor for a fast form (`fast_forms.ts`): a tile of outputs × outputs positions of the grid sees,
 * in each phase p, the rows (tileY·outputs + i)·stepY + p − padTop for 0 ≤ i < size, and columns alike. First in all
 * instructions that have it, so that one field has one place.
 */
const windows = {
  form: "enum",
  images: "size",
  height: "size",
  width: "size",
  channels: "size",
  phasesY: "size",
  phasesX: "size",
  stepY: "size",
  stepX: "size",
  padTop: "int",
  padLeft: "int",
  gridHeight: "size",
  gridWidth: "size",
} as const;

/** Where the taps of each phase's filter lie: tap (i, j) of phase (p, q) is at Σ of these distances. */
const taps = {
  stridePhaseY: "stride",
  stridePhaseX: "stride",
  strideTapY: "stride",
  strideTapX: "stride",
} as const;

/** Shared by all pooling instructions: x is [images, height, width, channels], y is [images, outHeight, outWidth, channels]. */
const pooling = {
  images: "size",
  height: "size",
  width: "size",
  channels: "size",
  outHeight: "size",
  outWidth: "size",
  kernelHeight: "size",
  kernelWidth: "size",
  strideY: "size",
  strideX: "size",
  padTop: "int",
  padLeft: "int",
} as const;

export const instructions = {
  /** Ends the program. */
  halt: { opcode: 0, fields: {} },

  /** out[0 … count) = value */
  fill: { opcode: 1, fields: { out: "pointer", count: "size", value: "float" } },

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

  /** target[Σ iₐ·tₐ] = source[Σ iₐ·sₐ]: transpose, slice, pad, concat, broadcast and flip are all this one copy. */
  move: {
    opcode: 4,
    fields: { ...dims, source: "pointer", ...strides, target: "pointer", ...targetStrides },
  },

  /**
   * Packs a right-hand matrix into column panels for `contract`: element (k, n), k = (ty, tx, channel), is
   * source[ty·strideTapY + tx·strideTapX + channel·strideChannel + n·strideColumn]. Layout of the result: depth blocks
   * of `depthBlock` rows; in each, panels of `tileColumns` columns, [row][column], columns beyond n are zero. Every
   * element of a matrix without taps has tapsY = tapsX = 1.
   */
  pack: {
    opcode: 5,
    fields: {
      batch: "size",
      n: "size",
      tapsY: "size",
      tapsX: "size",
      channels: "size",
      strideTapY: "stride",
      strideTapX: "stride",
      strideChannel: "stride",
      strideColumn: "stride",
      source: "pointer",
      sourceBatchStride: "stride",
      out: "pointer",
      outBatchStride: "size",
      depthBlock: "size",
      tileColumns: "size",
    },
  },

  /**
   * C = act(A·B + bias), batched. A is m × k, B is k × n, C's row r = (image, y, x) of the grid
   * cGridHeight × cGridWidth starts at out + 4·(image·cStrideImage + y·cStrideY + x·cStrideX); columns are adjacent.
   * aKind 0: matrix, a[r·aRowStride + k·aColumnStride]; 1: A's rows are the patches below, read from `a`.
   * bKind 0: panels made by `pack`; 1: B's rows (k) are the patches, read from `b`.
   * activation 0: none, 1: relu, 2: leaky relu with `slope`, 3: tanh. bias 0: none, else n floats.
   * splitColumns 0: threads share out C's rows, 1: its columns.
   */
  contract: {
    opcode: 6,
    fields: {
      m: "size",
      n: "size",
      k: "size",
      batch: "size",
      aKind: "enum",
      a: "pointer",
      aBatchStride: "size",
      aRowStride: "size",
      aColumnStride: "size",
      bKind: "enum",
      b: "pointer",
      bBatchStride: "size",
      ...patches,
      out: "pointer",
      cBatchStride: "size",
      cGridHeight: "size",
      cGridWidth: "size",
      cStrideImage: "size",
      cStrideY: "size",
      cStrideX: "size",
      bias: "pointer",
      biasBatchStride: "size",
      activation: "enum",
      slope: "float",
      tileColumns: "size",
      rowBlock: "size",
      columnBlock: "size",
      depthBlock: "size",
      splitColumns: "enum",
      scratch: "pointer",
      scratchStride: "size",
    },
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

  /** y = mean of each window of x (padding counts as zeros and in the divisor). */
  averagePool: { opcode: 12, fields: { x: "pointer", out: "pointer", ...pooling } },

  /** The adjoint of `averagePool`: dy → dx, overwrites dx. */
  averagePoolGrad: { opcode: 13, fields: { dy: "pointer", out: "pointer", ...pooling } },

  /** out = the element of `values` (shaped like x) at the place of x's maximum in each window (the first of equals). */
  maxPoolPick: { opcode: 14, fields: { x: "pointer", values: "pointer", out: "pointer", ...pooling } },

  /** The adjoint of `maxPoolPick` in `values`: adds dy at the place of x's maximum; overwrites out (shaped like x). */
  maxPoolScatter: { opcode: 15, fields: { x: "pointer", dy: "pointer", out: "pointer", ...pooling } },

  /** Bilinear resampling with half-pixel centres (align_corners = false), [images, height, width, channels] → outHeight × outWidth. */
  bilinear: {
    opcode: 16,
    fields: {
      x: "pointer",
      out: "pointer",
      images: "size",
      height: "size",
      width: "size",
      channels: "size",
      outHeight: "size",
      outWidth: "size",
    },
  },

  /** The adjoint of `bilinear`: dy [images, outHeight, outWidth, channels] → dx, overwrites dx. */
  bilinearGrad: {
    opcode: 17,
    fields: {
      dy: "pointer",
      out: "pointer",
      images: "size",
      height: "size",
      width: "size",
      channels: "size",
      outHeight: "size",
      outWidth: "size",
    },
  },

  /**
   * Philox random numbers: element i of stream `stream` at the run's seed and draw number (both in the control block).
   * kind 0: 24-bit uniforms in [0, 1), 1: standard normals.
   */
  random: { opcode: 18, fields: { out: "pointer", count: "size", stream: "int", kind: "enum" } },

  /**
   * Transforms a filter for `fastConvolution`: k = (phaseY, phaseX, channel), columns n. out is
   * [size²][⌈n / 16⌉][k][16], columns beyond n zero, with 16 zeros behind each of
   * the size² matrices.
   */
  fastFilter: {
    opcode: 19,
    fields: {
      form: "enum",
      phasesY: "size",
      phasesX: "size",
      channels: "size",
      n: "size",
      source: "pointer",
      ...taps,
      strideChannel: "stride",
      strideColumn: "stride",
      out: "pointer",
      scratch: "pointer",
      scratchStride: "size",
    },
  },

  /**
   * C = act(conv + bias) by a fast form: the windows of x, transformed, times `filter`, transformed back. C's pixel
   * (image, y, x) of the grid starts at out + 4·(image·cStrideImage + y·cStrideY + x·cStrideX) and has n channels.
   * `tileBlock` tiles (a multiple of 6) are worked on at a time. splitColumns 0: threads share out tiles, 1: columns.
   */
  fastConvolution: {
    opcode: 20,
    fields: {
      ...windows,
      x: "pointer",
      n: "size",
      filter: "pointer",
      out: "pointer",
      cStrideImage: "size",
      cStrideY: "size",
      cStrideX: "size",
      bias: "pointer",
      activation: "enum",
      slope: "float",
      tileBlock: "size",
      splitColumns: "enum",
      scratch: "pointer",
      scratchStride: "size",
    },
  },

  /**
   * Transforms the gradient of a convolution's outputs for `fastFilterGrad`: tiles of outputs × outputs pixels of x (one
   * phase). out is [size²][tile][channel], with 16 zeros behind each of the size² matrices.
   */
  fastGradient: {
    opcode: 21,
    fields: { ...windows, x: "pointer", out: "pointer", scratch: "pointer", scratchStride: "size" },
  },

  /**
   * The gradient of a filter by a fast form: the windows of x, transformed, times `gradient` (of n channels), summed over
   * tiles, transformed back. Element (o, tap, channel) of out is at o·strideColumn + the tap's distances + channel.
   * `tileBlock` tiles and `channelBlock` channels (a multiple of 16) are worked on at a time.
   */
  fastFilterGrad: {
    opcode: 22,
    fields: {
      ...windows,
      x: "pointer",
      n: "size",
      gradient: "pointer",
      out: "pointer",
      ...taps,
      strideColumn: "stride",
      tileBlock: "size",
      channelBlock: "size",
      scratch: "pointer",
      scratchStride: "size",
    },
  },
} as const satisfies Record<string, InstructionSchema>;

export type Mnemonic = keyof typeof instructions;

type Values<F extends Fields> = { -readonly [K in keyof F]: number };
type Lists<L> = { [K in keyof L]: L[K] extends { fields: infer F extends Fields } ? Values<F>[] : never };

/** The operands of one kind of instruction, by name: its fields, and its lists of records. */
export type Operands<M extends Mnemonic> =
  & Values<(typeof instructions)[M]["fields"]>
  & ((typeof instructions)[M] extends { lists: infer L } ? Lists<L> : unknown);

/** One decoded instruction. `single`: thread 0 alone runs it. `barrier`: all threads meet after it. */
export type Instruction<M extends Mnemonic = Mnemonic> = {
  [K in M]: { mnemonic: K; single: boolean; barrier: boolean; operands: Operands<K> };
}[M];
