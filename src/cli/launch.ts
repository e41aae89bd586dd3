/**
 * Starts the engine in a process of its own, with the V8 flags that this Deno accepts and the least permissions that
 * the command line at hand needs. V8 reads its flags only at start, hence the second process.
 */
import { dirname, join } from "node:path";
import { cacheFolder } from "./cache.ts";
import { InternalError } from "../core/errors.ts";
import type { Invocation, Needs, StartEngine } from "./command.ts";
import { type Commands, prepare } from "./dispatch.ts";
import { announce, type Mode, nativeFlags, reservationHolds } from "./mode.ts";

/** What the engine's process runs. */
export interface Program {
  /** Path of the main module. */
  readonly entry: string;
  /** See `Caller`. */
  readonly shell: string;
  /** Options of `deno run` besides flags and permissions. */
  readonly options: readonly string[];
}

/**
 * Answers `--help`, `--version` and mistakes itself; runs commands that conduct others; starts anything else and waits
 * for its end. Signals sent to this process are passed on.
 * @param cwd the folder that relative paths are taken from.
 * @returns the exit code; 128 plus the signal's number if a signal ended the engine.
 * @throws UsageError
 */
export async function launch(
  args: readonly string[],
  cwd: string,
  commands: Commands,
  program: Program,
): Promise<number> {
  const prepared = await prepare(args, { cwd, shell: program.shell }, commands);
  if (typeof prepared === "string") {
    console.log(prepared);
    return 0;
  }
  const cache = cacheFolder();
  const mode = await chooseMode(prepared.safe, cache);
  if (!mode.native && !prepared.safe) {
    console.error(`duel: native-speed mode is off (${mode.reason}); everything works, but slower`);
  }
  const engine = (args: readonly string[], { needs }: Invocation, mode: Mode, stdio: Stdio) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        ...program.options,
        ...(mode.native ? [`--v8-flags=${nativeFlags.join(",")}`] : []),
        ...permissions(needs, cache),
        program.entry,
        announce({ mode, launcher: Deno.pid, shell: program.shell }),
        ...args,
      ],
      cwd,
      env: { DUEL_CACHE: cache },
      ...stdio,
    });
  if (prepared.conducts) {
    const startEngine: StartEngine = async (args) => {
      const invocation = await prepare(args, { cwd, shell: program.shell }, commands);
      if (typeof invocation === "string") throw new InternalError(`${args.join(" ")} starts no engine`);
      return engine(args, invocation, await chooseMode(invocation.safe, cache), piped).spawn();
    };
    await prepared.run({ mode, cwd, shell: program.shell, startEngine });
    return 0;
  }
  const child = engine(args, prepared, mode, inherited).spawn();
  forwardSignals(child);
  const { code } = await child.status;
  return code;
}

type Stdio = Pick<Deno.CommandOptions, "stdin" | "stdout" | "stderr">;
const inherited: Stdio = { stdin: "inherit", stdout: "inherit", stderr: "inherit" };
const piped: Stdio = { stdin: "null", stdout: "piped", stderr: "piped" };

/** The options of `deno run` that allow `needs` and the cache, and nothing else. */
export function permissions(needs: Needs, cache: string): string[] {
  const write = [...needs.write, cache].map(grantable);
  const read = [...needs.read.map(grantable), ...write];
  const allow = (kind: string, values: readonly string[]) =>
    values.length > 0 ? [`--allow-${kind}=${[...new Set(values)].join(",")}`] : [];
  return [
    ...allow("read", read),
    ...allow("write", write),
    ...allow("net", needs.net),
    ...allow("sys", needs.sys),
    ...allow("env", ["DUEL_CACHE"]),
  ];
}

/** Deno separates paths by commas and knows no way around: a path with a comma is granted by a folder above it. */
function grantable(path: string): string {
  while (path.includes(",")) path = dirname(path);
  return path;
}

/** Decides whether the engine gets the flags of native-speed mode. */
export async function chooseMode(safe: boolean, cache: string): Promise<Mode> {
  if (safe) return { native: false, reason: "--safe" };
  if (Deno.build.arch !== "x86_64") return { native: false, reason: `V8 has no such flags for ${Deno.build.arch}` };
  if (!await flagsAccepted(join(cache, "v8-flags.json"))) {
    return { native: false, reason: `Deno ${Deno.version.deno} does not know its flags; tested with 2.9.6` };
  }
  if (!reservationHolds()) return { native: false, reason: "the system does not grant 4 GiB of addresses (ulimit -v)" };
  return { native: true, reason: "this Deno accepts the flags" };
}

/**
 * Whether this Deno starts with the flags of native-speed mode. Tried once by starting it, then remembered in the
 * file `memory` for each version and processor.
 */
export async function flagsAccepted(memory: string): Promise<boolean> {
  const flags = nativeFlags.join(",");
  const key = `${Deno.version.deno} ${Deno.version.v8} ${Deno.build.target} ${flags}`;
  const known = readMemory(memory);
  if (typeof known[key] === "boolean") return known[key];
  const trial = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", `--v8-flags=${flags}`, ""],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  try {
    const temporary = `${memory}.${crypto.randomUUID()}.tmp`;
    Deno.writeTextFileSync(temporary, JSON.stringify({ ...known, [key]: trial.success }));
    Deno.renameSync(temporary, memory);
  } catch {
    // A cache that can't be written costs the next start a few milliseconds, nothing else.
  }
  return trial.success;
}

function readMemory(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Deno.readTextFileSync(path));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {}; // not there yet, or damaged: try again and write it anew
  }
}

/**
 * Passes signals on to the child. In a terminal Ctrl-C reaches the child directly as well; it takes both for one
 * (see interrupt.ts).
 */
function forwardSignals(child: Deno.ChildProcess): void {
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => {
      try {
        // On Windows a console delivers it to every process itself, and kill would end the child without mercy.
        if (Deno.build.os !== "windows") child.kill(signal);
      } catch {
        // The child has already ended; its status says how.
      }
    });
  }
}
