/** Golden vectors of optimisers: some steps with given gradients, on any engine. */
import type { Compile } from "../../src/backend/backend.ts";
import { type Slot, Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, slot, trace } from "../../src/graph/trace.ts";
import { zeros } from "../../src/nn/initializers.ts";
import { optimizers } from "../../src/nn/optimizers.ts";
import { assertSlotClose, type Golden, type GoldenAttributes, partOf, tensorOf } from "./golden.ts";

type Step = (parameter: Slot, gradient: Tensor, attributes: GoldenAttributes) => void;

const steps: Readonly<Record<string, Step>> = {
  sgd: (p, g, { lr, momentum, weight_decay: weightDecay }) =>
    optimizers.sgd([p], [g], { learningRate: lr, momentum, weightDecay }),
  rmsprop: (p, g, { lr, alpha, eps, momentum, weight_decay: weightDecay }) =>
    optimizers.rmsprop([p], [g], { learningRate: lr, alpha, epsilon: eps, momentum, weightDecay }),
  adam: (p, g, { lr, betas: [beta1, beta2], eps, weight_decay: weightDecay }) =>
    optimizers.adam([p], [g], { learningRate: lr, beta1, beta2, epsilon: eps, weightDecay }),
  adamw: (p, g, { lr, betas: [beta1, beta2], eps, weight_decay: weightDecay }) =>
    optimizers.adamw([p], [g], { learningRate: lr, beta1, beta2, epsilon: eps, weightDecay }),
};

export function isOptimizer(op: string): boolean {
  return op in steps;
}

/** Takes the steps of a file from `in.p` with the gradients `in.g`, and compares with `out.p`. */
export async function checkOptimizer(golden: Golden, compile: Compile, tolerance: number): Promise<void> {
  const start = tensorOf(golden, "in.p");
  const gradients = tensorOf(golden, "in.g");
  const program = trace(new Store(0), golden.name, () => {
    steps[golden.op](slot("p", start.shape, "parameter", zeros), input("g", start.shape), golden.attributes);
    return {};
  });
  const engine = await compile(program.store, [program]);
  try {
    engine.write("p", start.data);
    for (let step = 0; step < gradients.shape[0]; step++) {
      await engine.run(program, { g: partOf(gradients, step).data }, { seed: 0, draw: step });
    }
    assertSlotClose(golden.name, program.store.get("p"), engine.read("p"), tensorOf(golden, "out.p"), tolerance);
  } finally {
    await engine.close();
  }
}
