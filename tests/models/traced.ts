/** What tests of models look at: both networks traced, with their slots. */
import { sizeOf } from "../../src/core/shape.ts";
import { Store } from "../../src/graph/store.ts";
import { input, trace } from "../../src/graph/trace.ts";
import type { Model } from "../../src/models/model.ts";

/** Traces both networks in training mode for a batch of two: the shapes they make and the Store they fill. */
export function traced(model: Model) {
  const store = new Store(1);
  const program = trace(store, "test", () => ({
    samples: model.generator(input("z", [2, model.latent]), "train"),
    logits: model.discriminator(input("x", [2, ...model.sample]), "train"),
  }));
  const parameters = (owner: string) =>
    store.slots().filter((slot) => slot.kind === "parameter" && slot.name.startsWith(`${owner}.`))
      .reduce((total, slot) => total + sizeOf(slot.shape), 0);
  return { store, program, parameters };
}
