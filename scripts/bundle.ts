/** Bundles the program, with its npm packages, kernels and workers, into one JavaScript module. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InternalError } from "../src/core/errors.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Bundles the module `entry` with `deno bundle`, which is esbuild with Deno's way of finding modules.
 * @returns the text of the bundle.
 * @throws InternalError with what the bundler said.
 */
export async function bundle(entry = join(root, "src/cli/main.ts")): Promise<string> {
  const folder = Deno.makeTempDirSync();
  try {
    const output = join(folder, "duel.js");
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "deno", "--format", "esm", "--output", output, entry],
      cwd: dirname(entry),
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new InternalError(`cannot bundle ${entry}: ${new TextDecoder().decode(stderr).trim()}`);
    return Deno.readTextFileSync(output);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
