import assert from "node:assert/strict";
import { erf } from "../../src/core/special.ts";
import { curves, mixture } from "../../src/data/toy_distributions.ts";
import { isToy, type Toy, toys } from "../../src/data/toys.ts";
import { cellMasses, histogram } from "../../src/metrics/toy_cells.ts";

const all: readonly Toy[] = Object.values(toys);

function close(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: found ${found}, expected ${expected} ± ${tolerance}`);
}

function samples(toy: Toy, count: number, seed = 0, draw = 0): Float32Array {
  const points = new Float32Array(count * toy.dimensions);
  toy.fill(seed, draw, points);
  return points;
}

/** Where each mode is, as text with three decimals, in the order of the text. */
function centers({ modes }: Toy): string[] {
  return modes!.map(({ center }) => center.map((x) => (x + 0).toFixed(3).replace("-0.000", "0.000")).join(" ")).sort();
}

Deno.test("rings and grids are those of their papers", () => {
  const expected = {
    // radius, coordinates of the modes between the axes, sd
    "ring": { far: 1, diagonal: 0.70711, sd: 0.01 },
    "ring-unrolled": { far: 2, diagonal: 1.41421, sd: 0.02 },
    "ring-wgan": { far: 2 / 1.414, diagonal: 1.41421 / 1.414, sd: 0.02 / 1.414 },
  } as const;
  for (const [name, { far, diagonal, sd }] of Object.entries(expected)) {
    const toy = toys[name as keyof typeof expected];
    const [f, d, o] = [far.toFixed(3), diagonal.toFixed(3), "0.000"];
    const circle = [`${f} ${o}`, `${d} ${d}`, `${o} ${f}`, `-${d} ${d}`, `-${f} ${o}`, `-${d} -${d}`, `${o} -${f}`];
    assert.deepEqual(centers(toy), [...circle, `${d} -${d}`].sort());
    for (const mode of toy.modes!) assert.deepEqual([mode.sd, mode.weight], [sd, 1 / 8]);
  }
  for (const [name, line, sd] of [["grid", [-4, -2, 0, 2, 4], 0.05], ["grid-wgan", [-4, -2, 0, 2, 4], 0.05]] as const) {
    const scale = name === "grid" ? 1 : 2.828;
    const lattice = line.flatMap((x) => line.map((y) => `${(x / scale).toFixed(3)} ${(y / scale).toFixed(3)}`));
    assert.deepEqual(centers(toys[name]), lattice.sort());
    for (const mode of toys[name].modes!) close(mode.sd * scale, sd, 1e-12, name);
    for (const mode of toys[name].modes!) close(mode.weight, 1 / 25, 1e-12, name);
  }
});

Deno.test("densities have the values that their formulas give", () => {
  close(toys["gaussian-1d"].density([1]), 1 / (0.5 * Math.sqrt(2 * Math.PI)), 1e-12, "peak of a Gaussian");
  close(toys["gaussian-1d"].density([1.5]), Math.exp(-0.5) / (0.5 * Math.sqrt(2 * Math.PI)), 1e-12, "at one sd");
  close(toys.ring.density([1, 0]), 1 / (8 * 2 * Math.PI * 0.01 ** 2), 1e-6, "peak of a mode of the ring");
  close(toys.ring.density([1.01, 0.02]) / toys.ring.density([1, 0]), Math.exp(-2.5), 1e-9, "at √5 sd");
  const mode = (x: number, mean: number, sd: number) =>
    Math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI));
  for (const x of [-2.2, -1, 0.1, 1.3]) {
    const sum = 0.5 * mode(x, -2, 0.3) + 0.2 * mode(x, 0, 0.15) + 0.3 * mode(x, 2, 0.4);
    close(toys["mixture-1d"].density([x]), sum, 1e-12, `mixture at ${x}`);
  }
});

Deno.test("the density of a line, by quadrature, is the closed form, along it, beside it and at its ends", () => {
  const length = Math.hypot(2, 1);
  const below = (x: number) => 0.5 + 0.5 * erf(x / Math.SQRT2);
  for (const along of [-0.05, -0.01, 0, 0.013, 1, 2.2, length, length + 0.03]) {
    for (const beside of [-0.05, 0, 0.007, 0.04]) {
      const point = [-1 + (2 * along - beside) / length, -0.5 + (along + 2 * beside) / length];
      const across = Math.exp(-0.5 * (beside / 0.02) ** 2) / (0.02 * Math.sqrt(2 * Math.PI));
      const expected = across * (below((length - along) / 0.02) - below(-along / 0.02)) / length;
      close(toys.line.density(point), expected, 1e-7, `${along} along, ${beside} beside`);
    }
  }
});

Deno.test("curves go where their definitions say", () => {
  const near = (toy: Toy, point: number[]) => toy.density(point) / toy.density(toy.components[0].center);
  const angle = 1.5 * Math.PI * 2.2; // scikit-learn's t for the uniform number 0.6
  const roll = [angle * Math.cos(angle) / 7.5, angle * Math.sin(angle) / 7.5];
  assert.ok(near(toys["swissroll-wgan"], roll) > 0.2 && near(toys["swissroll-wgan"], [0, 0]) < 1e-6);
  for (const point of [[0, 1], [1, -0.5], [Math.SQRT1_2, Math.SQRT1_2], [1 - Math.SQRT1_2, 0.5 - Math.SQRT1_2]]) {
    assert.ok(near(toys.moons, point) > 0.5, `moons at ${point}`);
  }
  assert.ok(near(toys.moons, [0, -0.5]) < 1e-6 && near(toys.moons, [1, 1]) < 1e-6);
  // both arms end after 1½ turns, at the radius 2, on opposite sides
  close(near(toys.spiral, [-2, 0]), near(toys.spiral, [2, 0]), 1e-9, "arms");
  assert.ok(near(toys.spiral, [2, 0]) > 0.1 && near(toys.spiral, [-1.7, 0]) < 1e-3);
});

Deno.test("every density integrates to 1 over its box, and the masses of cells are integrals of it", () => {
  for (const toy of all) {
    const smallest = Math.min(...toy.components.map(({ sd }) => sd));
    const [low, high] = toy.box[0];
    // the midpoint rule is exact to 1e-12 for a Gaussian in steps of its sd times 0.8
    const steps = Math.ceil((high - low) / (0.8 * smallest));
    const step = (high - low) / steps;
    let sum = 0;
    const second = toy.box[1];
    const near = nearby(toy, step * 12);
    for (let i = 0; i < steps; i++) {
      const x = low + (i + 0.5) * step;
      if (second === undefined) sum += step * toy.density([x]);
      else {
        for (let j = 0; j < steps; j++) {
          const y = second[0] + (j + 0.5) * step;
          if (near(x, y)) sum += step * step * toy.density([x, y]);
        }
      }
    }
    close(sum, 1, 1e-6, toy.name);
    const masses = cellMasses(toy.components, { box: toy.box, cells: 16 });
    close(masses.reduce((total, mass) => total + mass, 0), 1, 1e-9, `${toy.name}: masses`);
    assert.ok(masses.at(-1)! < 1e-6, `${toy.name}: ${masses.at(-1)} is outside of the box`);
  }
});

/** Whether a point's square of the width `reach`, or one beside it, holds the centre of a component. */
function nearby(toy: Toy, reach: number): (x: number, y: number) => boolean {
  const key = (x: number, y: number) => `${Math.floor(x / reach)} ${Math.floor(y / reach)}`;
  const taken = new Set(
    toy.components.flatMap(({ center: [x, y] }) =>
      [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => key(x + dx * reach, y + dy * reach)))
    ),
  );
  return (x, y) => taken.has(key(x, y));
}

/** (χ² − degrees of freedom)/√(2·degrees) of a histogram against masses; about normal when the masses are true. */
function surprise(points: Float32Array, toy: Toy, components = toy.components): number {
  const count = points.length / toy.dimensions;
  const grid = { box: toy.box, cells: toy.dimensions === 1 ? 200 : 257 };
  const found = histogram(points, grid);
  const expected = cellMasses(components, grid);
  let [chiSquare, degrees, restFound, restExpected] = [0, -1, 0, 0];
  expected.forEach((mass, cell) => {
    if (mass * count < 5) {
      restFound += found[cell] * count;
      restExpected += mass * count;
    } else {
      chiSquare += (found[cell] * count - mass * count) ** 2 / (mass * count);
      degrees++;
    }
  });
  if (restExpected > 0) {
    chiSquare += (restFound - restExpected) ** 2 / restExpected;
    degrees++;
  }
  return (chiSquare - degrees) / Math.sqrt(2 * degrees);
}

Deno.test("samples follow the density: χ² of fine cells, which notices an sd that is wrong by a tenth", () => {
  for (const toy of all) {
    const points = samples(toy, 200_000, 5);
    const right = surprise(points, toy);
    assert.ok(Math.abs(right) < 4, `${toy.name}: ${right}`);
    for (const factor of [0.9, 1.1]) {
      const wrong = surprise(points, toy, toy.components.map((part) => ({ ...part, sd: part.sd * factor })));
      assert.ok(wrong > 12, `${toy.name}, sd × ${factor}: ${wrong}`);
    }
  }
});

Deno.test("draws are pure functions of seed and draw, all different, and a smaller batch is the beginning", () => {
  for (const toy of all) {
    const points = samples(toy, 500, 3, 7);
    assert.deepEqual(samples(toy, 500, 3, 7), points);
    assert.deepEqual(samples(toy, 100, 3, 7), points.subarray(0, 100 * toy.dimensions));
    assert.notDeepEqual(samples(toy, 500, 3, 8), points);
    assert.notDeepEqual(samples(toy, 500, 4, 7), points);
    assert.ok(new Set(points).size > 450 * toy.dimensions, `${toy.name} repeats itself`);
  }
});

Deno.test("weights of a mixture are shares, and a last mode of almost no weight breaks nothing", () => {
  const { modes, fill } = mixture([{ center: [5], sd: 1e-3, weight: 3 }, { center: [9], sd: 1e-3, weight: 1 }]);
  assert.deepEqual(modes!.map(({ weight }) => weight), [0.75, 0.25]);
  const points = new Float32Array(40_000);
  fill(1, 0, points);
  close(points.filter((x) => x > 7).length / 40_000, 0.25, 4 * Math.sqrt(0.25 * 0.75 / 40_000), "share");
  const many = mixture(Array.from({ length: 49 }, (_, i) => ({ center: [i], sd: 1, weight: 1 / 49 })));
  many.fill(0, 0, points);
  assert.ok(points.every(Number.isFinite));
});

Deno.test("strands of a curve have equal weight", () => {
  const { components, fill } = curves([(t) => [t, 0], (t) => [3 * t, 5]], 0.1);
  const lower = components.filter(({ center }) => center[1] === 0).reduce((sum, { weight }) => sum + weight, 0);
  close(lower, 0.5, 1e-12, "weight");
  const points = new Float32Array(20_000);
  fill(1, 0, points);
  close(points.filter((y, i) => i % 2 === 1 && y > 2.5).length / 10_000, 0.5, 0.02, "share");
});

Deno.test("toys are known by name, and nothing else is", () => {
  for (const [name, toy] of Object.entries(toys)) {
    assert.equal(toy.name, name);
    assert.ok(isToy(name) && toy.about.length > 10);
    assert.equal(toy.box.length, toy.dimensions);
    assert.equal(new Set(toy.box.map(([low, high]) => (high - low).toFixed(9))).size, 1);
  }
  for (const name of ["", "Ring", "toString", "mnist"]) assert.equal(isToy(name), false);
});
