/**
 * Bundles the workers that draw and decode images, and packs resvg's WebAssembly module, into
 * `src/data/workers.gen.ts`: at run time nothing has to be found on disk.
 */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { bundle } from "./bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = join(root, "src/data/workers.gen.ts");
const workers = { facesWorker: "src/data/faces_worker.ts", folderWorker: "src/data/folder_worker.ts" };

/** One digest over all that the output depends on. The workers import from their own folder and from `src/core`. */
function digestSources(): string {
  const hash = createHash("sha256").update(Deno.readTextFileSync(join(root, "deno.json")));
  const folders = ["src/data", "src/core"].map((folder) => join(root, folder));
  const sources = folders.flatMap((folder) => {
    const names = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
    return names.filter((name) => name.endsWith(".ts") && !name.endsWith(".gen.ts")).map((name) => join(folder, name));
  });
  for (const path of [...sources, fileURLToPath(import.meta.url)]) hash.update(`${Deno.readTextFileSync(path)}\0`);
  return hash.digest("hex");
}

async function readResvg(): Promise<Uint8Array> {
  await import("@resvg/resvg-wasm"); // once imported, the package is in Deno's cache
  const resvg = createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");
  return Deno.readFileSync(resvg);
}

/**
 * Brings `src/data/workers.gen.ts` up to date.
 * @returns whether anything had to be made.
 */
export async function buildData(): Promise<boolean> {
  const head = `// Written by scripts/build_data.ts; do not edit. Sources: ${digestSources()}\n`;
  try {
    if (Deno.readTextFileSync(output).startsWith(head)) return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const lines = [head];
  for (const [name, entry] of Object.entries(workers)) {
    const text = await bundle(join(root, entry));
    lines.push(`export const ${name} = "${new TextEncoder().encode(text).toBase64()}";\n`);
  }
  lines.push(`export const resvgGzip = "${new Uint8Array(gzipSync(await readResvg(), { level: 9 })).toBase64()}";\n`);
  Deno.mkdirSync(dirname(output), { recursive: true });
  const temporary = `${output}.${Deno.pid}`;
  Deno.writeTextFileSync(temporary, lines.join(""));
  Deno.renameSync(temporary, output);
  return true;
}

if (import.meta.main) console.log(await buildData() ? "data workers built" : "data workers are up to date");
