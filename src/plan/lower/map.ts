/** Lowering of fused pointwise kernels. */
import type { MapKernel } from "../../graph/fuse.ts";
import { sizeOf } from "../../core/shape.ts";
import { registerBytes } from "../expression.ts";
import { broadcastStrides, collapse, extentFields, strideFields } from "../space.ts";
import type { Lowering } from "./context.ts";
import { compileExpression } from "./expression.ts";

/** Emits one `map` over the kernel's iteration space, with neighbouring axes merged where all operands allow it. */
export function lowerMap({ shape, body, outputs }: MapKernel, { builder, address }: Lowering): void {
  const { inputs, code, registers, count } = compileExpression(body, outputs, shape);
  const dense = broadcastStrides(shape, shape);
  const space = collapse(
    { extents: shape, strides: [dense, ...inputs.map((input) => broadcastStrides(input.shape, shape))] },
    shape.map(() => 0),
  );
  const elements = sizeOf(shape);
  const scratchStride = registerBytes(count);
  builder.emit("map", {
    ...extentFields(space.extents),
    inputCount: inputs.length,
    codeCount: code.length,
    outputCount: outputs.length,
    registers: count,
    scratch: 0,
    scratchStride,
    inputs: inputs.map((input, i) => ({ pointer: address(input), ...strideFields(space.strides[i + 1]) })),
    code,
    outputs: outputs.map((output) => ({ pointer: address(output), register: registers.get(output)! })),
  }, { steps: elements * body.length, flops: elements * body.length, scratchBytes: scratchStride });
}
