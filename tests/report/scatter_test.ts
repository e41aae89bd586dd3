import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { colors } from "../../src/report/axes.ts";
import { Canvas } from "../../src/report/canvas.ts";
import type { Pixels } from "../../src/report/image.ts";
import { intervalPlot } from "../../src/report/interval_plot.ts";
import { heatPoints, scatter } from "../../src/report/scatter.ts";

type Rgb = readonly number[];

function pixel({ width, bytes }: Pixels, x: number, y: number): Rgb {
  return [...bytes.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

/** The centre of what differs between two pictures, in pixels. */
function centerOfChange(picture: Pixels, ground: Pixels): [x: number, y: number] {
  let [sum, sumX, sumY] = [0, 0, 0];
  picture.bytes.forEach((value, i) => {
    const change = Math.abs(value - ground.bytes[i]);
    const place = Math.floor(i / 3);
    sum += change;
    sumX += change * (place % picture.width + 0.5);
    sumY += change * (Math.floor(place / picture.width) + 0.5);
  });
  return [sumX / sum, sumY / sum];
}

function near(found: Rgb, expected: Rgb, tolerance: number, what: string): void {
  const far = Math.max(...found.map((value, i) => Math.abs(value - expected[i])));
  assert.ok(far <= tolerance, `${what}: found ${found}, expected ${expected} ± ${tolerance}`);
}

// Its middle is at (20, 300); an x of 10 and a y of 200 are the lower left corner.
const box = [[10, 30], [200, 400]] as const;
const empty = scatter({ box });

Deno.test("a point is at its place, with y upwards, in the colour of its kind", () => {
  for (const [kind, color] of [["real", colors.real], ["fake", colors.fake]] as const) {
    for (const [x, y, column, row] of [[15, 350, 128, 128], [15, 250, 128, 384], [27.5, 225, 448, 448]]) {
      const picture = scatter({ box, [kind]: Float32Array.of(x, y) });
      const [foundX, foundY] = centerOfChange(picture, empty);
      assert.ok(Math.hypot(foundX - column, foundY - row) < 0.3, `${kind} at ${foundX}, ${foundY}`);
      const many = scatter({ box, [kind]: Float32Array.from(Array(20).fill([x, y]).flat()) });
      near(pixel(many, column, row), color, 2, `${kind}, many upon each other`);
    }
  }
});

Deno.test("generated points lie on top of real ones, which show around them", () => {
  const points = Float32Array.from(Array(20).fill([22, 333]).flat());
  const picture = scatter({ box, real: points, fake: points });
  const column = 0.6 * 512, row = 0.335 * 512;
  near(pixel(picture, Math.floor(column), Math.floor(row)), colors.fake, 2, "centre");
  near(pixel(picture, Math.floor(column - 2.5), Math.floor(row)), colors.real, 40, "margin");
});

Deno.test("points outside of the box, or that are no numbers, change nothing; equal input gives equal pictures", () => {
  const lost = Float32Array.of(5, 300, 35, 300, 20, 100, 20, 500, NaN, 300, 20, Infinity, -1e30, 1e30);
  assert.deepEqual(scatter({ box, real: lost, fake: lost }), empty);
  assert.deepEqual([empty.count, empty.width, empty.height, empty.channels], [1, 512, 512, 3]);
  for (const [x, y] of [[0, 0], [511, 511], [0, 200], [300, 511]]) {
    near(pixel(empty, x, y), colors.frame, 0, `frame at ${x}, ${y}`);
  }
  near(pixel(empty, 30, 30), colors.ground, 0, "ground");
  assert.equal(scatter({ box, size: 128 }).bytes.length, 128 * 128 * 3);
});

Deno.test("a disc covers its area, wherever between pixels its centre is", () => {
  for (const [x, y, radius] of [[20, 20, 5], [20.5, 20.5, 5], [20.3, 19.8, 2.1], [20.9, 20.1, 3.2]]) {
    const canvas = new Canvas(40, 40, [0, 0, 0]);
    canvas.disc(x, y, radius, [255, 255, 255], 1);
    let [area, sumX, sumY] = [0, 0, 0];
    const picture = canvas.pixels();
    for (let row = 0; row < 40; row++) {
      for (let column = 0; column < 40; column++) {
        const cover = pixel(picture, column, row)[0] / 255;
        area += cover;
        sumX += cover * (column + 0.5);
        sumY += cover * (row + 0.5);
      }
    }
    assert.ok(Math.abs(area / (Math.PI * radius ** 2) - 1) < 0.03, `area ${area} of radius ${radius}`);
    assert.ok(Math.hypot(sumX / area - x, sumY / area - y) < 0.05, `centre ${sumX / area}, ${sumY / area}`);
  }
});

Deno.test("heat is asked for row by row from the top left corner", () => {
  assert.deepEqual([...heatPoints(box, 2)], [15, 350, 25, 350, 15, 250, 25, 250]);
});

Deno.test("heat is orange where D takes points for real, blue where not, with a line where it is undecided", () => {
  const cells = 64;
  const points = heatPoints(box, cells);
  // 0 along the line from (14, 200) to (22, 400): real to the right of it
  const logit = (x: number, y: number) => x - 14 - (y - 200) / 25;
  const values = Float32Array.from({ length: cells * cells }, (_, i) => logit(points[2 * i], points[2 * i + 1]));
  const picture = scatter({ box, heat: { cells, values } });
  near(pixel(picture, 500, 480), colors.takenForReal, 12, "far right");
  const left = pixel(picture, 3, 30);
  assert.ok(left[2] > left[0] + 40, `left: ${left}`);
  for (const y of [60, 200, 333, 470]) {
    const column = (14 + (1 - (y + 0.5) / 512) * 8 - 10) / 20 * 512;
    const shades = Array.from({ length: 61 }, (_, i) => pixel(picture, Math.round(column) - 30 + i, y)[1]);
    const darkest = shades.indexOf(Math.min(...shades));
    assert.ok(Math.abs(darkest - 30) <= 1, `row ${y}: the line is ${darkest - 30} pixels beside its place`);
  }
  const shifted = Float32Array.from(values, (value) => value + 100);
  near(
    pixel(scatter({ box, heat: { cells, values: shifted, middle: 100 } }), 500, 480),
    colors.takenForReal,
    12,
    "middle",
  );
});

Deno.test("the value that is coloured most can be set, so that heats of several pictures can be compared", () => {
  const values = new Float32Array(16).fill(2);
  const shade = (most: number) => pixel(scatter({ box, heat: { cells: 4, values, most } }), 30, 30);
  near(shade(2), colors.takenForReal, 1, "2 of 2");
  near(shade(4), colors.ground.map((value, i) => (value + colors.takenForReal[i]) / 2), 2, "2 of 4");
});

Deno.test("heat that is nowhere finite, or the same everywhere, is drawn without harm", () => {
  const constant = (value: number) => new Float32Array(16).fill(value);
  assert.deepEqual(scatter({ box, heat: { cells: 4, values: constant(NaN) } }), empty);
  assert.deepEqual(scatter({ box, heat: { cells: 4, values: constant(0) } }), empty);
  near(pixel(scatter({ box, heat: { cells: 4, values: constant(7) } }), 30, 30), colors.takenForReal, 1, "all real");
  near(pixel(scatter({ box, heat: { cells: 4, values: constant(-7) } }), 30, 30), colors.takenForFake, 1, "all fake");
});

Deno.test("plots of the wrong dimension, odd numbers and heat of the wrong length are usage errors", () => {
  assert.throws(() => scatter({ box: [[0, 1]] }), UsageError);
  assert.throws(() => scatter({ box, fake: new Float32Array(3) }), UsageError);
  assert.throws(() => scatter({ box, heat: { cells: 4, values: new Float32Array(15) } }), UsageError);
  assert.throws(() => scatter({ box, heat: { cells: 1, values: new Float32Array(1) } }), UsageError);
  assert.throws(() => intervalPlot({ box, density: () => 1 }), UsageError);
});

/** How many pixels of a column are more orange, or else more blue, than grey. */
function rows(picture: Pixels, x: number, kind: "orange" | "blue"): number {
  return Array.from({ length: picture.height }, (_, y) => pixel(picture, x, y))
    .filter(([red, , blue]) => (kind === "orange" ? red - blue : blue - red) > 30).length;
}

Deno.test("on a line, the hill is as high as the density, bars as high as the share of points, D from foot to top", () => {
  const line = [[0, 8]] as const;
  const density = ([x]: readonly [number]) => x < 4 ? 0.05 : 0.2; // a step, 4 times as high
  const plain = intervalPlot({ box: line, density });
  assert.deepEqual([plain.width, plain.height], [512, 320]);
  const floor = 320 - 23;
  const low = rows(plain, 100, "orange");
  const high = rows(plain, 400, "orange");
  assert.ok(Math.abs(high - 0.6 * floor) <= 3 && Math.abs(low - 0.15 * floor) <= 3, `${low} and ${high} of ${floor}`);
  const spread = Float32Array.from({ length: 6400 }, (_, i) => 8 * i / 6400); // even: 1/8 everywhere
  const bars = intervalPlot({ box: line, density: () => 0.2, fake: spread });
  const blue = rows(bars, 404, "blue");
  assert.ok(Math.abs(blue - 0.125 / 0.2 * 0.6 * floor) <= 4, `${blue}`);
  const judged = intervalPlot({ box: line, density, judgement: Float32Array.of(0.25, 0.25) });
  const column = Array.from({ length: 320 }, (_, y) => pixel(judged, 250, y));
  const dark = column.slice(5, floor - 5).map((value) => value[0]);
  assert.ok(Math.abs(dark.indexOf(Math.min(...dark)) + 5 - 0.75 * floor) <= 2, "the curve at a quarter");
});

Deno.test("an arrow leads from its first point to its second, with its head there", () => {
  // From (15, 300) to (25, 300): from x = 128 to x = 384 at half the height.
  const picture = scatter({ box, arrows: Float32Array.of(15, 300, 25, 300) });
  const [x, y] = centerOfChange(picture, empty);
  assert.ok(Math.abs(x - 256) < 6 && Math.abs(y - 256) < 1, `centre at ${x}, ${y}`);
  const changed = (column: number) =>
    Array.from({ length: 512 }, (_, row) => row).filter((row) =>
      pixel(picture, column, row).some((value, i) => value !== pixel(empty, column, row)[i])
    ).length;
  assert.ok(changed(380) > changed(250) && changed(250) >= 1, "the head is wider than the shaft");
  assert.deepEqual([changed(120), changed(392)], [0, 0]);
  assert.deepEqual(
    scatter({ box, arrows: Float32Array.of(15, 300, 15, 300, NaN, 0, 1, 1) }),
    empty,
    "no way, no arrow",
  );
  assert.throws(() => scatter({ box, arrows: new Float32Array(6) }), UsageError);
});

Deno.test("the best D is a green curve at its height", () => {
  const options = { box: [[0, 8]] as const, density: () => 0.1 };
  const ground = intervalPlot(options);
  const picture = intervalPlot({ ...options, optimum: new Float32Array(9).fill(0.75) });
  const [, y] = centerOfChange(picture, ground);
  const floor = picture.height - Math.round(0.045 * 512);
  assert.ok(Math.abs(y - floor / 4) < 1, `at ${y} of ${floor}`);
  near(pixel(picture, 256, Math.round(floor / 4)), colors.optimum, 40, "its colour");
});
