import assert from "node:assert/strict";
import { mixture } from "../../src/data/toy_distributions.ts";
import { type Toy, toys } from "../../src/data/toys.ts";
import { cellMasses, histogram } from "../../src/metrics/toy_cells.ts";
import {
  highQualityCounts,
  metricsOfToy,
  TOY_SAMPLES,
  toyFloor,
  toyJudge,
  toyMetrics,
} from "../../src/metrics/toys.ts";
import { slicedWasserstein } from "../../src/metrics/toy_slices.ts";

function close(found: number | undefined, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found! - expected) <= tolerance, `${what}: found ${found}, expected ${expected} ± ${tolerance}`);
}

/** `counts[i]` points at `[x, y]` each. */
function at(...places: readonly [count: number, x: number, y: number][]): Float32Array {
  return Float32Array.from(places.flatMap(([count, x, y]) => Array(count).fill([x, y]).flat()));
}

Deno.test("modes, high quality and reverse KL of samples that are put where they are", () => {
  const judge = toyJudge(toys.ring);
  // two modes of eight, 3 to 1; one sample 2.9 sd from its centre, one 3.1 sd, and one that is no number
  const scores = judge(at([29, 1, 0], [1, 1, 0.029], [10, 0, 1], [1, 0, 1.031], [8, 0.3, 0.3], [1, NaN, 0]));
  assert.equal(scores.modes, 2);
  close(scores["high-quality"], 40 / 50, 1e-12, "high quality");
  close(scores["reverse-kl"], 0.75 * Math.log(0.75 * 8) + 0.25 * Math.log(0.25 * 8), 1e-12, "reverse KL");
  assert.deepEqual([...highQualityCounts(toys.ring.modes!, at([2, -1, 0]))], [0, 0, 0, 0, 2, 0, 0, 0]);
});

Deno.test("one mode, all modes alike, and none", () => {
  const judge = toyJudge(toys.grid);
  const one = judge(at([100, 4, -2]));
  assert.deepEqual([one.modes, one["high-quality"]], [1, 1]);
  close(one["reverse-kl"], Math.log(25), 1e-12, "reverse KL of one mode");
  const centers = Float32Array.from(toys.grid.modes!.flatMap(({ center }) => center));
  const even = judge(centers);
  assert.deepEqual([even.modes, even["high-quality"]], [25, 1]);
  close(even["reverse-kl"], 0, 1e-12, "reverse KL of all modes alike");
  const none = judge(at([100, 1, 1]));
  assert.deepEqual([none.modes, none["high-quality"], none["reverse-kl"]], [0, 0, Infinity]);
});

Deno.test("reverse KL compares with a mixture's weights, and nearness is counted in deviations", () => {
  const toy = toys["mixture-1d"]; // weights 0.5, 0.2, 0.3 and sd 0.3, 0.15, 0.4
  const judge = toyJudge(toy);
  close(judge(Float32Array.of(-2, -2, -2, -2, -2, 0, 0, 2, 2, 2))["reverse-kl"], 0, 1e-7, "as weighted");
  const evenly = judge(Float32Array.of(-2, 0, 2))["reverse-kl"];
  close(evenly, (Math.log(1 / 1.5) + Math.log(1 / 0.6) + Math.log(1 / 0.9)) / 3, 1e-12, "evenly");
  const modes = [{ center: [0], sd: 1, weight: 0.5 }, { center: [3], sd: 0.1, weight: 0.5 }];
  assert.deepEqual([...highQualityCounts(modes, Float32Array.of(2.6, 2.75, 3.2))], [1, 2]);
});

Deno.test("a toy without modes is judged by its density alone", () => {
  const scores = toyJudge(toys.moons)(Float32Array.of(0, 1));
  assert.deepEqual(Object.keys(scores).sort(), ["jensen-shannon", "total-variation", "wasserstein"]);
  for (const toy of [toys.moons, toys.ring, toys["gaussian-1d"]]) {
    assert.deepEqual(metricsOfToy(toy), Object.keys(toyJudge(toy)(new Float32Array(2))), toy.name);
  }
});

Deno.test("a histogram counts points in cells, row by row, and those outside", () => {
  const grid = { box: [[0, 2], [10, 12]] as const, cells: 2 };
  const points = [0.5, 10.5, 1.5, 10.5, 1.5, 10.9, 0.5, 11.5, 2, 11, -0.1, 11, 1, 9.99, NaN, 11, 1, Infinity, 0, 10];
  assert.deepEqual([...histogram(Float32Array.from(points), grid)].map((share) => Math.round(share * 10)), [
    ...[2, 2, 1, 0],
    5,
  ]);
});

Deno.test("masses of cells are those of the Gaussian, also where it leaves the box", () => {
  const masses = cellMasses([{ center: [0], sd: 1, weight: 1 }], { box: [[-1, 2]], cells: 3 });
  const expected = [0.341344746068543, 0.341344746068543, 0.135905121983278, 0.158655253931457 + 0.022750131948179];
  masses.forEach((mass, cell) => close(mass, expected[cell], 1e-12, `cell ${cell}`));
  const plane = cellMasses([{ center: [0, 0], sd: 1, weight: 0.5 }, { center: [9, 9], sd: 0.1, weight: 0.5 }], {
    box: [[-1, 1], [0, 2]],
    cells: 2,
  });
  const upper = 0.341344746068543 ** 2 / 2, lower = 0.341344746068543 * 0.135905121983278 / 2;
  [upper, upper, lower, lower, 1 - 2 * upper - 2 * lower].forEach((mass, cell) =>
    close(plane[cell], mass, 1e-12, `plane ${cell}`)
  );
});

