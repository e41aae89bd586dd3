/** `deno task compile`: the program as one executable file, `dist/duel`. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { cacheFolder } from "../src/cli/cache.ts";
import { defineCommand } from "../src/cli/command.ts";
import { guarded, prepare } from "../src/cli/dispatch.ts";
import { flagsAccepted } from "../src/cli/launch.ts";
import { announce, type Mode, nativeFlags } from "../src/cli/mode.ts";
import { DuelError, UsageError } from "../src/core/errors.ts";
import { build } from "./build.ts";
import { bundle } from "./bundle.ts";
import { makePortable } from "./portable.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const targets = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

const compile = defineCommand({
  name: "compile",
  summary: "Makes the single executable dist/duel, with kernels, workers and V8 flags inside.",
  description: "Deno's base executable for the target is downloaded on first use. --portable needs no download: it " +
    "packs the Deno that runs this command into a file that unpacks itself into the user's cache at its first start.",
  flags: {
    target: {
      type: "choice",
      choices: targets,
      placeholder: "TRIPLE",
      help: "System to compile for; this one if absent",
    },
    portable: { type: "boolean", help: "Make a self-extracting executable for this system." },
    out: { type: "path", access: "output", help: "File to write", default: join(root, "dist/duel") },
  },
  positionals: {},
  examples: [
    ["compile", "For this machine."],
    ["compile --target aarch64-apple-darwin", "For a Mac, on any machine."],
    ["compile --portable", "Without a download."],
  ],
  async run({ flags: { target, portable, out } }) {
    if (portable && target !== undefined && target !== Deno.build.target) {
      throw new UsageError(
        `--portable packs this machine's Deno (${Deno.build.target}); leave out --target or run it there`,
      );
    }
    if (portable && Deno.build.os === "windows") {
      throw new UsageError("--portable makes a shell script, which Windows does not start; compile without it");
    }
    const file = (target ?? Deno.build.target).includes("windows") && !out.endsWith(".exe") ? `${out}.exe` : out;
    await build();
    const program = await bundle();
    Deno.mkdirSync(dirname(out), { recursive: true });
    if (portable) await makePortable(out, { deno: Deno.execPath(), program, version: config.version, level: 6 });
    else await compileNatively(file, program, target ?? Deno.build.target);
    console.log(`wrote ${file}`);
  },
});

/** Embeds the program into Deno's base executable for `target`. @throws DuelError if that can't be had. */
async function compileNatively(output: string, program: string, target: string): Promise<void> {
  // Beside the output, so that a rename puts it there; deno compile itself refuses to replace a file that it didn't make.
  const folder = Deno.makeTempDirSync({ dir: dirname(output), prefix: ".compile-" });
  try {
    const source = join(folder, "duel.js");
    const made = join(folder, target.includes("windows") ? "duel.exe" : "duel");
    Deno.writeTextFileSync(source, program);
    const mode = await modeFor(target);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "compile",
        "--quiet",
        "--no-prompt",
        "--no-config",
        "--no-lock",
        ...["--target", target, "--output", made],
        ...(mode.native ? [`--v8-flags=${nativeFlags.join(",")}`] : []),
        // The files that a user will name aren't known yet, so these are wider than the launcher's.
        ...["--allow-read", "--allow-write", "--allow-net", "--allow-sys"],
        "--allow-env=DUEL_CACHE,XDG_CACHE_HOME,LOCALAPPDATA,HOME,TMPDIR,TMP,TEMP",
        source,
        announce({ mode, launcher: 0, shell: "duel" }),
      ],
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).output();
    if (!success) throw compileError(target, new TextDecoder().decode(stderr));
    Deno.renameSync(made, output);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** What `deno compile` said, in one line, with the way out where it could not download. */
function compileError(target: string, said: string): DuelError {
  if (/denort|dns error|error sending request|client error/i.test(said)) {
    return new DuelError(
      `cannot download Deno's base executable for ${target}; connect to the internet, or use --portable, which needs none`,
    );
  }
  const [first] = said.split("\n").filter((line) => line.trim() !== "");
  return new DuelError(`deno compile failed: ${first ?? "it did not say why"}`);
}

/** Flags are tried on this machine's Deno, which has the version of the target's; only x64 builds know them. */
async function modeFor(target: string): Promise<Mode> {
  const [arch] = target.split("-");
  if (arch !== "x86_64") return { native: false, reason: `V8 has no such flags for ${arch}` };
  const tried = Deno.build.arch === arch;
  if (tried && !await flagsAccepted(join(cacheFolder(), "v8-flags.json"))) {
    return { native: false, reason: `Deno ${Deno.version.deno} does not know its flags` };
  }
  return { native: true, reason: "flags built into the executable" };
}

if (import.meta.main) {
  Deno.exit(
    await guarded(async () => {
      const cwd = Deno.env.get("INIT_CWD") ?? Deno.cwd();
      const caller = { cwd, shell: "deno task" };
      const prepared = await prepare(["compile", ...Deno.args], caller, { compile: () => Promise.resolve(compile) });
      if (typeof prepared === "string") console.log(prepared);
      else await prepared.run({ mode: { native: false, reason: "a script" }, ...caller });
      return 0;
    }),
  );
}
