/**
 * The program. It runs in two processes: the launcher (`scripts/launch.ts`, or this file with `--launch` in the
 * portable executable) checks the command line and starts this file again as the engine, with V8's flags, few
 * permissions, and the mode as first argument. The executable of `deno compile` is the engine right away.
 */
import { fileURLToPath } from "node:url";
import { UsageError } from "../core/errors.ts";
import { commands as allCommands } from "./commands.ts";
import { type Commands, guarded, prepare, report } from "./dispatch.ts";
import { launch } from "./launch.ts";
import { announced, type Mode, requireSound } from "./mode.ts";

/** Runs a command in this process. @returns its exit code. */
function run(args: readonly string[], mode: Mode, shell: string, commands: Commands): Promise<number> {
  return guarded(async () => {
    const caller = { cwd: Deno.cwd(), shell };
    const prepared = await prepare(args, caller, commands);
    if (typeof prepared === "string") {
      console.log(prepared);
      return 0;
    }
    if (prepared.safe && mode.native) {
      throw new UsageError("this executable has V8's flags built in, so --safe has no effect; leave it out");
    }
    requireSound(mode);
    await prepared.run({ mode, ...caller });
    return 0;
  });
}

/** Acts as what the first argument says: launcher, engine started by a launcher, or engine without one. */
export async function start(args: readonly string[], commands: Commands = allCommands): Promise<number> {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    Deno.exit(report(event.reason));
  });
  const [first, ...rest] = args;
  if (first === "--launch") {
    const options = ["--no-config", "--no-lock", "--no-remote", "--no-npm"];
    const program = { entry: fileURLToPath(Deno.mainModule), options, shell: "duel" };
    return await guarded(() => launch(rest, Deno.cwd(), commands, program));
  }
  const announcement = announced(first);
  if (!announcement) {
    return await run(args, { native: false, reason: "started without the launcher" }, "duel", commands);
  }
  if (announcement.launcher !== 0) endWith(announcement.launcher);
  return await run(rest, announcement.mode, announcement.shell, commands);
}

/** A launcher that is killed can't pass that on: the engine looks once a second whether it is still there. */
function endWith(launcher: number): void {
  const timer = setInterval(() => {
    if (Deno.ppid !== launcher) Deno.exit(137);
  }, 1000);
  Deno.unrefTimer(timer);
}

if (import.meta.main) Deno.exit(await start(Deno.args));
