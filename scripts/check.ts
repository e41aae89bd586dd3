/** `deno task check`: all that can be said about the sources without running them. Every step runs, then it fails. */
import { fileURLToPath } from "node:url";
import { guarded } from "../src/cli/dispatch.ts";
import { UsageError } from "../src/core/errors.ts";
import { build } from "./build.ts";

const cwd = fileURLToPath(new URL("..", import.meta.url));

/** The folders with TypeScript; `assembly` is AssemblyScript, whose compiler has checked it during the build. */
const typed = ["src", "scripts", "bench", "tests"];

const steps: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["format", ["fmt", "--check", "--quiet"]],
  ["lint", ["lint", "--quiet"]],
  ["types", ["check", "--quiet", ...typed]],
  ["layers", ["run", "--allow-read", "scripts/check_layers.ts"]],
  ["docs", ["run", "--allow-read", "--allow-run", "scripts/check_docs.ts"]],
  ["size", ["run", "--allow-read", "scripts/check_size.ts"]],
];

if (import.meta.main) {
  Deno.exit(
    await guarded(async () => {
      if (Deno.args.length > 0) throw new UsageError(`check takes no arguments, but was given ${Deno.args.join(" ")}`);
      await build();
      const failed: string[] = [];
      for (const [name, args] of steps) {
        const { success } = await new Deno.Command(Deno.execPath(), {
          args: [...args],
          cwd,
          stdout: "inherit",
          stderr: "inherit",
        }).spawn().status;
        if (!success) failed.push(name);
      }
      console.log(failed.length > 0 ? `check failed: ${failed.join(", ")}` : "check: all good");
      return failed.length > 0 ? 1 : 0;
    }),
  );
}
