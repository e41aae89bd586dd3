/**
 * Compiles the kernels and bundles the worker: `deno task build [--checked]`.
 *
 * Writes the sources that are generated (`*.gen.ts` in `assembly`), `src/backend/wasm/kernels.gen.ts` (both binaries and
 * the worker as base64 text, with their digests) and `src/metrics/products.gen.ts`, so that nothing has to be found on
 * disk at run time. Does nothing when no source has changed.
 * `--checked` also makes the checking build, in which every access of a kernel is reported to `env.access`.
 */
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { DuelError } from "../src/core/errors.ts";
import { ARENA_BASE, WORKBENCH_BASE } from "../src/plan/control.ts";
import { abiSource } from "./abi.ts";
import { buildClassifiers } from "./build_classifiers.ts";
import { buildData } from "./build_data.ts";
import { buildExcerpts } from "./build_excerpts.ts";
import { tilesSource } from "./tiles.ts";
import { transformsSource } from "./transforms.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const abiPath = join(root, "assembly/abi.gen.ts");
const tilesPath = join(root, "assembly/gemm/tiles.gen.ts");
const transformsPath = join(root, "assembly/conv/transforms.gen.ts");
const kernelsPath = join(root, "src/backend/wasm/kernels.gen.ts");
const productsPath = join(root, "src/metrics/products.gen.ts");
const checkedPath = join(root, ".cache/kernels.checked.wasm");
const checkedDigestPath = join(root, ".cache/kernels.checked.digest");

const PAGE_BYTES = 65536;
const tools = ["assemblyscript/asc", "@assemblyscript/loader", "esbuild"] as const;

type Variant = "plain" | "relaxed" | "checked";
const variantFlags: Readonly<Record<Variant, readonly string[]>> = {
  plain: ["--enable", "simd,threads"],
  relaxed: ["--enable", "simd,relaxed-simd,threads"],
  checked: ["--enable", "simd,relaxed-simd,threads", "--use", "CHECKED=1"],
};

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Paths of all AssemblyScript sources, sorted, without the generated ones. */
function assemblySources(folder = join(root, "assembly")): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory) return assemblySources(path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".gen.ts") ? [path] : [];
  }).sort();
}

/** Paths of the files of a folder, sorted. */
function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name)).sort();
}

/** One digest over everything that the outputs depend on: sources, generators and versions of the tools. */
async function digestSources(): Promise<string> {
  const paths = [
    ...assemblySources(),
    ...["instructions.ts", "expression.ts", "control.ts", "fast_forms.ts", "tiles.ts"].map((file) =>
      join(root, "src/plan", file)
    ),
    ...filesIn(join(root, "src/plan/instructions")),
    join(root, "src/backend/wasm/worker.ts"),
    join(root, "scripts/abi.ts"),
    join(root, "scripts/tiles.ts"),
    join(root, "scripts/transforms.ts"),
    join(root, "scripts/build.ts"),
  ];
  const { imports } = JSON.parse(Deno.readTextFileSync(join(root, "deno.json")));
  const texts = paths.map((path) => [relative(root, path), Deno.readTextFileSync(path)]);
  const versions = tools.map((tool) => imports[tool]);
  return await sha256(new TextEncoder().encode(JSON.stringify([versions, texts])));
}

/** Compiles the kernels. @throws DuelError with the compiler's report. */
function compileKernels(variant: Variant): Promise<Uint8Array<ArrayBuffer>> {
  return compile("index.ts", [
    ...["--importMemory", "--sharedMemory", "--initialMemory", String(ARENA_BASE / PAGE_BYTES)],
    // Tables begin at 1 KiB (`TABLES_BASE`) by default. Saying so with --memoryBase would keep Binaryen from folding
    // constant distances into loads and stores, and V8 from pairing them: GEMM falls to a third.
    ...["--maximumMemory", "65536"],
    ...variantFlags[variant],
  ]);
}

