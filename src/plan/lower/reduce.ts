/** Lowering of reductions with their prologues. */
import type { ReduceKernel } from "../../graph/fuse.ts";
import { sizeOf } from "../../core/shape.ts";
import { is, type Tensor } from "../../graph/tensor.ts";
import { addressOf } from "../builder.ts";
import { reductionBytes } from "../expression.ts";
import type { Operands } from "../instructions.ts";
import { broadcastStrides, collapse, extentFields, strideFields } from "../space.ts";
import type { Lowering } from "./context.ts";
import { compileExpression } from "./expression.ts";

/** Elements that one piece of a long reduction covers: enough to be worth a visit, few enough to share out. */
const CHUNK_ELEMENTS = 32 * 1024;
/** A sum of as many elements has a few pieces at least, or one thread would do it while the others wait. */
const SHARED_ELEMENTS = 8 * 1024;
const SHARED_PIECES = 4;

type ReduceOperands = Operands<"reduce">;
type Code = Pick<ReduceOperands, "inputs" | "code" | "registers">;

/** One reduction over neighbouring axes: [outer…][reduced…][inner…]. */
interface Pass extends Code {
  readonly extents: readonly number[];
  readonly reduced: readonly boolean[];
  readonly results: readonly { readonly register: number; readonly kind: number; readonly pointer: number }[];
  readonly flopsPerElement: number;
}

/**
 * Emits the `reduce` instructions of sums and maxima that share a space and a prologue: one for each run of neighbouring
 * reduced axes, two where a run is long enough to be cut into pieces that threads can share. The pieces depend on shapes
 * alone, and so does the order of additions.
 */
export function lowerReduce(kernel: ReduceKernel, context: Lowering): void {
  const { shape, axes, body, outputs } = kernel;
  const sources = outputs.map((output) => output.inputs[0]);
  const { inputs, code, registers, count } = compileExpression(body, [...new Set(sources)], shape);
  const space = collapse(
    {
      extents: shape,
      strides: [broadcastStrides(shape, shape), ...inputs.map((input) => broadcastStrides(input.shape, shape))],
    },
    shape.map((_, axis) => axes.includes(axis)),
  );
  lowerRuns({
    extents: space.extents,
    reduced: space.kinds,
    inputs: inputs.map((input, i) => ({ pointer: context.address(input), ...strideFields(space.strides[i + 1]) })),
    code,
    registers: count,
    results: outputs.map((output, i) => ({
      register: registers.get(sources[i])!,
      kind: kindOf(output),
      pointer: context.address(output),
    })),
    flopsPerElement: body.length + outputs.length,
  }, context);
}

function kindOf(node: Tensor): number {
  return is(node, "maxOver") ? 1 : 0;
}

/**
 * Reduces the last run of reduced axes; if others remain, goes on with the result. The rest of a reduction over axes
 * that do not lie together (group norm's, for instance) is much smaller than its first pass.
 */
function lowerRuns(pass: Pass, context: Lowering): void {
  const end = pass.reduced.lastIndexOf(true) + 1;
  let begin = end;
  while (begin > 0 && pass.reduced[begin - 1]) begin--;
  if (!pass.reduced.slice(0, begin).includes(true)) return lowerRun(pass, begin, end, context);

  const extents = pass.extents.filter((_, axis) => axis < begin || axis >= end);
  const reduced = pass.reduced.filter((_, axis) => axis < begin || axis >= end);
  const partial = pass.results.map(() => context.builder.temporary("part of a reduction", sizeOf(extents)));
  lowerRun({ ...pass, results: results(pass, partial.map((value) => addressOf(value))) }, begin, end, context);
  lowerRuns(continuation(pass, extents, reduced, partial.map((value) => addressOf(value))), context);
}

function results(pass: Pass, pointers: readonly number[]): Pass["results"] {
  return pass.results.map((result, i) => ({ ...result, pointer: pointers[i] }));
}

/** A pass without prologue over partial results laid out densely. */
function continuation(
  pass: Pass,
  extents: readonly number[],
  reduced: readonly boolean[],
  partial: readonly number[],
): Pass {
  const dense = broadcastStrides(extents, extents);
  return {
    extents,
    reduced,
    inputs: partial.map((pointer) => ({ pointer, ...strideFields(dense) })),
    code: partial.map((_, i) => ({ op: 0, target: i, a: i, b: 0, c: 0, value: 0 })),
    registers: partial.length,
    results: pass.results.map((result, i) => ({ ...result, register: i })),
    flopsPerElement: partial.length,
  };
}

/** One run of neighbouring reduced axes: in one instruction, or in pieces and a second one over the pieces. */
function lowerRun(pass: Pass, begin: number, end: number, context: Lowering): void {
  const outer = sizeOf(pass.extents.slice(0, begin));
  const length = sizeOf(pass.extents.slice(begin, end));
  const inner = sizeOf(pass.extents.slice(end));
  const least = outer === 1 && length * inner >= SHARED_ELEMENTS ? SHARED_PIECES : 1;
  const pieces = Math.max(least, Math.ceil(length * inner / CHUNK_ELEMENTS));
  const chunk = Math.ceil(length / pieces);
  const chunks = Math.ceil(length / chunk);
  if (chunks === 1) return emit(pass, begin, end, length, context);

  const partial = pass.results.map(() => context.builder.temporary("pieces of a reduction", outer * chunks * inner));
  const pointers = partial.map((value) => addressOf(value));
  emit({ ...pass, results: results(pass, pointers) }, begin, end, chunk, context);
  const rest = continuation(pass, [outer, chunks, inner], [false, true, false], pointers);
  emit({ ...rest, results: results(rest, pass.results.map(({ pointer }) => pointer)) }, 1, 2, chunks, context);
}

function emit(pass: Pass, begin: number, end: number, chunk: number, { builder }: Lowering): void {
  const shift = 6 - pass.extents.length;
  const steps = sizeOf(pass.extents) * pass.flopsPerElement;
  const scratchStride = reductionBytes(pass.registers, pass.results.length);
  builder.emit("reduce", {
    ...extentFields(pass.extents),
    firstReduced: shift + begin,
    endReduced: shift + end,
    chunk,
    inputCount: pass.inputs.length,
    codeCount: pass.code.length,
    outputCount: pass.results.length,
    registers: pass.registers,
    scratch: 0,
    scratchStride,
    inputs: pass.inputs,
    code: pass.code,
    outputs: [...pass.results],
  }, { steps, flops: steps, scratchBytes: scratchStride });
}
