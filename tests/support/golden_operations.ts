/** Golden vectors of single operations: result, gradients and gradients of gradients, on any engine. */
import type { Compile } from "../../src/backend/backend.ts";
import { fromFile } from "../../src/checkpoint/layout.ts";
import { losses, type LossName } from "../../src/gan/losses.ts";
import { grad } from "../../src/graph/grad.ts";
import * as ops from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { currentStore, input, type Program, read, trace } from "../../src/graph/trace.ts";
import { conv2d, convTranspose2d } from "../../src/nn/layers/convolution.ts";
import { embedding, linear } from "../../src/nn/layers/linear.ts";
import { batchNorm, groupNorm, instanceNorm, layerNorm } from "../../src/nn/layers/normalization.ts";
import { upsample } from "../../src/nn/layers/resample.ts";
import { assertNormClose } from "./assert.ts";
import { channelsLast, type Golden, type GoldenAttributes, namesUnder, tensorOf } from "./golden.ts";

type Inputs = Readonly<Record<string, Tensor>>;

interface Operation {
  /** Operands that are weights of a layer, and the slots that hold them. */
  readonly weights: Readonly<Record<string, string>>;
  /** The result, from the operands that are no weights. */
  readonly build: (inputs: Inputs, attributes: GoldenAttributes, golden: Golden) => Tensor;
}

/** What layers in this file are called. */
const LAYER = "layer";

const plain = (build: Operation["build"]): Operation => ({ weights: {}, build });
const pointwise = (f: (x: Tensor) => Tensor): Operation => plain(({ x }) => f(x));
const weighted = (build: Operation["build"]): Operation => ({ weights: { w: "weight", b: "bias" }, build });
const normalizing = (build: Operation["build"]): Operation => ({ weights: { gamma: "weight", beta: "bias" }, build });

const discriminatorLoss = (name: LossName) => plain(({ real, fake }) => losses[name].discriminator(real, fake, 1));
const generatorLoss = (name: LossName) => plain(({ real, fake }) => losses[name].generator(fake, () => real));

/** −log softmax(x)[label] for each row. */
function crossEntropy({ x, labels }: Inputs): Tensor {
  const surprise = ops.sub(ops.logSumExp(x, 1), x);
  return ops.sum(ops.mul(ops.oneHot(labels, x.shape[1]), surprise), [1]);
}

/** The files of log and sqrt hold normal numbers as operands and apply the function to this. */
const positive = (x: Tensor) => ops.add(ops.abs(x), 0.1);

/** By the name in the file's metadata. */
const operations: Readonly<Record<string, Operation>> = {
  abs: pointwise(ops.abs),
  elu: pointwise((x) => ops.elu(x)),
  exp: pointwise(ops.exp),
  gelu: pointwise(ops.gelu),
  leaky_relu: plain(({ x }, { slope }) => ops.leakyRelu(x, slope)),
  log: pointwise((x) => ops.log(positive(x))),
  relu: pointwise(ops.relu),
  sigmoid: pointwise(ops.sigmoid),
  silu: pointwise(ops.silu),
  softplus: pointwise(ops.softplus),
  sqrt: pointwise((x) => ops.sqrt(positive(x))),
  square: pointwise(ops.square),
  tanh: pointwise(ops.tanh),
  "x*a+b": plain(({ x, a, b }) => ops.add(ops.mul(x, a), b)),
  softmax: plain(({ x }, { axis }) => ops.softmax(x, axis)),
  cross_entropy: plain(crossEntropy),
  mean: plain(({ x }, { axes }) => ops.mean(x, axes as readonly number[])),

  matmul: plain(({ a, b }, { transA, transB }) => ops.matmul(a, b, { transposeA: transA, transposeB: transB })),
  linear: weighted(({ x }, _, golden) => linear(LAYER, x, tensorOf(golden, "in.w").shape[0])),
  conv2d: weighted(({ x }, { stride, padding, dilation, groups }, golden) => {
    const [out, , kernel] = tensorOf(golden, "in.w").shape;
    return conv2d(LAYER, x, out, { kernel, stride, padding, dilation, groups });
  }),
  conv_transpose2d: weighted(({ x }, { stride, padding, outputPadding, groups }, golden) => {
    const [, outPerGroup, kernel] = tensorOf(golden, "in.w").shape;
    return convTranspose2d(LAYER, x, outPerGroup * groups, { kernel, stride, padding, outputPadding, groups });
  }),
  embedding: {
    weights: { w: "weight" },
    build({ ids }, _, golden) {
      const [rows, width] = tensorOf(golden, "in.w").shape;
      return embedding(LAYER, ids, rows, width);
    },
  },

  batch_norm: normalizing(({ x }, { eps }) => batchNorm(LAYER, x, "train", { epsilon: eps })),
  layer_norm: normalizing(({ x }, { eps, axes }) => layerNorm(LAYER, x, { epsilon: eps, axes: axes as number })),
  instance_norm: normalizing(({ x }, { eps }) => instanceNorm(LAYER, x, { epsilon: eps, affine: true })),
  group_norm: normalizing(({ x }, { eps, groups }) => groupNorm(LAYER, x, groups, { epsilon: eps })),

  avg_pool2d: plain(({ x }, { kernel, stride }) => ops.averagePool(x, { kernel, stride })),
  upsample_nearest: plain(({ x }, { scale }) => upsample(LAYER, x, scale)),
  upsample_bilinear: plain(({ x }, { scale }) => upsample(LAYER, x, scale, "bilinear")),

  loss_ns_d: discriminatorLoss("non-saturating"),
  loss_ns_g: generatorLoss("non-saturating"),
  loss_minimax_g: generatorLoss("minimax"),
  loss_lsgan_d: discriminatorLoss("lsgan"),
  loss_lsgan_g: generatorLoss("lsgan"),
  loss_hinge_d: discriminatorLoss("hinge"),
  loss_hinge_g: generatorLoss("hinge"),
  loss_wgan_d: discriminatorLoss("wgan"),
  loss_wgan_g: generatorLoss("wgan"),
  loss_rpgan_d: discriminatorLoss("relativistic"),
  loss_rpgan_g: generatorLoss("relativistic"),
};

