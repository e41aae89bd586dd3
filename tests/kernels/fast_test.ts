/** The kernels of fast convolution forms, each alone, against plain loops in float64. */
import { fastForms, fastGradientSize, fastTiles } from "../../src/plan/fast_forms.ts";
import {
  fastConvolutionScratchBytes,
  fastFilterGradScratchBytes,
  fastFilterScratchBytes,
  fastGradientScratchBytes,
} from "../../src/plan/fast_scratch.ts";
import { assertClose } from "../support/assert.ts";
import { normals, randomOf } from "../support/random.ts";
import { toleranceOf } from "../support/tolerance.ts";
import {
  type Convolution,
  convolutions,
  depthOf,
  eachProduct,
  filterLayouts,
  imagesOf,
  labelOf,
  layOut,
  pixelsOf,
  transformedFilter,
  transformedGradient,
  windowsOf,
} from "./fast_harness.ts";
import { assertSameBits, builds, GUARD, indices, instructionOf, offsetOf, runKernel } from "./harness.ts";

for (const build of builds) {
  Deno.test(`fastFilter transforms each channel's taps into panels (${build})`, () => {
    for (const form of fastForms) {
      for (const c of convolutions) {
        for (const layout of filterLayouts) {
          const label = labelOf(form, { ...c, ...layout });
          const extents = [...c.phases, form.taps, form.taps, c.channels, c.n];
          const { strides, origin } = layOut(extents, layout);
          const filter = normals(randomOf(label), extents.reduce((product, extent) => product * extent));
          const source = new Float32Array(filter.length);
          [...indices(extents)].forEach((index, i) => source[origin + offsetOf(index, strides)] = filter[i]);
          const expected = transformedFilter(form, c, filter);
          const [stridePhaseY, stridePhaseX, strideTapY, strideTapX, strideChannel, strideColumn] = strides;
          const { outputs: [found] } = runKernel(
            build,
            [source],
            [expected.length],
            (at) =>
              instructionOf("fastFilter", {
                form: form.code,
                ...{ phasesY: c.phases[0], phasesX: c.phases[1], channels: c.channels, n: c.n },
                source: at.inputs[0] + 4 * origin,
                ...{ stridePhaseY, stridePhaseX, strideTapY, strideTapX, strideChannel, strideColumn },
                out: at.outputs[0],
                ...at.scratch,
              }),
            { scratchBytes: fastFilterScratchBytes(form) },
          );
          const tolerance = toleranceOf("float32", "accumulated", form.taps ** 2);
          assertClose(label, [expected.length], found, expected, tolerance);
        }
      }
    }
  });

  Deno.test(`fastConvolution is a convolution with bias and activation, in whatever blocks (${build})`, () => {
    const activations: readonly ((x: number) => number)[] = [
      (x) => x,
      (x) => Math.max(x, 0),
      (x) => x > 0 ? x : 0.2 * x,
      Math.tanh,
    ];
    for (const form of fastForms) {
      convolutions.forEach((c, i) => {
        const label = labelOf(form, c), random = randomOf(label);
        const x = imagesOf(random, c), bias = normals(random, c.n);
        const filter = normals(random, depthOf(c) * form.taps ** 2 * c.n);
        const windows = windowsOf(form, c), hasBias = i % 2 === 0, activation = i % activations.length;
        // Every second pixel of C belongs to somebody else.
        const cStrideX = c.n * (1 + i % 2), cStrideY = cStrideX * c.grid[1] + c.n, cStrideImage = cStrideY * c.grid[0];
        const placeInC = (pixel: number) => {
          const y = Math.floor(pixel / c.grid[1]);
          return Math.floor(y / c.grid[0]) * cStrideImage + y % c.grid[0] * cStrideY + pixel % c.grid[1] * cStrideX;
        };
        const sums = new Float64Array(c.images * c.grid[0] * c.grid[1] * c.n);
        eachProduct(form, c, (at, tap, y) => {
          for (let o = 0; o < c.n; o++) sums[y + o] += x[at] * filter[tap + o];
        });
        const expected = new Float64Array(placeInC(sums.length / c.n - 1) + c.n).fill(NaN);
        sums.forEach((sum, y) => {
          const column = y % c.n;
          expected[placeInC(Math.floor(y / c.n)) + column] = activations[activation](
            sum + (hasBias ? bias[column] : 0),
          );
        });
        const transformed = Float32Array.from(transformedFilter(form, c, filter));
        const results = [[6, 0], [12, 0], [6, 1], [18, 1]].map(([tileBlock, splitColumns]) =>
          runKernel(build, [x, transformed, bias], [expected.length], (at) =>
            instructionOf("fastConvolution", {
              ...windows,
              ...{ x: at.inputs[0], n: c.n, filter: at.inputs[1], out: at.outputs[0] },
              ...{ cStrideImage, cStrideY, cStrideX },
              ...{ bias: hasBias ? at.inputs[2] : 0, activation, slope: 0.2, tileBlock, splitColumns },
              ...at.scratch,
            }), { scratchBytes: fastConvolutionScratchBytes(form, { ...windows, n: c.n, tileBlock }) }).outputs[0]
        );
        const { relative, ofScale } = toleranceOf("float32", "transformed", depthOf(c) * form.taps ** 2);
        // Before tanh the sums, and their errors, are larger.
        const scale = activation === 3 ? Math.sqrt(depthOf(c) * form.taps ** 2) : 1;
        assertClose(label, [expected.length], results[0], expected, { relative, ofScale: scale * ofScale });
        for (const other of results.slice(1)) assertSameBits(other, results[0], `${label}: other blocks`);
      });
    }
  });

  Deno.test(`fastGradient transforms tiles of outputs (${build})`, () => {
    for (const form of fastForms) {
      for (const c of convolutions) {
        const label = labelOf(form, c);
        const dy = imagesOf(randomOf(label), c);
        const expected = transformedGradient(form, c, dy);
        const { outputs: [found] } = runKernel(build, [dy], [expected.length], (at) =>
          instructionOf("fastGradient", {
            ...windowsOf(form, c),
            ...{ x: at.inputs[0], out: at.outputs[0] },
            ...at.scratch,
          }), { scratchBytes: fastGradientScratchBytes(form, c) });
        const tolerance = toleranceOf("float32", "accumulated", form.outputs ** 2);
        assertClose(label, [expected.length], found, expected, tolerance);
      }
    }
  });

  Deno.test(`fastFilterGrad is the gradient of a filter, in whatever blocks of channels (${build})`, () => {
    for (const form of fastForms) {
      convolutions.forEach((c, i) => {
        const label = labelOf(form, c), random = randomOf(label);
        const x = imagesOf(random, c), dy = normals(random, c.images * c.grid[0] * c.grid[1] * c.n);
        const extents = [...c.phases, form.taps, form.taps, c.channels, c.n];
        const layout = filterLayouts.filter(({ order }) => order[5] === 4)[i % 2];
        const { strides, origin } = layOut(extents, layout);
        const [stridePhaseY, stridePhaseX, strideTapY, strideTapX, , strideColumn] = strides;
        const sums = new Float64Array(depthOf(c) * form.taps ** 2 * c.n);
        eachProduct(form, c, (at, tap, y) => {
          for (let o = 0; o < c.n; o++) sums[tap + o] += x[at] * dy[y + o];
        });
        const expected = new Float64Array(sums.length);
        [...indices(extents)].forEach((index, at) => expected[origin + offsetOf(index, strides)] = sums[at]);
        // The outputs' gradient is an image of its own, tiled as the grid is.
        const own: Convolution = {
          ...{ images: c.images, height: c.grid[0], width: c.grid[1], channels: c.n, gap: 0, n: c.n },
          ...{ phases: [1, 1], step: [1, 1], pad: [0, 0], grid: c.grid },
        };
        const gradient = Float32Array.from(transformedGradient(form, own, dy));
        const run = (tileBlock: number, channelBlock: number) => {
          const blocks = { tileBlock, channelBlock };
          return runKernel(build, [x, gradient], [expected.length], (at) =>
            instructionOf("fastFilterGrad", {
              ...windowsOf(form, c),
              ...{ batch: 1, x: at.inputs[0], xBatchStride: 0, n: c.n },
              ...{ gradient: at.inputs[1], gradientBatchStride: 0 },
              ...{ out: at.outputs[0] + 4 * origin, outBatchStride: 0 },
              ...{ stridePhaseY, stridePhaseX, strideTapY, strideTapX, strideColumn },
              ...blocks,
              ...at.scratch,
            }), { scratchBytes: fastFilterGradScratchBytes(form, { ...c, ...blocks }) }).outputs[0];
        };
        const found = run(7, 16);
        const tolerance = toleranceOf("float32", "transformed", c.images * c.grid[0] * c.grid[1]);
        assertClose(label, [expected.length], found, expected, tolerance);
        assertSameBits(run(7, 32), found, `${label}: other blocks`);
        assertClose(`${label}, one tile at a time`, [expected.length], run(1, 16), expected, tolerance);
      });
    }
  });

  Deno.test(`fastFilterGrad makes of each item of a batch what it makes of it alone (${build})`, () => {
    const [groups, n] = [3, 8];
    for (const form of fastForms) {
      // Groups of 8 and of 24 channels, side by side in each pixel: a block of channels each, and two.
      for (const channels of [8, 24]) {
        const c: Convolution = { ...convolutions[0], channels, gap: (groups - 1) * channels, n };
        const random = randomOf(`batch by ${labelOf(form, c)}`);
        const x = normals(random, pixelsOf(c) * groups * channels);
        const tiles = fastTiles(form, c.images, ...c.grid), taps = form.taps ** 2;
        const gradientSize = fastGradientSize(form, tiles, n), size = n * taps * channels;
        // Three floats between the items belong to nobody.
        const gradient = normals(random, groups * (gradientSize + 3));
        const blocks = { tileBlock: 7, channelBlock: 16 };
        const run = (images: Float32Array, gradient: Float32Array, batch: number) =>
          runKernel(
            build,
            [images, gradient],
            [(batch - 1) * (size + 3) + size],
            (at) =>
              instructionOf("fastFilterGrad", {
                ...windowsOf(form, c),
                ...{ batch, x: at.inputs[0], xBatchStride: channels, n },
                ...{ gradient: at.inputs[1], gradientBatchStride: gradientSize + 3 },
                ...{ out: at.outputs[0], outBatchStride: size + 3 },
                ...{ stridePhaseY: 0, stridePhaseX: 0, strideTapY: form.taps * channels, strideTapX: channels },
                ...{ strideColumn: taps * channels, ...blocks },
                ...at.scratch,
              }),
            { scratchBytes: fastFilterGradScratchBytes(form, { ...c, ...blocks }) },
          ).outputs[0];
        const expected = new Float32Array((groups - 1) * (size + 3) + size);
        new Uint32Array(expected.buffer).fill(GUARD);
        for (let group = 0; group < groups; group++) {
          expected.set(
            run(x.slice(group * channels), gradient.slice(group * (gradientSize + 3)), 1),
            group * (size + 3),
          );
        }
        assertSameBits(run(x, gradient, groups), expected, labelOf(form, c));
      }
    }
  });
}
