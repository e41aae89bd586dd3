/**
 * jax-js on its WebAssembly backend as a program under measurement: forward convolutions and the step of a DCGAN.
 *
 * Convolutions are rewritten, because jax-js' own compute every element by itself. Measured on two cores of an AMD
 * EPYC, 4×4 with stride 2, 64 to 128 channels, 64 images of 16 pixels (1.07 GFLOP forward):
 *   0.2 GFLOP/s  lax.convGeneralDilated
 *   1.7          four products, cutting out the windows fused into each by jit
 *   3.4          one product with all windows in one matrix (im2col), all in one jit
 *   6.3          the same, with the matrix as a result of its own
 *  12.1          one product with all filters side by side, then shifted sums
 *  15.9          four products with a quarter of each window, each quarter a matrix of its own: this is measured
 *
 * For the same reason the step is made of many small jits: what one jit takes in, it fuses into the product's innermost
 * loop. The gradient of D in one jit is as fast as `grad` over small ones (1.0 s against 1.1 s), that of G is five times
 * slower (7.3 s against 1.3 s).
 */
import { serve } from "../protocol.ts";
import type { Conv } from "../work.ts";
import { load } from "./library.ts";
import { type Arr, type Jax, windows } from "./jaxjs_layers.ts";
import { dcganStep } from "./jaxjs_step.ts";
import { measured } from "./measured.ts";

const VERSION = "0.1.25";

// jax-js starts as many workers as it believes to have cores.
Object.defineProperty(navigator, "hardwareConcurrency", { value: Number(Deno.args[0]) });
const jax = await load<Jax>(`npm:@jax-js/jax@${VERSION}`);
await jax.init("wasm");
jax.defaultDevice("wasm");

/** Numbers in [−1, 1). */
function random(...shape: number[]): Arr {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return jax.numpy.array(Float32Array.from({ length: count }, () => 2 * Math.random() - 1)).reshape(shape);
}

/** Convolutions of several images and filters, computed by products with pieces of the windows. */
function convolutions({ batch, size, inChannels, outChannels, kernel, stride, padding, copies }: Conv) {
  const { conv, filterShapes } = windows(jax, { batch, size, inChannels, outChannels, kernel, stride, padding });
  const operands = Array.from({ length: copies }, () => ({
    x: random(batch * size * size, inChannels),
    filter: filterShapes.map((shape) => random(...shape)),
  }));
  return async () => {
    for (const { x, filter } of operands) {
      const y = conv(x.ref, filter.map((piece) => piece.ref));
      await jax.blockUntilReady(y);
      y.dispose();
    }
  };
}

let once: (() => Promise<void>) | undefined;

await serve({ implementation: `jax-js ${VERSION}` }, {
  prepare({ work }) {
    if (work.kind === "conv" && work.face === "forward") once = convolutions(work);
    else if (work.kind === "gan") once = dcganStep(jax, work);
    else return Promise.reject(new Error("this peer knows forward convolutions and the step of a DCGAN"));
    return Promise.resolve({ variant: "products of pieces" });
  },
  run({ count }) {
    if (!once) return Promise.reject(new Error("nothing is prepared"));
    return measured(once, count);
  },
});
// Its workers would keep the process alive.
Deno.exit(0);
