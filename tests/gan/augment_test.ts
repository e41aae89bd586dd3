import assert from "node:assert/strict";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { uniforms } from "../../src/core/random.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import {
  adaptedProbability,
  adaptProbability,
  augment,
  type Augmentation,
  augmentations,
} from "../../src/gan/augment.ts";
import { grad } from "../../src/graph/grad.ts";
import { mul, square, sum } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { input, trace } from "../../src/graph/trace.ts";
import { runner } from "../nn/run.ts";
import { assertClose } from "../support/assert.ts";
import { between, normals, randomOf } from "../support/random.ts";
import { toleranceOf } from "../support/tolerance.ts";

const SEED = 1;
const close = toleranceOf("float64", "accumulated", 1000);

/** Pixels of one image, by row, column and channel. */
type At = (row: number, column: number, channel: number) => number;
type Size = readonly [height: number, width: number, channels: number];

function meanOf(at: At, [height, width, channels]: Size): number {
  let total = 0;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) for (let c = 0; c < channels; c++) total += at(i, j, c);
  }
  return total / (height * width * channels);
}

/** Each policy on one image, as the authors' loops and the random numbers of the image say. */
const plain: Readonly<Record<Augmentation, (at: At, size: Size, lucky: readonly number[]) => At>> = {
  brightness: (at, _, [u]) => (i, j, c) => at(i, j, c) + u - 0.5,
  saturation: (at, [, , channels], [u]) => (i, j, c) => {
    const grey = meanOf((_i, _j, channel) => at(i, j, channel), [1, 1, channels]);
    return (at(i, j, c) - grey) * 2 * u + grey;
  },
  contrast: (at, size, [u]) => {
    const grey = meanOf(at, size);
    return (i, j, c) => (at(i, j, c) - grey) * (u + 0.5) + grey;
  },
  translation(at, [height, width], [u, v]) {
    const by = (side: number, luck: number) => {
      const most = Math.floor(side / 8 + 0.5);
      return Math.floor(luck * (2 * most + 1)) - most;
    };
    const [rows, columns] = [by(height, u), by(width, v)];
    const inside = (position: number, side: number) => position >= 0 && position < side;
    return (i, j, c) => inside(i - rows, height) && inside(j - columns, width) ? at(i - rows, j - columns, c) : 0;
  },
  cutout(at, [height, width], [u, v]) {
    const hidden = (position: number, side: number, luck: number) => {
      const length = Math.floor(side / 2 + 0.5);
      const middle = Math.floor(luck * (side + (1 - length % 2)));
      // The authors' loop: indices outside are moved to the border, which is cut out then anyway.
      const indices = Array.from({ length }, (_, k) => k + middle - Math.floor(length / 2));
      return indices.map((index) => Math.min(Math.max(index, 0), side - 1)).includes(position);
    };
    return (i, j, c) => hidden(i, height, u) && hidden(j, width, v) ? 0 : at(i, j, c);
  },
};

/** Random numbers of a stream in its first uses: one row for each image. */
function luck(policy: Augmentation, images: number, draw: number): number[][] {
  const name = `augment.${policy}`;
  const draws = [name, `${name}#2`].map((stream) => uniforms(images, SEED, stream, draw));
  return Array.from({ length: images }, (_, image) => draws.map((numbers) => numbers[image]));
}

/** A batch, augmented image by image. */
function augmented(x: Float32Array, shape: Shape, policy: Augmentation, numbers: number[][]): number[] {
  const [images, height, width, channels] = shape;
  return Array.from({ length: images }, (_, n) => {
    const at: At = (i, j, c) => x[((n * height + i) * width + j) * channels + c];
    const y = plain[policy](at, [height, width, channels], numbers[n]);
    return Array.from(
      { length: height * width * channels },
      (_, k) => y(Math.floor(k / channels / width), Math.floor(k / channels) % width, k % channels),
    );
  }).flat();
}

for (const policy of augmentations) {
  Deno.test(`${policy} does what its loops say, to each image by its own numbers`, async () => {
    for (const shape of [[16, 8, 12, 3], [16, 9, 5, 1], [5, 3, 2, 4]]) {
      const x = between(-1, 1)(randomOf(`${policy} ${shape}`), sizeOf(shape));
      const { run } = await runner(() => ({ y: augment(input("x", shape), [policy]) }), new Store(SEED));
      for (let draw = 0; draw < 4; draw++) {
        const { y } = await run({ x });
        assertClose(policy, shape, y, augmented(x, shape, policy, luck(policy, shape[0], draw)), close);
      }
    }
  });
}