/** Compiles a source in `assembly`. @throws DuelError with the compiler's report. */
async function compile(source: string, flags: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { default: asc } = await import("assemblyscript/asc");
  const output = "output.wasm";
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const common = ["--outFile", output, "-O3", "--noAssert", "--runtime", "stub", "--use", "abort="];
  const { error, stderr } = await asc.main([`assembly/${source}`, ...common, ...flags], {
    readFile: (name) => {
      try {
        return Deno.readTextFileSync(join(root, name));
      } catch {
        return null; // the compiler tries several names for each import
      }
    },
    writeFile: (name, data) => {
      if (name === output) binary = new Uint8Array(data as Uint8Array<ArrayBuffer>);
    },
    listFiles: () => [],
  });
  if (error || !binary) {
    throw new DuelError(`assembly/${source} does not compile; fix what assemblyscript reports:\n${stderr.toString()}`);
  }
  return binary;
}

/** One self-contained module of JavaScript: the worker with everything it imports. */
async function bundleWorker(): Promise<string> {
  const esbuild = await import("esbuild");
  // Deno keeps npm packages in a cache of its own; once imported, a package can be found there.
  await import("@assemblyscript/loader");
  const loader = createRequire(import.meta.url).resolve("@assemblyscript/loader");
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(root, "src/backend/wasm/worker.ts")],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    write: false,
    alias: { "@assemblyscript/loader": join(dirname(loader), "../index.js") },
  });
  await esbuild.stop();
  return outputFiles[0].text;
}

/** Writes a file at once, so that a reader never sees half of it. */
function writeWhole(path: string, data: string | Uint8Array): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${Deno.pid}`;
  if (typeof data === "string") Deno.writeTextFileSync(temporary, data);
  else Deno.writeFileSync(temporary, data);
  Deno.renameSync(temporary, path);
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Writes what the kernels' sources import, and returns whether it was there already. */
function writeSources(): boolean {
  const sources = [[abiPath, abiSource()], [transformsPath, transformsSource()], [tilesPath, tilesSource()]] as const;
  const stale = sources.filter(([path, text]) => readIfThere(path) !== text);
  for (const [path, text] of stale) writeWhole(path, text);
  return stale.length === 0;
}

/**
 * Brings the generated files up to date.
 * @returns whether anything had to be made.
 * @throws DuelError if the kernels do not compile.
 */
export async function build(): Promise<boolean> {
  const dataMade = [await buildData(), buildClassifiers(), buildExcerpts()].includes(true);
  const digest = await digestSources();
  const head = `// Written by scripts/build.ts; do not edit. Sources: ${digest}\n`;
  const outputs = [kernelsPath, productsPath];
  if (writeSources() && outputs.every((path) => readIfThere(path).startsWith(head))) return dataMade;
  console.error("compiling the kernels (once; about ten seconds)");
  const lines = [head];
  for (const variant of ["plain", "relaxed"] as const) {
    const binary = await compileKernels(variant);
    assertTablesFit(binary);
    lines.push(`export const ${variant} = { sha256: "${await sha256(binary)}", base64: "${binary.toBase64()}" };\n`);
  }
  const worker = new TextEncoder().encode(await bundleWorker());
  lines.push(`export const worker = { base64: "${worker.toBase64()}" };\n`);
  writeWhole(kernelsPath, lines.join(""));
  const products = await compile("products.ts", ["--enable", "simd"]);
  writeWhole(productsPath, `${head}export const products = "${products.toBase64()}";\n`);
  return true;
}

/**
 * Brings the checking build up to date.
 * @returns the path of its binary.
 */
export async function buildChecked(): Promise<string> {
  const digest = await digestSources();
  if (readIfThere(checkedDigestPath) !== digest) {
    writeSources();
    writeWhole(checkedPath, await compileKernels("checked"));
    writeWhole(checkedDigestPath, digest);
  }
  return checkedPath;
}

/** The constant tables must end before the workbenches: instantiates the module and reads where they end. */
function assertTablesFit(binary: Uint8Array<ArrayBuffer>): void {
  const memory = new WebAssembly.Memory({ initial: ARENA_BASE / PAGE_BYTES, maximum: 65536, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  const end = (exports.tablesEnd as () => number)();
  if (end > WORKBENCH_BASE) {
    throw new DuelError(`the kernels' tables end at ${end}, expected at most ${WORKBENCH_BASE}; raise WORKBENCH_BASE`);
  }
}

if (import.meta.main) {
  const made = await build();
  if (Deno.args.includes("--checked")) await buildChecked();
  console.log(made ? "kernels built" : "kernels are up to date");
}
