/** OpenBLAS as a program under measurement, through Deno's foreign functions. OPENBLAS_NUM_THREADS sets the threads. */
import { serve } from "../protocol.ts";
import type { Matmul } from "../work.ts";

/** Names of the shared library: Linux with and without the development package, macOS, Windows. */
const libraries = ["libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll"] as const;
const ROW_MAJOR = 101;
const PLAIN = 111;

const symbols = {
  // layout, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc
  cblas_sgemm: {
    parameters: [
      ...["i32", "i32", "i32", "i32", "i32", "i32"] as const,
      ...["f32", "buffer", "i32", "buffer", "i32", "f32", "buffer", "i32"] as const,
    ],
    result: "void",
  },
  openblas_get_config: { parameters: [], result: "pointer" },
} as const;

function open(): Deno.DynamicLibrary<typeof symbols>["symbols"] {
  for (const library of libraries) {
    try {
      return Deno.dlopen(library, symbols).symbols;
    } catch {
      // Not by this name; the error below says so if it is not there by any.
    }
  }
  throw new Error(`found none of ${libraries.join(", ")}`);
}

const { cblas_sgemm, openblas_get_config } = open();
/** `OpenBLAS 0.3.21 … SkylakeX …`: name, version, options, processor. */
const config = Deno.UnsafePointerView.getCString(openblas_get_config()!).trim();

type Operands = readonly [a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>, c: Float32Array<ArrayBuffer>];
let prepared: { readonly work: Matmul; readonly operands: readonly Operands[] } | undefined;

function once(): number {
  if (!prepared) throw new Error("nothing is prepared");
  const { work: { m, n, k }, operands } = prepared;
  const start = performance.now();
  for (const [a, b, c] of operands) {
    cblas_sgemm(ROW_MAJOR, PLAIN, PLAIN, m, n, k, 1, a, k, b, n, 0, c, n);
  }
  return performance.now() - start;
}

await serve({ implementation: config.split(" ").slice(0, 2).join(" ") }, {
  prepare({ work }) {
    if (work.kind !== "matmul") return Promise.reject(new Error(`OpenBLAS knows no ${work.kind}`));
    const random = (count: number) => Float32Array.from({ length: count }, () => 2 * Math.random() - 1);
    const { m, n, k, copies } = work;
    prepared = {
      work,
      operands: Array.from({ length: copies }, () => [random(m * k), random(k * n), new Float32Array(m * n)] as const),
    };
    return Promise.resolve({ variant: config.split(" ").at(-2) ?? "" });
  },
  run: ({ count }) => Promise.resolve({ ms: Array.from({ length: count }, once) }),
});
