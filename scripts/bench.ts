/** `deno task bench`: builds the kernels and starts `bench/main.ts` with the V8 flags that this Deno accepts. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../src/cli/cache.ts";
import { guarded } from "../src/cli/dispatch.ts";
import { flagsAccepted } from "../src/cli/launch.ts";
import { nativeFlags } from "../src/cli/mode.ts";
import { build } from "./build.ts";

if (import.meta.main) {
  Deno.exit(
    await guarded(async () => {
      await build();
      const native = Deno.build.arch === "x86_64" && await flagsAccepted(join(cacheFolder(), "v8-flags.json"));
      const { code } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          ...(native ? [`--v8-flags=${nativeFlags.join(",")}`] : []),
          // Peers are programs of their own; a benchmark is run by who trusts it.
          ...["--allow-read", "--allow-write", "--allow-env", "--allow-run", "--allow-sys"],
          fileURLToPath(new URL("../bench/main.ts", import.meta.url)),
          ...Deno.args,
        ],
        cwd: Deno.env.get("INIT_CWD") ?? Deno.cwd(),
        stdin: "inherit",
        stdout: "inherit",
        stderr: "inherit",
      }).spawn().status;
      return code;
    }),
  );
}
