/** From a command line to a command, and from whatever happens then to an exit code. */
import { DuelError, UsageError } from "../core/errors.ts";
import type { Caller } from "./caller.ts";
import type { Command, Invocation } from "./command.ts";
import { programHelp, type Reader } from "./help.ts";
import { alarm, terminalWidth } from "./style.ts";
import { hint } from "./suggest.ts";
import { versions } from "./version.ts";

/** The commands by name; each is loaded when it is asked for. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>;

/** Exit code for a fault of duel itself (EX_SOFTWARE of sysexits.h). */
const BUG = 70;

/**
 * Finds the command and checks its arguments.
 * @returns what is to be run, or the text that answers `--help` and `--version`.
 * @throws UsageError
 */
export async function prepare(
  args: readonly string[],
  caller: Caller,
  commands: Commands,
): Promise<Invocation | string> {
  const { shell } = caller;
  const reader = { shell, width: terminalWidth() };
  const [first, ...rest] = args;
  const asked = rest.slice(0, rest.includes("--") ? rest.indexOf("--") : undefined);
  if (first === undefined) {
    throw new UsageError(`no command; expected one of ${Object.keys(commands).join(", ")} (see \`${shell} --help\`)`);
  }
  if (first === "--help" || first === "-h") return await overview(commands, reader);
  if (first === "--version" || first === "-V") return versions();
  if (first === "help") {
    return rest.length > 0 ? (await find(rest[0], commands, shell)).help(reader) : overview(commands, reader);
  }
  const command = await find(first, commands, shell);
  if (asked.includes("--help") || asked.includes("-h")) return command.help(reader);
  return command.parse(rest, caller);
}

async function overview(commands: Commands, reader: Reader): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return programHelp(all, reader);
}

function find(name: string, commands: Commands, shell: string): Promise<Command> {
  if (Object.hasOwn(commands, name)) return commands[name]();
  const kind = name.startsWith("-") ? "flag" : "command";
  const known = kind === "flag" ? ["--help", "--version"] : Object.keys(commands);
  throw new UsageError(`unknown ${kind} ${name}.${hint(name, known)} \`${shell} --help\` lists the commands`);
}

/**
 * Runs `body` and turns what it throws into a message on standard error and an exit code: an error of duel is one
 * line, anything else is a bug and is shown with its stack.
 */
export async function guarded(body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    return report(error);
  }
}

/** Tells the user about an error. @returns the exit code. */
export function report(error: unknown): number {
  if (error instanceof DuelError) {
    console.error(`${alarm("duel:")} ${error.message}`);
    return error.exitCode;
  }
  console.error(error instanceof Error ? error.stack ?? error.message : String(error));
  console.error(`${alarm("duel:")} this is a bug in duel; please report it with the lines above and ${versions()}`);
  return BUG;
}