Deno.test("policies follow one another, and gradients of both orders agree with finite differences", async () => {
  const shape = [3, 6, 9, 3];
  const { run } = await runner(() => {
    const x = input("x", shape);
    const value = sum(mul(square(augment(x, augmentations)), input("weights", shape)));
    const [gradient] = grad(value, [x]);
    const slope = sum(mul(gradient, input("direction", shape)));
    return { value, slope, gradient, second: grad(slope, [x])[0] };
  }, new Store(SEED));
  const random = randomOf("augmented gradients");
  const [x, weights, direction] = [0, 1, 2].map(() => Float64Array.from(normals(random, sizeOf(shape))));
  // Every run of a runner is another draw: the same numbers come from runners of their own.
  const at = async (step: number) => {
    const fresh = await runner(() => {
      const given = input("x", shape);
      const value = sum(mul(square(augment(given, augmentations)), input("weights", shape)));
      return { value, slope: sum(mul(grad(value, [given])[0], input("direction", shape))) };
    }, new Store(SEED));
    return fresh.run({ x: x.map((value, i) => value + step * direction[i]), weights, direction });
  };
  const exact = await run({ x, weights, direction });
  const [ahead, behind] = [await at(1e-5), await at(-1e-5)];
  const along = (gradient: number[]) => gradient.reduce((total, g, i) => total + g * direction[i], 0);
  for (const [what, gradient] of [["value", exact.gradient], ["slope", exact.second]] as const) {
    const difference = (ahead[what][0] - behind[what][0]) / 2e-5;
    assert.ok(Math.abs(along(gradient) - difference) < 1e-6 * Math.abs(difference) + 1e-6, `${what}: ${difference}`);
  }
});

Deno.test("with a probability of 0 nothing changes, with 1 everything, between some images", async () => {
  const shape = [64, 8, 8, 3];
  const x = between(-1, 1)(randomOf("probability"), sizeOf(shape));
  const changed = async (policies: readonly Augmentation[], probability: number) => {
    const { run } = await runner(() => ({ y: augment(input("x", shape), policies, input("p", [])) }), new Store(SEED));
    const { y } = await run({ x, p: Float32Array.of(probability) });
    const length = sizeOf(shape.slice(1));
    return Array.from({ length: 64 }, (_, n) => x.subarray(n * length, (n + 1) * length))
      .filter((image, n) => image.some((value, i) => y[n * length + i] !== value)).length;
  };
  assert.equal(await changed(augmentations, 0), 0);
  assert.equal(await changed(["brightness"], 1), 64);
  for (const policy of augmentations) {
    const some = await changed([policy], 0.5);
    assert.ok(some > 16 && some < 48, `${policy}: ${some} of 64`);
  }
});

Deno.test("two batches of one program are augmented differently", async () => {
  const { run } = await runner(() => {
    const x = input("x", [4, 2, 2, 1]);
    return { one: augment(x, ["brightness"]), two: augment(x, ["brightness"]) };
  });
  const { one, two } = await run({ x: new Float32Array(16) });
  assert.notDeepEqual(one, two);
});

Deno.test("what is no image is refused", () => {
  trace(new Store(1), "test", () => {
    assert.throws(() => augment(input("x", [4, 2]), ["cutout"]), ShapeError);
    return {};
  });
});

Deno.test("the adaptive probability rises where D knows too many real images, and stays in [0, 1]", async () => {
  const { run, engine, store } = await runner(() => {
    const before = adaptedProbability();
    adaptProbability(input("logits", [5]), 10, { images: 40 });
    return { before, after: adaptedProbability() };
  });
  assert.equal(store.get("D.augment.p").kind, "control");
  const [fewer, all] = [Float32Array.of(1, 2, -0.1, 5, -3), Float32Array.of(1, 2, 3, 4, 5)];
  assert.deepEqual(await run({ logits: all }), { before: [0], after: [0.25] });
  assert.deepEqual(await run({ logits: fewer }), { before: [0.25], after: [0] });
  assert.deepEqual(await run({ logits: fewer }), { before: [0], after: [0] });
  for (let step = 0; step < 6; step++) await run({ logits: all });
  assert.deepEqual(Array.from(engine.read("D.augment.p")), [1]);
});

Deno.test("the kernels augment as the reference does, within rounding", async () => {
  const shape = [6, 16, 16, 3];
  const x = between(-1, 1)(randomOf("kernels"), sizeOf(shape));
  const body = () => {
    const images = input("x", shape);
    const y = augment(images, augmentations, 0.8);
    return { y, slope: grad(sum(square(y)), [images])[0] };
  };
  const { run } = await runner(body, new Store(SEED));
  const expected = await run({ x });
  const store = new Store(SEED);
  const program = trace(store, "test", body);
  const engine = await compileWasm(store, [program], { threads: 2 });
  const found = await engine.run(program, { x }, { seed: SEED, draw: 0 });
  for (const name of ["y", "slope"]) {
    assertClose(name, shape, found[name], expected[name], toleranceOf("float32", "accumulated", 1000));
  }
  await engine.close();
});
