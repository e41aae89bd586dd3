import assert from "node:assert/strict";
import { normals, philox, streamId, uniforms } from "../../src/core/random.ts";
import { assertNear, assertSameBits, builds, instructionOf, runKernel } from "./harness.ts";

const seed = 2 ** 40 + 12345;
const draw = 0xfffffff0;
const stream = streamId("latent");

const randomOf = (build: (typeof builds)[number], count: number, kind: number) =>
  runKernel(
    build,
    [],
    [count],
    (at) => instructionOf("random", { out: at.outputs[0], count, stream: stream | 0, kind }),
    {
      seed,
      draw,
    },
  ).outputs[0];

Deno.test("philox gives the vectors of the Random123 distribution", () => {
  const ones = 0xffffffff;
  assert.deepEqual(philox([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  assert.deepEqual(philox([ones, ones, ones, ones], [ones, ones]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  assert.deepEqual(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]), [
    0xd16cfe09,
    0x94fdcceb,
    0x5001e420,
    0x24126ea1,
  ]);
});

for (const count of [1, 3, 4, 5, 15, 16, 17, 511, 512, 513, 100_000]) {
  Deno.test(`${count} uniforms equal the reference's bit for bit, normals within 2e-6`, () => {
    for (const build of builds) {
      assertSameBits(randomOf(build, count, 0), Float32Array.from(uniforms(count, seed, stream, draw)), "uniforms");
      assertNear(randomOf(build, count, 1), normals(count, seed, stream, draw), "normals", {
        relative: 0,
        absolute: 2e-6,
      });
    }
    assertSameBits(randomOf("relaxed", count, 1), randomOf("plain", count, 1), "normals of both builds");
  });
}

Deno.test("normals have the moments of the normal distribution", () => {
  const x = randomOf("plain", 400_000, 1);
  const moment = (power: number) => x.reduce((sum, value) => sum + value ** power, 0) / x.length;
  // five standard errors of each
  const bound = (variance: number) => 5 * Math.sqrt(variance / x.length);
  assert(Math.abs(moment(1)) < bound(1));
  assert(Math.abs(moment(2) - 1) < bound(2));
  assert(Math.abs(moment(3)) < bound(15));
  assert(Math.abs(moment(4) - 3) < bound(96));
});

Deno.test("streams, draws and both halves of the seed each give other numbers, those of the reference", () => {
  const count = 4096;
  const base = { stream, draw: 5, seed: 2 ** 33 + 9 };
  const keys = [base, { ...base, stream: streamId("noise") }, { ...base, draw: 6 }, { ...base, seed: base.seed + 1 }, {
    ...base,
    seed: base.seed + 2 ** 32,
  }];
  for (const build of builds) {
    const found = keys.map(({ stream, draw, seed }) => {
      const { outputs } = runKernel(
        build,
        [],
        [count],
        (at) => instructionOf("random", { out: at.outputs[0], count, stream: stream | 0, kind: 0 }),
        { seed, draw },
      );
      assertSameBits(outputs[0], Float32Array.from(uniforms(count, seed, stream, draw)), "uniforms");
      return outputs[0];
    });
    found.forEach((x, i) =>
      found.slice(0, i).forEach((y, j) => {
        const centred = x.reduce((sum, value, at) => sum + (value - 0.5) * (y[at] - 0.5), 0) / count;
        // the product of two independent uniforms about 0 has a standard deviation of 1/12
        assert(Math.abs(centred) < 5 / 12 / Math.sqrt(count), `keys ${i} and ${j} are correlated`);
      })
    );
  }
});
