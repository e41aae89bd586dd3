/** `deno task train` and its siblings: builds the kernels if their sources changed, then starts the engine. */
import { fileURLToPath } from "node:url";
import { commands } from "../src/cli/commands.ts";
import { guarded } from "../src/cli/dispatch.ts";
import { launch } from "../src/cli/launch.ts";
import { build } from "./build.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

if (import.meta.main) {
  const program = {
    entry: path("../src/cli/main.ts"),
    options: ["--config", path("../deno.json")],
    shell: "deno task",
  };
  // Deno runs tasks in the folder of deno.json; paths are meant from where the user is.
  const cwd = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  Deno.exit(
    await guarded(async () => {
      await build();
      return await launch(Deno.args, cwd, commands, program);
    }),
  );
}
