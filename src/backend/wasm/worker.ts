/**
 * A thread of the team. It gets the compiled module and the shared memory in one message, answers when it has made its
 * instance, and then lives inside WebAssembly. Bundled to text by `scripts/build.ts`: a worker from a `data:` URL needs
 * no file and no permission.
 */
import { instantiate } from "@assemblyscript/loader";
import { control } from "../../plan/control.ts";
import type { Kernels } from "./module.ts";

/** What the host sends. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
}

/** What the worker answers: its instance stands, its `work` has returned, or something went wrong. */
export type WorkerReport = { readonly state: "ready" | "ended" } | {
  readonly state: "failed";
  readonly reason: string;
};

/** The global object of a worker, which the page's types do not know. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerStart>) => void) | null;
  postMessage(report: WorkerReport): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = async ({ data: { module, memory, thread, threads } }) => {
  try {
    const { exports } = await instantiate<Kernels>(module, { env: { memory } });
    scope.postMessage({ state: "ready" });
    exports.work(thread, threads);
    scope.postMessage({ state: "ended" });
  } catch (error) {
    scope.postMessage({ state: "failed", reason: String(error) });
    Atomics.store(new Int32Array(memory.buffer), control.failed / 4, 1);
  }
};
