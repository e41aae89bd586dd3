/**
 * duel as a program under measurement: `deno run bench/duel.ts THREADS native|plain`, with the V8 flags that
 * are to be measured, or without them.
 */
import process from "node:process";
import { compileWasm, type WasmEngine } from "../src/backend/wasm/engine.ts";
import { compileKernels, hasRelaxedSimd } from "../src/backend/wasm/module.ts";
import { measureCopyRoof, measureFlopsRoof } from "../src/backend/wasm/roof.ts";
import { profile } from "./profile.ts";
import { type Traced, traceWork } from "./programs.ts";
import { serve } from "./protocol.ts";

const threads = Number(Deno.args[0]), native = Deno.args[1] === "native";
const build = hasRelaxedSimd() ? "relaxed" : "plain";
const module = await compileKernels(build);

let prepared: { readonly engine: WasmEngine; readonly traced: Traced } | undefined;
let draw = 0;

/** Milliseconds of one repetition, from the host's call to its answer. */
async function once({ engine, traced }: { engine: WasmEngine; traced: Traced }): Promise<number> {
  const start = performance.now();
  for (const program of traced.programs) await engine.run(program, traced.inputs, { seed: 1, draw: draw++ });
  return performance.now() - start;
}

await serve({ implementation: "duel" }, {
  async prepare({ work }) {
    await prepared?.engine.close();
    const traced = traceWork(work);
    prepared = { traced, engine: await compileWasm(traced.store, traced.programs, { threads, build, native }) };
    return { variant: build };
  },
  async run({ count }) {
    if (!prepared) throw new Error("nothing is prepared");
    const ms: number[] = [];
    for (let i = 0; i < count; i++) ms.push(await once(prepared));
    return { ms };
  },
  peak: () => Promise.resolve({ mebibytes: process.resourceUsage().maxRSS / 1024 }),
  roof: () => Promise.resolve({ gflops: measureFlopsRoof(module), gigabytes: measureCopyRoof(module) }),
  async profile({ work, rounds }) {
    return { profiles: await profile(traceWork(work), { threads, build, native, rounds }) };
  },
});
await prepared?.engine.close();
