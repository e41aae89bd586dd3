/** What the tests of metrics share: clouds of points. */
import { type Points, pointsOf } from "../../src/metrics/points.ts";
import { normals, randomOf } from "../support/random.ts";

/** Standard normal points, moved by `shift`, a function of the seed. */
export function cloud(seed: string, count: number, length: number, shift = 0): Points {
  return pointsOf(normals(randomOf(seed), count * length).map((value) => value + shift), length);
}
