/** Ctrl-C and its relatives, made into an AbortSignal. */
import { DuelError } from "../core/errors.ts";

/** Why a command ended early: the user, or the system on shutdown, asked for it. */
export class Interrupted extends DuelError {
  /** 128 plus the signal's number, as shells report it. */
  override readonly exitCode: number;
  constructor(signal: "SIGINT" | "SIGTERM") {
    super(signal === "SIGINT" ? "interrupted" : "asked to end");
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** Signals within this many milliseconds are one: a terminal, a task runner and the launcher may each pass it on. */
const ONE_KEYSTROKE_MS = 1000;

let controller: AbortController | undefined;

/**
 * Aborts, with an `Interrupted` as its reason, when the user presses Ctrl-C or the process is asked to end. From the
 * first call on the process no longer dies of it: finish what must be finished, then throw `signal.reason`. A second
 * Ctrl-C, a second or more after the first, ends the process at once.
 */
export function interruptSignal(): AbortSignal {
  if (controller) return controller.signal;
  const own = controller = new AbortController();
  let firstTime = 0;
  const listen = (signal: "SIGINT" | "SIGTERM") =>
    Deno.addSignalListener(signal, () => {
      const now = performance.now();
      if (!own.signal.aborted) {
        firstTime = now;
        own.abort(new Interrupted(signal));
      } else if (now - firstTime >= ONE_KEYSTROKE_MS) Deno.exit(new Interrupted(signal).exitCode);
    });
  listen("SIGINT");
  if (Deno.build.os !== "windows") listen("SIGTERM");
  return own.signal;
}
