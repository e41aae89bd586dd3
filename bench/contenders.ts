/** Who is measured: duel and its peers, how each is started, and how to install the missing ones. */
import { fileURLToPath } from "node:url";
import { nativeFlags } from "../src/cli/mode.ts";
import type { Start } from "./program.ts";
import type { Work } from "./work.ts";

export interface Contender {
  readonly name: string;
  /** The kinds of work it can do. */
  readonly kinds: readonly Work["kind"][];
  /** A command that installs it. */
  readonly install: string;
  /** Ways to start it on a number of threads; the first that works counts. */
  starts(kind: Work["kind"], threads: number): readonly Start[];
}

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** duel in native-speed mode or without its flags. */
export function duel(native: boolean): Contender {
  const flags = native ? [`--v8-flags=${nativeFlags.join(",")}`] : [];
  return {
    name: "duel",
    kinds: ["matmul", "conv", "gan"],
    install: "deno task build",
    starts: (_, threads) => [{
      command: Deno.execPath(),
      args: ["run", "--no-prompt", ...flags, `--allow-read=${path("..")}`, path("duel.ts"), String(threads)],
      env: {},
    }],
  };
}

/**
 * PyTorch is fastest when its own loops have all threads and OpenBLAS, which it calls inside of them, has one; a single
 * product is shared out by OpenBLAS. Debian's PyTorch belongs to the system's Python, which may not be the first.
 */
const pytorch: Contender = {
  name: "PyTorch",
  kinds: ["matmul", "conv", "gan"],
  install: "apt-get install python3-torch libopenblas0-pthread",
  starts: (kind, threads) =>
    ["python3", "/usr/bin/python3"].map((command) => ({
      command,
      args: [path("peers/pytorch.py")],
      env: { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: kind === "matmul" ? String(threads) : "1" },
    })),
};

const openblas: Contender = {
  name: "OpenBLAS",
  kinds: ["matmul"],
  install: "apt-get install libopenblas0-pthread",
  starts: (_, threads) => [{
    command: Deno.execPath(),
    args: ["run", "--no-prompt", "--allow-ffi", path("peers/openblas.ts")],
    env: { OPENBLAS_NUM_THREADS: String(threads) },
  }],
};

export const peers: readonly Contender[] = [pytorch, openblas];