export function isOperation(op: string): boolean {
  return op in operations;
}

/** The operation of a file with its gradients; outputs are named like the file's tensors: `out.y`, `grad.x`, `gg.w` … */
function operationProgram(golden: Golden): Program {
  const { weights, build } = operations[golden.op];
  return trace(new Store(0), golden.name, () => {
    const operandNames = namesUnder(golden, "in");
    const inputs = Object.fromEntries(
      operandNames.filter((name) => !(name in weights)).map((name) => {
        const { shape } = channelsLast(tensorOf(golden, `in.${name}`));
        return [name, input(`in.${name}`, shape)];
      }),
    );
    const y = build(inputs, golden.attributes, golden);
    const operand = (name: string) => inputs[name] ?? read(currentStore().get(`${LAYER}.${weights[name]}`));

    // A loss has no cotangent; its file says shape [1].
    const loss = golden.tensors.has("cot.y") ? ops.sum(ops.mul(y, input("cot.y", y.shape))) : y;
    const gradients = (prefix: string, value: Tensor) => {
      const names = namesUnder(golden, prefix);
      return grad(value, names.map(operand)).map((gradient, i) => [`${prefix}.${names[i]}`, gradient]);
    };
    const first = gradients("grad", loss);
    const [gradientOfFirst] = grad(loss, [operand(operandNames[0])]);
    return Object.fromEntries([
      ["out.y", y],
      ...first,
      ...gradients("gg", ops.sum(ops.square(gradientOfFirst))),
    ]);
  });
}

/** Runs the operation of a file and compares everything that the file expects. */
export async function checkOperation(golden: Golden, compile: Compile, tolerance: number): Promise<void> {
  const { weights } = operations[golden.op];
  const program = operationProgram(golden);
  const engine = await compile(program.store, [program]);
  try {
    for (const [operand, name] of Object.entries(weights)) {
      const slot = program.store.get(`${LAYER}.${name}`);
      engine.write(slot.name, fromFile(slot, tensorOf(golden, `in.${operand}`)));
    }
    const inputs = [...program.inputs.keys()].map((name) => [name, channelsLast(tensorOf(golden, name)).data]);
    const results = await engine.run(program, Object.fromEntries(inputs), { seed: 0, draw: 0 });

    for (const [name, tensor] of golden.tensors) {
      if (!/^(out|grad|gg)\./.test(name)) continue;
      const slotName = weights[name.slice(name.indexOf(".") + 1)];
      const slot = slotName && program.store.get(`${LAYER}.${slotName}`);
      const expected = slot ? { shape: slot.shape, data: fromFile(slot, tensor) } : channelsLast(tensor);
      assertNormClose(`${golden.name}, ${name}`, expected.shape, results[name], expected.data, tolerance);
    }
  } finally {
    await engine.close();
  }
}
