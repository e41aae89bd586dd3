/** The layers that both players are made of, for people to read. */
import type { Store } from "../graph/store.ts";
import { input, trace } from "../graph/trace.ts";
import { type LayerSummary, observeLayers } from "../nn/layers/layer.ts";
import { conditionLength } from "./conditioning.ts";
import { generate, judge, type Judged } from "./players.ts";

/**
 * The layers of G and D, heads and decoders included, with their output shapes for one judgement (a batch of one, or of
 * one pack) and their parameters; makes missing slots.
 */
export function describePlayers(settings: Judged, store: Store): LayerSummary[] {
  const { model, conditioning, view: { packed = 1 } = {} } = settings;
  return observeLayers(() => {
    trace(store, "describe", () => {
      const condition = conditioning && input("condition", [packed, conditionLength(conditioning)]);
      return {
        samples: generate(settings, input("z", [packed, model.latent]), "evaluate", condition),
        scores: judge(settings, input("x", [packed, ...model.sample]), "evaluate", condition).scores,
      };
    });
  });
}
