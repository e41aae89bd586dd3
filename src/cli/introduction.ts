/** What a run is going to do, for people. */
import { sizeOf } from "../core/shape.ts";
import type { Context } from "./command.ts";
import type { Started } from "./engine.ts";
import { gameText, rateText } from "./game_text.ts";
import { arithmeticOf } from "./plan_facts.ts";
import { duration } from "./progress.ts";
import type { TrainConfig } from "./settings.ts";
import { bytesText, countText, timeText } from "./text.ts";
import type { Prepared } from "./train_networks.ts";
import type { TrainingData } from "./training_data.ts";

/**
 * Data, networks, game, engine and seed, a line each.
 * @param seconds that loading the data took.
 * @param limit seconds of training that end the run, in all; infinite if only its steps do.
 */
export function introduction(
  config: TrainConfig,
  data: TrainingData,
  seconds: number,
  { generator: { model, conditioning }, store, programs }: Prepared,
  { bytes, plan }: Started,
  { mode }: Context,
  limit: number,
): string[] {
  const { machine } = config;
  const parameters = (owner: string) =>
    countText(
      store.slots().filter(({ kind, name }) => kind === "parameter" && name.startsWith(`${owner}.`))
        .reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    );
  const arithmetic = arithmeticOf(programs.flatMap((program) => plan(program) ?? []), config.exact);
  const engine = config.backend === "wasm"
    ? [
      `${machine.threads} thread${machine.threads === 1 ? "" : "s"}`,
      `${mode.native ? "native-speed mode" : "safe mode"} (${mode.reason})`,
      ...arithmetic === undefined ? [] : [arithmetic],
      `${bytesText(bytes!)} of memory`,
    ]
    : ["one thread, double precision"];
  const steps = `${countText(config.steps)} of ${config.batch} samples`;
  const mirrored = config.data.flip ? ", mirrored at random" : "";
  const game = gameText(config);
  const on = conditioning?.attributes.map(({ name, classes }) => `${name} (${classes.length})`).join(", ");
  return [
    `data    ${data.text}${data.count === null ? "" : `${mirrored}; loading took ${timeText(seconds)}`}`,
    `model   ${model.name}, ${parameters("G")} parameters in G, ${
      parameters("D")
    } in D, latent vectors of ${model.latent}`,
    ...on === undefined ? [] : [`labels  ${on}; ${config.condition!.kind}`],
    `game    ${game}`,
    `steps   ${limit === Infinity ? steps : `as many as ${duration(1000 * limit)} suffice for, at most ${steps}`}, ` +
    rateText(config),
    `engine  ${config.backend}, ${engine.join(", ")}`,
    `seed    ${config.seed}`,
  ];
}
