import assert from "node:assert/strict";
import { sameShape } from "../../src/core/shape.ts";
import { shareActivationMasks } from "../../src/graph/epilogue.ts";
import { fuse, type Kernel } from "../../src/graph/fuse.ts";
import { grad } from "../../src/graph/grad.ts";
import * as ops from "../../src/graph/ops.ts";
import { simplify } from "../../src/graph/simplify.ts";
import { Store } from "../../src/graph/store.ts";
import { make, type Tensor } from "../../src/graph/tensor.ts";
import { input, type Program, slot, trace } from "../../src/graph/trace.ts";
import { batchNorm } from "../../src/nn/layers/normalization.ts";
import { adam } from "../../src/nn/optimizers.ts";
import { zeros } from "../../src/nn/initializers.ts";

function kernelsOf(program: Program): Kernel[] {
  const { outputs, assignments } = shareActivationMasks(simplify(program));
  return fuse(new Set([...outputs.values(), ...assignments.values()]))
    .filter((kernel) => kernel.outputs[0].op !== "reshape");
}

function kernels(body: () => Record<string, Tensor>): Kernel[] {
  return kernelsOf(trace(new Store(0), "test", body));
}

const shows = (list: readonly Kernel[]) => list.map(({ kind }) => kind).join(" ");

Deno.test("a chain of pointwise primitives is one map", () => {
  const list = kernels(() => ({ y: ops.tanh(ops.mul(ops.add(input("x", [8, 4]), input("b", [4])), 2)) }));
  assert.equal(shows(list), "map");
});

Deno.test("convolution, bias and leaky relu are one contraction, and the gradient's mask does not undo that", () => {
  const list = kernels(() => {
    const [x, w, b] = [input("x", [2, 8, 8, 3]), input("w", [4, 3, 3, 3]), input("b", [4])];
    const loss = ops.mean(ops.square(ops.leakyRelu(ops.add(ops.conv2d(x, w, { padding: 1 }), b))));
    return { loss, dw: grad(loss, [w])[0] };
  });
  const contractions = list.filter((kernel) => kernel.kind === "contract");
  assert.equal(contractions.length, 2, "forward and filter gradient");
  assert.equal(contractions[0].kind === "contract" && contractions[0].activation, "leakyRelu");
  assert.ok(contractions[0].kind === "contract" && contractions[0].bias);
});

Deno.test("a transposed convolution whose stride leaves gaps takes no epilogue: nobody would add the bias there", () => {
  const list = kernels(() => ({
    y: ops.relu(
      ops.add(ops.convTranspose2d(input("x", [1, 4, 4, 2]), input("w", [2, 1, 1, 3]), { stride: 2 }), input("b", [3])),
    ),
  }));
  assert.equal(shows(list), "contract map");
});

Deno.test("the gradient of a filter takes no epilogue: its product's columns are more than the last axis", () => {
  const window = { ...ops.convWindow({ padding: 1 }), kernelHeight: 3, kernelWidth: 3 };
  const dw = () => make("conv2dFilterGrad", window, [input("x", [2, 6, 6, 8]), input("dy", [2, 6, 6, 4])]);
  assert.equal(shows(kernels(() => ({ y: ops.add(dw(), input("b", [8])) }))), "contract map");
  assert.equal(shows(kernels(() => ({ y: ops.tanh(dw()) }))), "contract map");
});

Deno.test("a squared mean reads its operand once, as a prologue", () => {
  assert.equal(shows(kernels(() => ({ y: ops.sum(ops.square(input("x", [64, 8])), [0]) }))), "reduce");
});

Deno.test("reductions over the same axes of the same operand share a pass", () => {
  const list = kernels(() => {
    const x = input("x", [64, 8]);
    return { a: ops.sum(x, [0]), b: ops.sum(ops.abs(x), [0]) };
  });
  assert.equal(shows(list), "reduce");
});

Deno.test("a reduction that needs the other one's result does not share its pass", () => {
  const list = kernels(() => {
    const x = input("x", [64, 8]);
    const mean = ops.mean(x, [0]);
    return { mean, variance: ops.mean(ops.square(ops.sub(x, mean)), [0]) };
  });
  assert.equal(list.filter(({ kind }) => kind === "reduce").length, 2);
});

Deno.test("batch norm takes three passes forward and two backward, and stores no centred copy", () => {
  const shape = [16, 8, 8, 4];
  const list = kernels(() => {
    const x = input("x", shape);
    const y = ops.conv2d(batchNorm("norm", x, "train"), input("w", [5, 3, 3, 4]), { padding: 1 });
    return { dx: grad(ops.mean(ops.square(y)), [x])[0] };
  });
  const passes = list.filter((kernel) => "shape" in kernel && sameShape(kernel.shape, shape)).map(({ kind }) => kind);
  assert.equal(passes.join(" "), "reduce reduce map reduce map");
});

Deno.test("an update by Adam writes parameter and both moments in one pass", () => {
  const program = trace(new Store(0), "test", () => {
    const weight = slot("D.weight", [300], "parameter", zeros);
    adam([weight], [input("gradient", [300])], { learningRate: input("rate", []), beta1: 0.5, beta2: 0.999 });
    return {};
  });
  const updates = kernelsOf(program).filter((kernel) => kernel.kind === "map" && kernel.shape[0] === 300);
  assert.deepEqual(updates.map(({ outputs }) => outputs.length), [3]);
});

Deno.test("a convolution over its whole input is a matrix product", () => {
  const list = kernels(() => ({ y: ops.conv2d(input("x", [8, 4, 4, 6]), input("w", [1, 4, 4, 6])) }));
  assert.equal(list.length, 1);
  assert.equal(list[0].kind === "contract" && list[0].contraction.op, "matmul");
});

Deno.test("the gradient of leaky relu selects once between dy and its share, and asks for the sign once", () => {
  const list = kernels(() => {
    const [x, w] = [input("x", [8, 16]), input("w", [8, 16])];
    return { dx: grad(ops.sum(ops.mul(ops.leakyRelu(x), w)), [x])[0] };
  });
  assert.equal(shows(list), "map");
  assert.ok(list[0].kind === "map");
  const count = (op: string) => list[0].kind === "map" && list[0].body.filter((node) => node.op === op).length;
  assert.deepEqual([count("less"), count("select"), count("add")], [1, 1, 0]);
});

Deno.test("an outer product is a part of the pointwise code around it", () => {
  const list = kernels(() => {
    const [x, w] = [input("x", [8, 16]), input("w", [1, 16])];
    const hidden = ops.leakyRelu(x);
    return { dx: grad(ops.mean(ops.square(ops.matmul(hidden, w, { transposeB: true }))), [x])[0] };
  });
  assert.deepEqual(list.filter((kernel) => kernel.kind === "contract").length, 1, "forward");
  const last = list.at(-1)!;
  assert.ok(last.kind === "map" && sameShape(last.shape, [8, 16]));
});

Deno.test("a convolution of the whole input to one channel has a gradient without contractions", () => {
  const list = kernels(() => {
    const [x, w] = [input("x", [8, 4, 4, 6]), input("w", [1, 4, 4, 6])];
    return { dx: grad(ops.mean(ops.square(ops.conv2d(ops.relu(x), w))), [x])[0] };
  });
  assert.deepEqual(list.filter((kernel) => kernel.kind === "contract").length, 1, "forward");
});
