import { assertNear, builds, instructionOf, randomFloats, runKernel } from "./harness.ts";

const cases = [
  [1, 1, 1, 1, 3, 4],
  [2, 4, 5, 3, 8, 10],
  [1, 4, 4, 5, 7, 6],
  [2, 7, 5, 4, 3, 2],
  [1, 8, 8, 130, 4, 8],
  [1, 3, 6, 2, 20, 1],
] as const;

/** Weights of the inputs of one output position (half-pixel centres). */
function weights(o: number, extent: number, outExtent: number): [place: number, weight: number][] {
  const s = Math.max((o + 0.5) * extent / outExtent - 0.5, 0);
  const low = Math.floor(s);
  return [[low, 1 - (s - low)], [Math.min(low + 1, extent - 1), s - low]];
}

for (const [images, height, width, channels, outHeight, outWidth] of cases) {
  const xSize = images * height * width * channels, ySize = images * outHeight * outWidth * channels;
  const x = randomFloats(xSize, 51), dy = randomFloats(ySize, 52);
  for (const build of builds) {
    Deno.test(`bilinear and its adjoint, ${height}×${width}×${channels} to ${outHeight}×${outWidth} (${build})`, () => {
      const y = new Array<number>(ySize).fill(0), dx = new Array<number>(xSize).fill(0);
      for (let place = 0; place < ySize; place++) {
        const c = place % channels, pixel = Math.floor(place / channels);
        const ox = pixel % outWidth, oy = Math.floor(pixel / outWidth) % outHeight;
        const image = Math.floor(pixel / outWidth / outHeight);
        for (const [iy, wy] of weights(oy, height, outHeight)) {
          for (const [ix, wx] of weights(ox, width, outWidth)) {
            const source = ((image * height + iy) * width + ix) * channels + c;
            y[place] += wy * wx * x[source];
            dx[source] += wy * wx * dy[place];
          }
        }
      }
      const sizes = { images, height, width, channels, outHeight, outWidth };
      const forward = runKernel(
        build,
        [x],
        [ySize],
        (at) => instructionOf("bilinear", { x: at.inputs[0], out: at.outputs[0], ...sizes }),
      );
      assertNear(forward.outputs[0], y, "bilinear");
      const backward = runKernel(
        build,
        [dy],
        [xSize],
        (at) => instructionOf("bilinearGrad", { dy: at.inputs[0], out: at.outputs[0], ...sizes }),
      );
      assertNear(backward.outputs[0], dx, "bilinearGrad");
    });
  }
}
