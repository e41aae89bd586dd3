/** Starts the test program the way `scripts/launch.ts` starts duel. */
import { fileURLToPath } from "node:url";
import { guarded } from "../../../src/cli/dispatch.ts";
import { launch } from "../../../src/cli/launch.ts";
import { commands } from "./program.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

if (import.meta.main) {
  const program = {
    entry: path("program.ts"),
    options: ["--config", path("../../../deno.json")],
    shell: "deno task",
  };
  Deno.exit(await guarded(() => launch(Deno.args, Deno.cwd(), commands, program)));
}
