/**
 * Packs the weights of the classifiers into `src/metrics/classifiers.gen.ts`: at run time nothing has to be found on
 * disk.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "src/metrics/classifiers");
const output = join(root, "src/metrics/classifiers.gen.ts");
const ENDING = ".safetensors";

/**
 * Brings `src/metrics/classifiers.gen.ts` up to date.
 * @returns whether anything had to be made.
 */
export function buildClassifiers(): boolean {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(ENDING)).sort();
  const files = names.map((name) => [name.slice(0, -ENDING.length), Deno.readFileSync(join(folder, name))] as const);
  const hash = createHash("sha256").update(Deno.readTextFileSync(fileURLToPath(import.meta.url)));
  for (const [name, bytes] of files) hash.update(`\0${name}\0`).update(bytes);
  const head = `// Written by scripts/build_classifiers.ts; do not edit. Sources: ${hash.digest("hex")}\n`;
  try {
    if (Deno.readTextFileSync(output).startsWith(head)) return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const lines = files.map(([name, bytes]) => `  ${JSON.stringify(name)}: "${bytes.toBase64()}",\n`);
  const temporary = `${output}.${Deno.pid}`;
  Deno.writeTextFileSync(temporary, `${head}export const classifiers = {\n${lines.join("")}};\n`);
  Deno.renameSync(temporary, output);
  return true;
}

if (import.meta.main) console.log(buildClassifiers() ? "classifiers packed" : "classifiers are up to date");
