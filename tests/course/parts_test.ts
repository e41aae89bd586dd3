/** What the experiments of the course are made of. */
import assert from "node:assert/strict";
import { klToNormal } from "../../src/course/code_distribution.ts";
import { codeGrid, extent, halfwayToNeighbours, likeness, midpoints, neighbours } from "../../src/course/code_space.ts";
import type { Stage } from "../../src/course/experiment.ts";
import { DIGIT, everySecond, FACE, joinedPictures, pick, rows, sharpness, SIZE } from "../../src/course/images.ts";
import { densityOf, distanceFromOptimum, floorOfDistance, optimum, overlapOf } from "../../src/course/optimum.ts";
import { shareOfWay } from "../../src/course/mixtures.ts";
import { acrossGenerations } from "../../src/course/story.ts";
import { Letters } from "../../src/course/structure/letters.ts";
import { colourfulness } from "../../src/course/structure/outline.ts";
import { write } from "../../src/course/structure/sequence.ts";
import { mapRows, repeat } from "../../src/course/training.ts";
import * as duel from "../../src/mod.ts";

const near = (found: number, expected: number, tolerance: number, what = "") =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: found ${found}, expected ${expected} ± ${tolerance}`);

/** A stage for functions that only need its seed, or its progress. */
function stageWith(progress: Stage["progress"] = () => () => {}): Stage {
  return { seed: 1, progress } as Partial<Stage> as Stage;
}

Deno.test("a grid of codes goes from left to right and from the top down, over its box", () => {
  const grid = codeGrid(3, [[0, 2], [10, 30]]);
  const expected = [[0, 30], [1, 30], [2, 30], [0, 20], [1, 20], [2, 20], [0, 10], [1, 10], [2, 10]];
  assert.deepEqual([...grid], expected.flat());
});

Deno.test("midpoints are those of pairs; the nearest code is another one; halfway is between both", () => {
  const codes = Float32Array.of(0, 0, 2, 4, 10, 10, 11, 10, 7, 7);
  assert.deepEqual([...midpoints(codes, 2)], [1, 2, 10.5, 10]);
  const nearest = neighbours(codes, 2);
  assert.deepEqual([...nearest], [1, 0, 3, 2, 2]);
  assert.deepEqual([...halfwayToNeighbours(codes, 2, nearest).subarray(0, 6)], [1, 2, 1, 2, 10.5, 10]);
});

Deno.test("the extent of codes leaves out their ends; codes like others have their mean and variance", () => {
  const count = 4000;
  const random = duel.random.normals(2 * count, 1, "codes", 0);
  const codes = Float32Array.from(random, (value, i) => i % 2 === 0 ? 5 + value : -1 + 3 * value);
  const [[low, high], [lowest, highest]] = extent(codes, 2, 0.05);
  [[low, 5 - 1.96], [high, 5 + 1.96], [lowest, -1 - 3 * 1.96], [highest, -1 + 3 * 1.96]]
    .forEach(([found, expected]) => near(found, expected, 0.3, "a quantile"));
  const like = likeness(stageWith(), codes, 2)(count);
  for (const [k, center, sd] of [[0, 5, 1], [1, -1, 3]]) {
    const own = like.filter((_, i) => i % 2 === k);
    const mean = own.reduce((sum, value) => sum + value, 0) / count;
    near(mean, center, 0.15, "mean");
    near(Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count), sd, 0.15, "deviation");
  }
});

Deno.test("the KL term is the divergence from N(0, 1): against its integral, and 0 at N(0, 1)", async () => {
  const store = new duel.Store(0);
  const program = duel.trace(store, "kl", () => {
    const part = (values: readonly number[]) => duel.ops.literal(values, [2, 2]);
    const sure = klToNormal({ center: part([0, 0, 0, 0]), logSd: part([0, 0, 0, 0]) });
    return { sure, other: klToNormal({ center: part([1, 0, -0.5, 2]), logSd: part([0.5, -1, 0, 0.2]) }) };
  });
  const engine = await duel.compileReference(store, [program]);
  const { sure, other } = await engine.run(program, {}, { seed: 0, draw: 0 });
  await engine.close();
  const divergence = (m: number, sd: number) => {
    let sum = 0;
    const step = 1e-3;
    for (let x = m - 10 * sd; x < m + 10 * sd; x += step) {
      const p = Math.exp(-0.5 * ((x - m) / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI));
      const q = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
      if (p > 0 && q > 0) sum += p * Math.log(p / q) * step;
    }
    return sum;
  };
  const all = [[1, 0.5], [0, -1], [-0.5, 0], [2, 0.2]].map(([m, s]) => divergence(m, Math.exp(s)));
  near(sure[0], 0, 1e-12);
  near(other[0], (all[0] + all[1] + all[2] + all[3]) / 2, 1e-4, "two samples of two numbers");
});

Deno.test("blurred images are less sharp, in grey and in colour, and neighbours in a list do not count", () => {
  for (const length of [DIGIT, FACE]) {
    const channels = length / DIGIT;
    const edges = Float32Array.from({ length }, (_, i) => Math.floor(i / channels) % SIZE < 16 ? -1 : 1);
    const slope = Float32Array.from({ length }, (_, i) => (Math.floor(i / channels) % SIZE) / 16 - 1);
    // An edge in one column of 30: both pixels beside it differ by 2 from one neighbour.
    near(sharpness(edges, length), 2 * 2 / 30, 1e-6, "edge");
    near(sharpness(slope, length), 0, 1e-6, "slope");
    const both = new Float32Array(2 * length);
    both.set(edges.map(() => 1));
    assert.equal(sharpness(both, length), 0, "a white image beside a black one");
  }
});

Deno.test("images are picked, and shown in rows", () => {
  const images = Float32Array.from({ length: 4 * DIGIT }, (_, i) => Math.floor(i / DIGIT) / 2 - 1);
  const values = (picked: Float32Array) => Array.from({ length: picked.length / DIGIT }, (_, i) => picked[i * DIGIT]);
  assert.deepEqual(values(pick(images, DIGIT, [2, 0])), [0, -1]);
  assert.deepEqual(values(everySecond(images, DIGIT, 1, 2)), [-0.5, 0.5]);
  const { width, height } = rows(DIGIT, images, images);
  assert.deepEqual([width, height], [4 * (64 + 2) + 2, 2 * (64 + 2) + 2]);
});

Deno.test("something is repeated as often as is wanted, or until its time is up", async () => {
  const shown: number[] = [];
  const stage = stageWith((total) => (done) => shown.push(done / total));
  const shares: number[] = [];
  const made = await repeat(
    stage,
    "",
    { steps: 4 },
    (step, share) => Promise.resolve(String(shares.push(share) + step)),
  );
  assert.deepEqual(shares, [0, 0.25, 0.5, 0.75]);
  assert.equal(made, 4);
  assert.equal(shown.at(-1), 1);
  let updates = 0;
  const start = performance.now();
  const counted = await repeat(stage, "", { seconds: 0.05 }, async (_, share) => {
    assert.ok(share < 1);
    updates++;
    await new Promise((resolve) => setTimeout(resolve, 5));
    return "";
  });
  assert.ok(counted === updates && updates >= 2 && performance.now() - start >= 50);
});

Deno.test("rows are mapped a batch at a time, and the last batch gives no more than there is", async () => {
  const store = new duel.Store(0);
  const program = duel.trace(store, "double", () => ({ twice: duel.ops.mul(duel.input("x", [4, 2]), 2) }));
  const engine = await duel.compileReference(store, [program]);
  const x = Float32Array.from({ length: 12 }, (_, i) => i);
  assert.deepEqual([...await mapRows(engine, program, "x", x, "twice")], [...x.map((value) => 2 * value)]);
  await engine.close();
});

Deno.test("the recurrent writer gives probabilities that add up to one over all texts, and writes by them", async () => {
  const texts = ["aa", "ab", "ba", "bb"];
  const letters = new Letters({ length: 2, texts, learned: texts });
  const store = new duel.Store(3);
  const given = duel.trace(store, "given", () => ({ logs: write(letters, duel.input("texts", [64, 2, 2])).logs }));
  const free = duel.trace(store, "free", () => ({ texts: write(letters).texts }));
  const engine = await duel.compileReference(store, [given, free]);
  const oneHot = (text: string) => letters.indices(text).flatMap((index) => [Number(index === 0), Number(index === 1)]);
  const inputs = Float32Array.from(Array.from({ length: 64 }, (_, i) => oneHot(texts[i % 4])).flat());
  const { logs } = await engine.run(given, { texts: inputs }, { seed: 1, draw: 0 });
  const probabilities = texts.map((_, i) => Math.exp(logs[2 * i] + logs[2 * i + 1]));
  near(probabilities.reduce((sum, value) => sum + value, 0), 1, 1e-6, "all texts");
  const counts = new Map(texts.map((text) => [text, 0]));
  const draws = 100;
  for (let draw = 0; draw < draws; draw++) {
    const outputs = await engine.run(free, {}, { seed: 1, draw });
    for (const text of letters.read(Float32Array.from(outputs.texts))) counts.set(text, counts.get(text)! + 1);
  }
  await engine.close();
  texts.forEach((text, i) => near(counts.get(text)! / (64 * draws), probabilities[i], 0.03, text));
});

Deno.test("a density is found again in samples, smoothed by the bell, on a line and in the plane", () => {
  const count = 4000, bell = 0.1;
  const drawn = Float32Array.from(duel.random.normals(2 * count, 1, "points", 0), (value) => 0.3 * value);
  const sd = Math.hypot(0.3, bell);
  for (const dimensions of [1, 2]) {
    const samples = drawn.subarray(0, dimensions * count);
    for (const distance of [0, 0.3, 0.6]) {
      const place = new Float32Array(dimensions);
      place[0] = distance;
      const expected = Math.exp(-0.5 * (distance / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI)) ** dimensions;
      const [found] = densityOf(samples, place, dimensions, bell);
      near(found / expected, 1, 0.12, `${dimensions} dimensions, ${distance} away`);
    }
  }
});

Deno.test("the optimal D is the share of real samples at a place, and no D is nearer to it than itself", () => {
  const real = Float64Array.of(0.6, 0.3, 0, 0), generated = Float64Array.of(0.2, 0.3, 0.6, 0);
  const best = optimum(real, generated);
  assert.deepEqual([...best], [0.75, 0.5, 0, NaN]);
  assert.equal(distanceFromOptimum(best, real, generated, 1), 0);
  // Places count by how many samples are there: (0.8 + 0.6 + 0.6) / 2 of them, and one is judged wrong by 0.5.
  near(distanceFromOptimum(Float32Array.of(0.75, 0.5, 0.5, 0.9), real, generated, 1), 0.15, 1e-12);
  near(overlapOf(real, generated, 1), 0.5, 1e-12);
});

Deno.test("a perfect duel is as far from the optimum as two estimates of one density, and more samples bring it nearer", () => {
  const places = Float32Array.from({ length: 200 }, (_, i) => -4 + 8 * (i + 0.5) / 200);
  const floor = (count: number) => {
    const [one, other] = [0, 1].map((draw) =>
      densityOf(Float32Array.from(duel.random.normals(count, 1, "points", draw)), places, 1, 0.1)
    );
    return floorOfDistance(one, other, 8 / 200);
  };
  const [few, many] = [floor(1000), floor(16_000)];
  // The error of an estimate falls with the square root of the number of samples.
  near(few / many, 4, 1.5);
  assert.ok(few > 0 && few < 0.1);
});

Deno.test("pictures side by side keep their order", () => {
  const plain = (shade: number) => ({ count: 1, height: 1, width: 1, channels: 1, bytes: Uint8Array.of(shade) });
  const { width, height, bytes } = joinedPictures([1, 2, 3, 4].map(plain), 2);
  assert.deepEqual([width, height], [14, 14]);
  const at = (row: number, column: number) => bytes[3 * ((4 + 5 * row) * width + 4 + 5 * column)];
  assert.deepEqual([at(0, 0), at(0, 1), at(1, 0), at(1, 1)], [1, 2, 3, 4]);
});

Deno.test("Ds are asked about earlier and later Gs, each D that has both; the start counts as none", () => {
  const table = [[1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 0.1, 1, 0.4, 0.6], [1, 0.1, 0.3, 1, 0.7], [1, 0, 0, 0, 1]];
  const { earlier, later } = acrossGenerations(table)!;
  near(earlier, (0.1 + 0.2) / 2, 1e-12, "earlier");
  near(later, (0.5 + 0.7) / 2, 1e-12, "later");
  assert.equal(acrossGenerations(table.slice(0, 3).map((row) => row.slice(0, 3))), undefined);
});

Deno.test("an image between two others has gone a share of the way, whatever else there is in it", () => {
  const [from, to] = [Float32Array.of(0, 1, 0), Float32Array.of(4, 1, 0)];
  assert.deepEqual([from, Float32Array.of(1, 5, -3), to].map((point) => shareOfWay(from, point, to)), [0, 0.25, 1]);
});

Deno.test("colourfulness is that of squares of pixels: not of grey, nor of coloured noise that is grey on average", () => {
  const grey = new Float32Array(2 * FACE).fill(0.4);
  const red = Float32Array.from({ length: 2 * FACE }, (_, i) => i % 3 === 0 ? 1 : -0.5);
  // Red and cyan in turns.
  const noise = Float32Array.from(
    { length: 2 * FACE },
    (_, i) => (i % 3 === 0) === (Math.floor(i / 3) % 2 === 0) ? 1 : -1,
  );
  near(colourfulness(grey), 0, 1e-6, "grey");
  near(colourfulness(red), 1.5, 1e-6, "red");
  near(colourfulness(noise), 0, 1e-6, "noise");
  const half = red.map((value, i) => i < FACE ? value : 0);
  near(colourfulness(half), 0.75, 1e-6, "one of two faces");
});
