/** Who is measured: duel and its peers, how each is started, and how to install the missing ones. */
import { fileURLToPath } from "node:url";
import { nativeFlags } from "../src/cli/mode.ts";
import type { Case } from "./cases.ts";
import type { Start } from "./program.ts";

export interface Contender {
  readonly name: string;
  /** A command that installs it. */
  readonly install: string;
  /** Whether it can do the work of a case on as many threads, and is asked to. */
  can(oneCase: Case): boolean;
  /** Ways to start it for a case; the first that works counts. */
  starts(oneCase: Case): readonly Start[];
}

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** duel in native-speed mode or without its flags. */
export function duel(native: boolean): Contender {
  const flags = native ? [`--v8-flags=${nativeFlags.join(",")}`] : [];
  return {
    name: "duel",
    install: "deno task build",
    can: () => true,
    starts: ({ threads }) => [{
      command: Deno.execPath(),
      args: [
        "run",
        "--no-prompt",
        ...flags,
        `--allow-read=${path("..")}`,
        path("duel.ts"),
        String(threads),
        native ? "native" : "plain",
      ],
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
  install: "apt-get install python3-torch libopenblas0-pthread",
  can: ({ suite }) => suite !== "loop",
  starts: ({ work: { kind }, threads }) =>
    ["python3", "/usr/bin/python3"].map((command) => ({
      command,
      args: [path("peers/pytorch.py")],
      env: { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: kind === "matmul" ? String(threads) : "1" },
    })),
};

const openblas: Contender = {
  name: "OpenBLAS",
  install: "apt-get install libopenblas0-pthread",
  can: ({ work: { kind } }) => kind === "matmul",
  starts: ({ threads }) => [{
    command: Deno.execPath(),
    args: ["run", "--no-prompt", "--allow-ffi", path("peers/openblas.ts")],
    env: { OPENBLAS_NUM_THREADS: String(threads) },
  }],
};

/**
 * A peer from npm: with a lock file of its own, so that it is no dependency of duel.
 * @param download whether it may be fetched; else it runs only where it was fetched before.
 */
function fromNpm(peer: Pick<Contender, "name" | "can">, file: string, megabytes: number, download: boolean): Contender {
  const lock = path(`peers/${file}.lock`);
  return {
    ...peer,
    install: `deno task bench peers (fetches ${megabytes} MB from npm into Deno's cache, once)`,
    starts: ({ threads }) => [{
      command: Deno.execPath(),
      args: [
        ...["run", "--no-prompt", "--no-config", `--lock=${lock}`, "--frozen", ...(download ? [] : ["--cached-only"])],
        ...["--allow-read", "--allow-env", "--allow-sys", path(`peers/${file}.ts`), String(threads)],
      ],
      env: {},
    }],
  };
}

const jaxJs = {
  name: "jax-js",
  can: ({ suite, work }: Case) =>
    suite === "kernels"
      ? work.kind === "conv" && work.face === "forward"
      : suite === "steps" && work.kind === "gan" && work.size === 32,
};

/** Its threads need classic workers, which Deno has not; its wasm has no gradient with respect to filters. */
const tfjs = {
  name: "tfjs",
  can: ({ work, threads }: Case) => work.kind === "conv" && work.face === "forward" && threads === 1,
};

/** All peers. @param download whether those from npm may be fetched. */
export function peers(download: boolean): readonly Contender[] {
  return [pytorch, openblas, fromNpm(jaxJs, "jaxjs", 2, download), fromNpm(tfjs, "tfjs", 67, download)];
}
