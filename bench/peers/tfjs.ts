/**
 * TensorFlow.js on its WebAssembly backend as a program under measurement: forward convolutions.
 *
 * On one thread: the threads of its backend are classic workers, which Deno does not have, and it switches them off
 * itself wherever there is a global `process`. Its wasm has no kernel for the gradient with respect to a filter.
 */
import { fileURLToPath } from "node:url";
import { type Replies, serve } from "../protocol.ts";
import type { Conv } from "../work.ts";
import { load } from "./library.ts";
import { measured } from "./measured.ts";

const VERSION = "4.22.0";
const backend = `npm:@tensorflow/tfjs-backend-wasm@${VERSION}`;

interface Tensor {
  dispose(): void;
}

interface Core {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  randomUniform(shape: readonly number[], low: number, high: number): Tensor;
  conv2d(x: Tensor, filter: Tensor, strides: number, pad: number): Tensor;
}

interface Backend {
  setWasmPaths(folder: string): void;
  getThreadsCount(): number;
}

const core = await load<Core>(`npm:@tensorflow/tfjs-core@${VERSION}`);
const { setWasmPaths, getThreadsCount } = await load<Backend>(backend);
// It looks for its .wasm beside the main module unless told otherwise.
setWasmPaths(fileURLToPath(new URL(".", import.meta.resolve(backend))));
await core.setBackend("wasm");
await core.ready();

let pairs: readonly (readonly [x: Tensor, filter: Tensor])[] = [];
let work: Conv | undefined;

function once(): Promise<void> {
  if (!work) throw new Error("nothing is prepared");
  // The backend's kernels run when they are called.
  for (const [x, filter] of pairs) core.conv2d(x, filter, work.stride, work.padding).dispose();
  return Promise.resolve();
}

await serve({ implementation: `tfjs ${VERSION}` }, {
  prepare(request): Promise<Replies["prepare"]> {
    if (request.work.kind !== "conv" || request.work.face !== "forward") {
      return Promise.reject(new Error("this peer knows forward convolutions only"));
    }
    for (const pair of pairs) for (const tensor of pair) tensor.dispose();
    work = request.work;
    const { batch, size, inChannels, outChannels, kernel, copies } = work;
    const random = (...shape: number[]) => core.randomUniform(shape, -1, 1);
    pairs = Array.from({ length: copies }, () => [
      random(batch, size, size, inChannels),
      random(kernel, kernel, inChannels, outChannels),
    ]);
    return Promise.resolve({ variant: `threads: ${getThreadsCount()}` });
  },
  run: ({ count }) => measured(once, count),
});
