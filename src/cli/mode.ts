/** Native-speed mode: whether this process runs with the V8 flags that make kernels as fast as native code. */
import { DuelError } from "../core/errors.ts";

/**
 * The flags of native-speed mode. The first lets V8 pair 128-bit operations into 256-bit ones; the second drops the
 * check in front of each load and store, which also stands in the first one's way. Programs are verified instead. The
 * third compiles each kernel once, optimised, when it is first called; otherwise that happens over the first hundred calls.
 */
export const nativeFlags = [
  "--experimental-wasm-revectorize",
  "--no-wasm-bounds-checks",
  "--no-liftoff",
] as const;

/** How the engine was started, and why so. */
export interface Mode {
  /** Whether V8 runs with `nativeFlags`. */
  readonly native: boolean;
  /** For `info` and the run's config: `flags accepted`, `--safe`, `no flags for aarch64` … */
  readonly reason: string;
}

/** What the engine is told by whoever starts it. */
export interface Announcement {
  readonly mode: Mode;
  /** Process id of the launcher; 0 where the executable has the flags built in and there is none. */
  readonly launcher: number;
  /** See `Caller`. */
  readonly shell: string;
}

/** The first argument of the engine, in front of the user's. */
export function announce({ mode, launcher, shell }: Announcement): string {
  return `--mode=${mode.native ? "native" : "plain"}:${launcher}:${shell}:${mode.reason}`;
}

/** Reads what `announce` wrote, or returns undefined if the argument is another one. */
export function announced(argument: string | undefined): Announcement | undefined {
  const match = /^--mode=(native|plain):(\d+):([^:]*):(.*)$/.exec(argument ?? "");
  if (!match) return undefined;
  return { mode: { native: match[1] === "native", reason: match[4] }, launcher: Number(match[2]), shell: match[3] };
}

/** The largest number of 64 KiB pages a 32-bit memory can have. */
const MAX_PAGES = 65536;

/**
 * Whether the system grants 4 GiB of address space to one memory. If it does not, V8 silently reserves only the
 * first pages, and what lies behind them may be anything: an unchecked wild address would then not fault.
 */
export function reservationHolds(): boolean {
  try {
    new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true }).grow(1);
    return true;
  } catch {
    return false;
  }
}

/**
 * Refuses native-speed mode in a process where it would not be sound.
 * @throws DuelError
 */
export function requireSound(mode: Mode): void {
  if (mode.native && !reservationHolds()) {
    throw new DuelError(
      "cannot reserve 4 GiB of addresses, which native-speed mode needs; raise the limit (ulimit -v) or add --safe",
    );
  }
}
