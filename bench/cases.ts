/** What is measured: a work, a number of threads, and a name to filter by. */
import { type Conv, type Face, faces, flopsOf, type Matmul, type Work } from "./work.ts";

/**
 * `kernels` and `steps` run again and again in processes that stay; `starts` and `memory` need new processes;
 * `loop` is a run of the command `train`.
 */
export const suites = ["kernels", "steps", "starts", "memory", "loop"] as const;
export type Suite = (typeof suites)[number];

export interface Case {
  readonly suite: Suite;
  /** Cases of one group share a line of the summary. */
  readonly group: string;
  readonly name: string;
  readonly threads: number;
  readonly work: Work;
  /** Measured only when `--all` or a filter asks for it. */
  readonly extra: boolean;
}

/** Operations that make a run long beside what it takes to start a team and to read a clock. */
const ENOUGH_FLOPS = 4e8;
/** The same on one thread, which need not be woken; few enough that the operands of small products stay in a cache. */
const ENOUGH_FLOPS_ALONE = 4e7;

function withCopies<W extends Matmul | Conv>(work: W, enough = ENOUGH_FLOPS): W {
  return { ...work, copies: Math.ceil(enough / flopsOf({ ...work, copies: 1 })) };
}

function product(size: number, enough?: number): Matmul {
  return withCopies({ kind: "matmul", m: size, n: size, k: size, copies: 1 }, enough);
}

function gemm(size: number, threads: number): Case {
  const extra = size !== 1024;
  return { suite: "kernels", group: "gemm", name: `gemm ${size}`, threads, work: product(size), extra };
}

function sweep(size: number): Case {
  const work = product(size, ENOUGH_FLOPS_ALONE);
  return { suite: "kernels", group: "gemm sweep", name: `sweep ${size}`, threads: 1, work, extra: true };
}

const words = { forward: "forward", inputGrad: "input gradient", filterGrad: "filter gradient" } as const;

interface LayerOptions {
  readonly extra?: boolean;
  readonly threads?: number;
  readonly wanted?: readonly Face[];
}

/** The faces of one layer of a D; G's layers are the same, seen from the other side. */
function layer(
  window: Pick<Conv, "size" | "inChannels" | "outChannels" | "kernel" | "stride">,
  { extra = false, threads = 2, wanted = faces }: LayerOptions = {},
): Case[] {
  const { size, inChannels, outChannels, kernel, stride } = window;
  return wanted.map((face) => ({
    suite: "kernels",
    group: `conv ${kernel}×${kernel}/${stride} ${words[face]}`,
    name: `conv ${kernel}×${kernel}/${stride} ${inChannels}→${outChannels} ${size}px ${words[face]}`,
    threads,
    work: withCopies({ kind: "conv", face, batch: 64, padding: 1, copies: 1, ...window }),
    extra,
  }));
}

/** The layer of a DCGAN that halves images of `size` pixels. */
function halving(size: number, inChannels: number, outChannels: number, options?: LayerOptions): Case[] {
  return layer({ size, inChannels, outChannels, kernel: 4, stride: 2 }, options);
}

/** A layer of a residual network, which keeps size and channels. */
function keeping(size: number, channels: number, options?: LayerOptions): Case[] {
  return layer({ size, inChannels: channels, outChannels: channels, kernel: 3, stride: 1 }, options);
}

const networks = {
  "dcgan-32": { kind: "gan", size: 32, batch: 64, base: 64, latent: 100 },
  "dcgan-64": { kind: "gan", size: 64, batch: 64, base: 64, latent: 100 },
  "mlp 128": { kind: "mlp", values: 2, latent: 2, hidden: [128, 128], batch: 256 },
  "mlp 32": { kind: "mlp", values: 2, latent: 2, hidden: [32, 32], batch: 32 },
  /** What `train` makes when it is told nothing. */
  "train's default": { kind: "gan", size: 32, batch: 64, base: 32, latent: 64 },
} as const satisfies Record<string, Work>;

const prefixes = { steps: "", starts: "start ", memory: "memory ", loop: "loop " } as const;

function whole(suite: Exclude<Suite, "kernels">, network: keyof typeof networks, extra = false): Case {
  const work = networks[network];
  const group = work.kind === "gan" ? `${suite}: DCGAN` : `${suite}: MLP`;
  return { suite, group, name: prefixes[suite] + network, threads: 2, work, extra };
}

/** All cases, in the order in which they are measured. */
export const cases: readonly Case[] = [
  ...[256, 384, 512, 768, 1024, 2048].flatMap((size) => [gemm(size, 1), gemm(size, 2)]),
  ...Array.from({ length: 61 }, (_, i) => sweep(64 + 16 * i)),
  ...halving(32, 3, 64),
  ...halving(16, 64, 128),
  ...halving(8, 128, 256),
  ...halving(64, 3, 64, { extra: true }),
  ...halving(32, 64, 128, { extra: true }),
  ...halving(16, 128, 256, { extra: true }),
  ...halving(8, 256, 512, { extra: true }),
  ...keeping(32, 64),
  ...keeping(16, 128, { extra: true }),
  ...keeping(8, 256, { extra: true }),
  // One thread: for peers that cannot have more.
  ...halving(16, 64, 128, { threads: 1, wanted: ["forward"] }),
  ...halving(8, 128, 256, { threads: 1, wanted: ["forward"] }),
  ...keeping(32, 64, { threads: 1, wanted: ["forward"] }),
  whole("steps", "dcgan-32"),
  whole("steps", "dcgan-64", true),
  whole("steps", "mlp 128"),
  whole("steps", "mlp 32"),
  whole("starts", "dcgan-32"),
  whole("starts", "mlp 128"),
  whole("memory", "dcgan-64"),
  whole("loop", "train's default"),
];

/** The cases of some suites whose names contain `filter`; extra ones only if `all`, or if there is a filter. */
export function chooseCases(chosen: readonly Suite[], filter: string | undefined, all: boolean): Case[] {
  return cases.filter(({ suite, name, extra }) =>
    chosen.includes(suite) && (filter === undefined ? all || !extra : name.includes(filter))
  );
}
