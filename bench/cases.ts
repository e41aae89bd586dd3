/** What is measured: a work, a number of threads, and a name to filter by. */
import { type Conv, faces, flopsOf, type Matmul, type Work } from "./work.ts";

export const suites = ["kernels", "steps"] as const;
export type Suite = (typeof suites)[number];

export interface Case {
  readonly suite: Suite;
  readonly name: string;
  readonly threads: number;
  readonly work: Work;
  /** Measured only when `--all` or a filter asks for it. */
  readonly extra: boolean;
}

/** Operations that make a run long beside what it takes to start a team and to read a clock. */
const ENOUGH_FLOPS = 4e8;

function withCopies<W extends Matmul | Conv>(work: W): W {
  return { ...work, copies: Math.ceil(ENOUGH_FLOPS / flopsOf({ ...work, copies: 1 })) };
}

function gemm(size: number, threads: number): Case {
  const work = withCopies({ kind: "matmul", m: size, n: size, k: size, copies: 1 });
  return { suite: "kernels", name: `gemm ${size}`, threads, work, extra: size !== 1024 };
}

/** The three faces of one layer of a DCGAN's D; G's layers are the same, seen from the other side. */
function layer(size: number, inChannels: number, outChannels: number, extra: boolean, kernel = 4, stride = 2): Case[] {
  const window = { batch: 64, size, inChannels, outChannels, kernel, stride, padding: 1, copies: 1 };
  const words = { forward: "forward", inputGrad: "input gradient", filterGrad: "filter gradient" } as const;
  return faces.map((face) => ({
    suite: "kernels",
    name: `conv ${kernel}×${kernel}/${stride} ${inChannels}→${outChannels} ${size}px ${words[face]}`,
    threads: 2,
    work: withCopies({ kind: "conv", face, ...window }),
    extra,
  }));
}

function dcgan(size: number, extra: boolean): Case {
  const work: Work = { kind: "gan", size, batch: 64, base: 64, latent: 100 };
  return { suite: "steps", name: `dcgan-${size}`, threads: 2, work, extra };
}

/** All cases, in the order in which they are measured. */
export const cases: readonly Case[] = [
  ...[256, 384, 512, 768, 1024].flatMap((size) => [gemm(size, 1), gemm(size, 2)]),
  ...layer(32, 3, 64, false),
  ...layer(16, 64, 128, false),
  ...layer(8, 128, 256, false),
  ...layer(32, 64, 128, true),
  ...layer(16, 128, 256, true),
  ...layer(8, 256, 512, true),
  ...layer(32, 64, 64, true, 3, 1),
  dcgan(32, false),
  dcgan(64, true),
];

/** The cases of some suites whose names contain `filter`; extra ones only if `all`, or if there is a filter. */
export function chooseCases(chosen: readonly Suite[], filter: string | undefined, all: boolean): Case[] {
  return cases.filter(({ suite, name, extra }) =>
    chosen.includes(suite) && (filter === undefined ? all || !extra : name.includes(filter))
  );
}
