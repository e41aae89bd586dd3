/** `deno task bench`: builds the kernels and measures them. */
import { bench } from "../bench/command.ts";
import { cacheFolder } from "../src/cli/cache.ts";
import { guarded, prepare } from "../src/cli/dispatch.ts";
import { chooseMode } from "../src/cli/launch.ts";
import { build } from "./build.ts";

if (import.meta.main) {
  // Deno runs tasks in the folder of deno.json; paths are meant from where the user is.
  const cwd = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  Deno.exit(
    await guarded(async () => {
      const caller = { cwd, shell: "deno task" };
      const prepared = await prepare([bench.name, ...Deno.args], caller, {
        [bench.name]: () => Promise.resolve(bench),
      });
      if (typeof prepared === "string") {
        console.log(prepared);
        return 0;
      }
      await build();
      const mode = await chooseMode(prepared.safe, cacheFolder());
      if (!mode.native && !prepared.safe) console.error(`duel: native-speed mode is off (${mode.reason})`);
      await prepared.run({ mode, ...caller });
      return 0;
    }),
  );
}
