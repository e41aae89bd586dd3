/** Activations by name, as they are called on the command line and in configurations. */
import { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from "../../graph/ops.ts";
import { scope, type Tensor } from "../../graph/tensor.ts";
import type { Layer } from "./layer.ts";

/** Leaky ReLU has the slope 0.2 of DCGAN (Radford et al. 2015); `linear` changes nothing. */
const activations = {
  linear: (x) => x,
  relu: (x) => relu(x),
  leakyRelu: (x) => leakyRelu(x, 0.2),
  elu: (x) => elu(x),
  silu: (x) => silu(x),
  gelu: (x) => gelu(x),
  tanh: (x) => tanh(x),
  sigmoid: (x) => sigmoid(x),
  softplus: (x) => softplus(x),
} as const satisfies Record<string, (x: Tensor) => Tensor>;

export type Activation = keyof typeof activations;

/** An activation as a member of `sequential`. */
export function activation(kind: Activation): Layer {
  return (name, x) => scope(name, () => activations[kind](x));
}
