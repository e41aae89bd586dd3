/** A variational auto-encoder for points in the plane, with a decoder as large as the G that it is compared with. */
import * as duel from "../mod.ts";
import { distributionOf, drawn, klToNormal } from "./code_distribution.ts";
import type { Stage } from "./experiment.ts";
import { normals } from "./numbers.ts";
import { fit, minimise } from "./training.ts";

const { add, mean, mul, square, sub, sum } = duel.ops;

/** Standard deviation of a point around what the VAE's decoder makes of its code. */
const POINT_SD = 0.1;

/** What is learned, and how large the networks are. */
export interface PlaneSettings {
  readonly toy: duel.Toy;
  readonly batch: number;
  readonly latent: number;
  readonly hidden: readonly number[];
}

/** Trains it. @returns `TOY_SAMPLES` samples. */
export async function playVae(stage: Stage, { toy, batch, latent, hidden }: PlaneSettings): Promise<Float32Array> {
  const { seed } = stage;
  const model = duel.mlp({ sample: [2], latent, hidden });
  const coder = duel.mlp({ sample: [2 * latent], latent: 2, hidden });
  const store = new duel.Store(seed);
  const learn = duel.trace(store, "lesson", () => {
    const points = duel.input("points", [batch, 2]);
    const found = distributionOf(duel.scope("E", () => coder.generator(points, "train")));
    const made = model.generator(drawn(found), "train");
    const error = mul(mean(sum(square(sub(made, points)), [1])), 0.5 / POINT_SD ** 2);
    const loss = add(error, klToNormal(found));
    minimise(loss, ["E", duel.GENERATOR]);
    return { loss };
  });
  const shape = [duel.TOY_SAMPLES, 2];
  const make = duel.trace(store, "make", () => {
    const made = model.generator(duel.input("z", [duel.TOY_SAMPLES, latent]), "evaluate");
    return { points: add(made, mul(duel.ops.normal("points", shape), POINT_SD)) };
  });
  const engine = await stage.compile(store, [learn, make]);
  const points = new Float32Array(2 * batch);
  await fit(stage, engine, learn, {
    label: "VAE",
    limit: { steps: stage.steps(4000, 800) },
    batch(draw) {
      toy.fill(seed, draw, points);
      return { points };
    },
  });
  const z = normals(stage, "samples", duel.TOY_SAMPLES * latent);
  return Float32Array.from((await engine.run(make, { z }, { seed, draw: 0 })).points);
}