Deno.test("total variation and Jensen-Shannon divergence are 1 and log 2 far away, and those of a lost half", () => {
  const judge = toyJudge(toys["two-gaussians"]);
  const far = judge(at([50, 100, 100]));
  close(far["total-variation"], 1, 1e-6, "total variation far away");
  close(far["jensen-shannon"], Math.log(2), 1e-6, "divergence far away");
  // a million samples of one of two Gaussians that hardly meet: half of the mass is missing, twice the other is there
  const points = new Float32Array(2_000_000);
  mixture([{ center: [-1, 0], sd: 0.2, weight: 1 }]).fill(0, 0, points);
  const half = judge(points);
  close(half["total-variation"], 0.5, 0.01, "total variation of a half");
  close(half["jensen-shannon"], (Math.log(4 / 3) + 0.5 * Math.log(2 / 3) + 0.5 * Math.log(2)) / 2, 0.002, "of a half");
  assert.equal(half.modes, 1);
});

Deno.test("the distance of a shifted Gaussian is its shift, of a wider one the integral, of a lost mode its way", () => {
  const many = 400_000;
  const unit = slicedWasserstein([{ center: [0], sd: 1, weight: 1 }]);
  const points = (center: number[], sd: number) => {
    const target = new Float32Array(many);
    mixture([{ center, sd, weight: 1 }]).fill(0, 0, target);
    return target;
  };
  close(unit(points([0], 1)), 0, 0.005, "the same");
  close(unit(points([0.7], 1)), 0.7, 0.005, "shifted");
  close(unit(points([30], 1)), 30, 0.005, "far away, beyond the table");
  close(unit(points([0], 1.5)), 0.5 * Math.sqrt(2 / Math.PI), 0.005, "wider"); // E|1.5 z − z|
  // in the plane, a shift by (a, 0) is a·|cos| along each direction, on average over 16 of them cot(π/32)/16
  const plane = slicedWasserstein([{ center: [0, 0], sd: 1, weight: 1 }]);
  close(plane(points([2, 0], 1)), 2 / Math.tan(Math.PI / 32) / 16, 0.01, "shifted in the plane");
  assert.equal(unit(Float32Array.of(0, NaN)), Infinity);
  const two = slicedWasserstein([{ center: [-1], sd: 0.01, weight: 0.5 }, { center: [1], sd: 0.01, weight: 0.5 }]);
  close(two(points([1], 0.01)), 1, 0.005, "a lost mode: half of the mass goes a way of 2");
});

Deno.test("perfect samples score the floor: what theory says of 2500 of them", () => {
  assert.equal(TOY_SAMPLES, 2500);
  const floor = toyFloor(toys.grid);
  assert.deepEqual(Object.keys(floor).sort(), Object.keys(toyMetrics).sort());
  assert.deepEqual(floor.modes, { mean: 25, sd: 0 });
  const inside = 1 - Math.exp(-4.5); // of a Gaussian in the plane, within 3 sd
  close(floor["high-quality"]!.mean, inside, 4 * Math.sqrt(inside * (1 - inside) / 2500 / 20), "high quality");
  close(floor["reverse-kl"]!.mean, 24 / (2 * 2500 * inside), 0.001, "reverse KL: (modes − 1)/2n");
  const line = toyFloor(toys["gaussian-1d"]);
  close(line["high-quality"]!.mean, 0.9973, 0.001, "high quality on a line");
  // the mean of |F̂ − F| at each place is √(2·F(1 − F)/πn) for large n
  close(line.wasserstein!.mean, 0.5 * integral() * Math.sqrt(2 / (Math.PI * 2500)), 0.003, "distance on a line");
});

/** ∫ √(Φ(1 − Φ)) over the line, Φ summed up by the midpoint rule. */
function integral(): number {
  const step = 0.001;
  let [below, sum] = [0, 0];
  for (let x = -9; x < 9; x += step) {
    below += step * Math.exp(-0.5 * (x + step / 2) ** 2) / Math.sqrt(2 * Math.PI);
    sum += step * Math.sqrt(Math.max(below * (1 - below), 0));
  }
  return sum;
}

Deno.test("each metric tells what it is meant to tell from perfect samples, by far more than chance", () => {
  const blurred = (value: number, i: number) => i % 10 < 2 ? value * 0.9 : value; // every fifth sample is too near to 0
  const onOneSide = (value: number, i: number) => i % 2 === 0 ? Math.abs(value) : value;
  const shape = ["total-variation", "jensen-shannon", "wasserstein"] as const;
  const cases = [
    [toys.ring, blurred, ["high-quality", "total-variation", "jensen-shannon"]],
    [toys.ring, onOneSide, ["modes", "reverse-kl", ...shape]],
    [toys["swissroll-wgan"], onOneSide, shape],
    [toys["mixture-1d"], (value: number) => Math.abs(value), ["modes", "reverse-kl", ...shape]],
  ] as const;
  for (const [toy, spoil, names] of cases) {
    const judge = toyJudge(toy as Toy);
    const floor = toyFloor(toy, TOY_SAMPLES, 10, judge);
    const points = new Float32Array(TOY_SAMPLES * toy.dimensions);
    toy.fill(1, 0, points);
    const scores = judge(points.map(spoil));
    for (const name of names) {
      const { mean, sd } = floor[name]!;
      const worse = toyMetrics[name].better === "lower" ? scores[name]! - mean : mean - scores[name]!;
      assert.ok(worse > 5 * sd, `${toy.name}, ${name}: ${scores[name]} against ${mean} ± ${sd}`);
    }
  }
});
