/** The layers of both networks, as a table. */
import { showShape } from "../core/shape.ts";
import { Store } from "../graph/store.ts";
import { DISCRIMINATOR, GENERATOR } from "../models/model.ts";
import { describePlayers } from "../gan/describe.ts";
import type { Judged } from "../gan/players.ts";
import { countText, table } from "./text.ts";

/** Name, kind, output shape of one sample and parameters of each layer, and the sums of both networks. */
export function layerTable(players: Judged): string {
  const layers = describePlayers(players, new Store(0));
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
