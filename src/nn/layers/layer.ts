/** What all layers share: the mode they run in, their names, and the record of which layers a network is made of. */
import { type Shape, sizeOf } from "../../core/shape.ts";
import { currentScope, scope, type Tensor } from "../../graph/tensor.ts";
import { currentStore } from "../../graph/trace.ts";

/** Whether batch norm and dropout behave as in training, or as when samples are made. */
export type Mode = "train" | "evaluate";

/** One layer of a network, for people to read. */
export interface LayerSummary {
  /** Dotted path, for instance `G.3`. */
  readonly name: string;
  /** For instance `linear 100 → 64`. */
  readonly kind: string;
  readonly output: Shape;
  /** Number of trained values. */
  readonly parameters: number;
}

let observed: LayerSummary[] | undefined;

/** Traces `body` and returns a summary of each layer it went through, in order. */
export function observeLayers(body: () => void): LayerSummary[] {
  const outer = observed;
  const layers: LayerSummary[] = observed = [];
  try {
    body();
    return layers;
  } finally {
    observed = outer;
  }
}

/**
 * Traces one layer: slots and errors get `name` in front.
 * @param kind says to people what the layer is.
 */
export function layer(name: string, kind: string, body: () => Tensor): Tensor {
  return scope(name, () => {
    const y = body();
    const prefix = `${currentScope()}.`;
    observed?.push({
      name: currentScope(),
      kind,
      output: y.shape,
      parameters: currentStore().slots().reduce(
        (total, slot) => slot.kind === "parameter" && slot.name.startsWith(prefix) ? total + sizeOf(slot.shape) : total,
        0,
      ),
    });
    return y;
  });
}

/** A layer that waits for its name and its operand. */
export type Layer = (name: string, x: Tensor) => Tensor;

/** Layers one behind the other, named from `first` on: 0, 1, 2 …, as in PyTorch's `Sequential`. */
export function sequential(x: Tensor, layers: readonly Layer[], first = 0): Tensor {
  return layers.reduce((y, apply, index) => apply(String(first + index), y), x);
}
