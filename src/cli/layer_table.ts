/** The layers of both networks, as a table. */
import { showShape } from "../core/shape.ts";
import { Store } from "../graph/store.ts";
import { describeModel, DISCRIMINATOR, GENERATOR, type Model } from "../models/model.ts";
import { countText, table } from "./text.ts";

/** Name, kind, output shape of one sample and parameters of each layer, and the sums of both networks. */
export function layerTable(model: Model): string {
  const layers = describeModel(model, new Store(0));
  const rows = layers.map(({ name, kind, output, parameters }) => [
    name,
    kind,
    showShape(output.slice(1)),
    parameters === 0 ? "" : countText(parameters),
  ]);
  const sums = [GENERATOR, DISCRIMINATOR].map((owner) => {
    const own = layers.filter(({ name }) => name.startsWith(`${owner}.`));
    return `${owner} ${countText(own.reduce((sum, { parameters }) => sum + parameters, 0))}`;
  });
  return `${table(["layer", "", "output", "parameters"], rows)}\n\nparameters: ${sums.join(", ")}`;
}
