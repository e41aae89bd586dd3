/** What a command is, and how one is defined. */
import { dirname, resolve } from "node:path";
import { parse } from "./args.ts";
import type { Caller } from "./caller.ts";
import type { Flag, Flags, Parsed, Positionals } from "./flags.ts";
import { commandHelp, type Described, type Reader } from "./help.ts";
import type { Mode } from "./mode.ts";

/** What the process of a command must be allowed to do; all else is refused by Deno. */
export interface Needs {
  /** Files and folders to read, absolute. */
  readonly read: readonly string[];
  /** Files and folders to read and write, absolute. */
  readonly write: readonly string[];
  /** Hosts to download from. */
  readonly net: readonly string[];
  /** What of the operating system may be asked, by the names of Deno's `--allow-sys`. */
  readonly sys: readonly string[];
}

/** Starts another command line in a process of its own, its output piped. @throws UsageError if it is wrong. */
export type StartEngine = (args: readonly string[]) => Promise<Deno.ChildProcess>;

/** What a running command is given besides its arguments. */
export interface Context extends Caller {
  /** How the engine was started. */
  readonly mode: Mode;
  /** For commands that conduct others; undefined where no launcher can start them. */
  readonly startEngine?: StartEngine;
}

/** What `defineCommand` makes a command of. */
export interface Definition<F extends Flags, P extends Positionals> extends Described {
  readonly flags: F;
  readonly positionals: P;
  /** Whether it computes nothing itself but starts other commands, so that it runs in the launcher's process. */
  conducts?(parsed: Parsed<F, P>): boolean;
  /** Needs that the path flags don't tell: default folders, hosts of data that isn't there yet. */
  needs?(parsed: Parsed<F, P>, cwd: string): Partial<Needs>;
  /** Does the work. Import the engine in here, dynamically, so that `--help` and mistakes are answered at once. */
  run(parsed: Parsed<F, P>, context: Context): Promise<void>;
}

/** A command line that was found good: what it needs, and how to run it. */
export interface Invocation {
  readonly needs: Needs;
  /** The user asked for `--safe`: no V8 flags. */
  readonly safe: boolean;
  /** See `Definition`. */
  readonly conducts: boolean;
  run(context: Context): Promise<void>;
}

/** A command, its types hidden. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** The text of `--help`. */
  help(reader: Reader): string;
  /** Checks a command line. @throws UsageError */
  parse(args: readonly string[], caller: Caller): Invocation;
}

/** The flag of every command that starts an engine. */
export const safeFlag = {
  safe: {
    type: "boolean",
    help: "Start without the V8 flags of native-speed mode: slower, all memory accesses checked.",
  },
} as const satisfies Flags;

/** Makes a command from its table; `run` and `needs` get values of the types that the table implies. */
export function defineCommand<const F extends Flags, const P extends Positionals>(
  definition: Definition<F, P>,
): Command {
  return {
    name: definition.name,
    summary: definition.summary,
    help: (reader) => commandHelp(definition, reader),
    parse(args, caller) {
      const parsed = parse(definition, args, caller);
      return {
        needs: collectNeeds(definition, parsed, caller.cwd),
        safe: parsed.flags.safe === true,
        conducts: definition.conducts?.(parsed) ?? false,
        run: (context) => definition.run(parsed, context),
      };
    },
  };
}

function collectNeeds<F extends Flags, P extends Positionals>(
  definition: Definition<F, P>,
  parsed: Parsed<F, P>,
  cwd: string,
): Needs {
  const more = definition.needs?.(parsed, cwd) ?? {};
  const read = [...more.read ?? []];
  const write = [...more.write ?? []];
  const note = (flag: Flag, value: unknown) => {
    if (flag.type !== "path") return;
    const paths = (Array.isArray(value) ? value : [value]) as readonly (string | undefined)[];
    for (const path of paths) {
      if (path === undefined || path === flag.implied) continue;
      if (flag.access === "read") read.push(path);
      else write.push(flag.access === "folder" ? path : dirname(path));
    }
  };
  for (const [key, flag] of Object.entries(definition.flags)) note(flag, parsed.flags[key]);
  for (const [key, positional] of Object.entries(definition.positionals)) note(positional, parsed.positionals[key]);
  return {
    read: read.map((path) => resolve(cwd, path)),
    write: write.map((path) => resolve(cwd, path)),
    net: more.net ?? [],
    sys: more.sys ?? [],
  };
}
