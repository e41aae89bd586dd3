/** Runs the instructions `pack` and `contract` alone, without planner and team, in a memory that is watched. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { abiSource } from "../../scripts/abi.ts";
import { contractScratchBytes } from "../../src/plan/contract_scratch.ts";
import { control } from "../../src/plan/control.ts";
import { encode } from "../../src/plan/encode.ts";
import type { Instruction, Operands } from "../../src/plan/instructions.ts";
import { assertClose } from "../support/assert.ts";
import { type Random, randomOf } from "../support/random.ts";
import { toleranceOf } from "../support/tolerance.ts";

/** `checked` is the relaxed build that reports every access. */
export type Variant = "plain" | "relaxed" | "checked";

const variantFlags: Readonly<Record<Variant, readonly string[]>> = {
  plain: ["--enable", "simd,threads"],
  relaxed: ["--enable", "simd,threads,relaxed-simd"],
  checked: ["--enable", "simd,threads,relaxed-simd", "--use", "CHECKED=1"],
};

const root = fileURLToPath(new URL("../../", import.meta.url));
const PAGE_BYTES = 65536;

/** An entry that exports the two kernels and nothing else. */
const entry = `
export { pack } from "./gemm/pack_instruction";
export { contract } from "./gemm/gemm";
`;

async function compile(variant: Variant): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([
    "assembly/contract_entry.ts",
    ...[
      "--outFile",
      "contract.wasm",
      "-O3",
      "--noAssert",
      "--runtime",
      "stub",
      "--use",
      "abort=",
      "--importMemory",
      ...["--initialMemory", "16"],
    ],
    ...variantFlags[variant],
  ], {
    readFile: (name) => {
      if (name === "assembly/contract_entry.ts") return entry;
      if (name === "assembly/abi.gen.ts") return abiSource();
      try {
        return Deno.readTextFileSync(root + name);
      } catch {
        return null; // the compiler tries several names for each import
      }
    },
    writeFile: (name, data) => {
      if (name === "contract.wasm") binary = new Uint8Array(data as Uint8Array<ArrayBuffer>);
    },
    listFiles: () => [],
  });
  assert.ok(!error && binary, `assemblyscript: ${stderr}`);
  return binary;
}

type Run = (instruction: number, thread: number, threads: number) => void;

/** Memory handed out in pieces, each between words of NaN. In the checked build an access outside them throws. */
export class Bench {
  readonly floats: Float32Array<ArrayBuffer>;
  readonly words: Uint32Array<ArrayBuffer>;
  readonly #exports: { readonly pack: Run; readonly contract: Run };
  #top = 0;
  /** The piece that each word of memory belongs to; 0: none. */
  readonly #owner: Uint16Array;
  #pieces = 0;

  private constructor(binary: Uint8Array<ArrayBuffer>, pages: number) {
    const memory = new WebAssembly.Memory({ initial: pages });
    this.#owner = new Uint16Array(memory.buffer.byteLength / 4);
    const access = (pointer: number, bytes: number) => {
      const first = this.#owner[pointer >>> 2], last = this.#owner[((pointer >>> 0) + bytes - 4) / 4];
      if (first === 0 || first !== last) throw new Error(`${bytes} bytes at ${pointer >>> 0} belong to no one piece`);
    };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory, access } });
    this.#exports = exports as unknown as { pack: Run; contract: Run };
    this.floats = new Float32Array(memory.buffer as ArrayBuffer);
    this.words = new Uint32Array(memory.buffer as ArrayBuffer);
    this.clear();
  }

  static async make(variant: Variant, megabytes = 8): Promise<Bench> {
    return new Bench(await compile(variant), megabytes * 2 ** 20 / PAGE_BYTES);
  }

  /** Forgets all pieces: memory is NaN again. */
  clear(): void {
    // The compiler's constant tables lie below.
    this.#top = PAGE_BYTES;
    this.words.fill(0x7fc00000, this.#top / 4);
    this.#owner.fill(0);
    this.#pieces = 0;
  }

  /** A piece of NaN of `count` floats: its byte address. `align` 4 puts it where no vector is aligned. */
  reserve(count: number, align = 64): number {
    const begin = Math.ceil((this.#top + 64) / 64) * 64 + align % 64;
    this.#top = begin + count * 4 + 64;
    assert.ok(this.#top <= this.words.byteLength, "the bench needs more memory");
    this.#owner.fill(++this.#pieces, begin / 4, begin / 4 + count);
    return begin;
  }

  /** A piece with these values. */
  place(values: Float32Array, align = 4): number {
    const begin = this.reserve(values.length, align);
    this.floats.set(values, begin / 4);
    return begin;
  }

  /** A copy of `count` floats. */
  read(begin: number, count: number): Float32Array {
    return this.floats.slice(begin / 4, begin / 4 + count);
  }

  /** Writes an instruction into a piece of its own: its byte address. */
  write(instruction: Instruction<"pack"> | Instruction<"contract">): number {
    const encoded = encode([instruction]);
    const begin = this.reserve(encoded.length);
    this.words.set(encoded, begin / 4);
    return begin;
  }

  /** Runs a written instruction as a team would, one thread after the other, the last one first. */
  run(mnemonic: "pack" | "contract", instruction: number, threads = 1): void {
    for (let thread = threads - 1; thread >= 0; thread--) this.runShare(mnemonic, instruction, thread, threads);
  }

  /** Runs one thread's share of a written instruction. */
  runShare(mnemonic: "pack" | "contract", instruction: number, thread: number, threads: number): void {
    this.#exports[mnemonic](instruction, thread, threads);
  }
}

export function packInstruction(operands: Operands<"pack">): Instruction<"pack"> {
  return { mnemonic: "pack", single: false, barrier: false, operands };
}

export function contractInstruction(operands: Operands<"contract">): Instruction<"contract"> {
  return { mnemonic: "contract", single: false, barrier: false, operands };
}

/** Fields that a contraction without patches leaves idle. */
export const noPatches = {
  images: 1,
  height: 1,
  width: 1,
  pixelStride: 1,
  channels: 1,
  kernelHeight: 1,
  kernelWidth: 1,
  strideY: 1,
  strideX: 1,
  padTop: 0,
  padLeft: 0,
  dilationY: 1,
  dilationX: 1,
  gridHeight: 1,
  gridWidth: 1,
} as const;

export type Patches = { [K in keyof typeof noPatches]: number };

/** C as a matrix with adjacent columns, alone in its batch, no bias or activation. */
export function plainOutput(m: number, n: number) {
  return {
    cBatchStride: m * n,
    cGridHeight: 1,
    cGridWidth: m,
    cStrideImage: 0,
    cStrideY: 0,
    cStrideX: n,
    bias: 0,
    biasBatchStride: n,
    activation: 0,
    slope: 0,
  };
}

/** Reserves scratch for `threads` threads, of exactly the size that `contractScratchBytes` tells. */
export function withScratch(
  bench: Bench,
  operands: Omit<Operands<"contract">, "scratch" | "scratchStride">,
  threads: number,
): Operands<"contract"> {
  const scratchStride = contractScratchBytes(operands);
  return { ...operands, scratch: bench.reserve(threads * scratchStride / 4), scratchStride };
}

const variants: readonly Variant[] = ["plain", "relaxed", "checked"];
export const benches = Object.fromEntries(
  await Promise.all(variants.map(async (variant) => [variant, await Bench.make(variant, 1)] as const)),
);

/** What a case puts on the bench: instructions of one contraction (or of several that write parts of one result). */
export interface Setup {
  readonly packs: readonly Operands<"pack">[];
  readonly contracts: readonly Omit<Operands<"contract">, "scratch" | "scratchStride">[];
  /** Floats from `out` that belong to the result, in order, and their values in float64. */
  readonly out: number;
  readonly offsets: readonly number[];
  readonly expected: Float64Array;
  readonly depth: number;
}

/**
 * Sets a case up, runs it, and demands the right values, untouched surroundings and bits that no team changes: outputs
 * begin as NaN, every word of memory that is neither output nor scratch is watched, no access leaves its operand, and 1, 2 and 3 threads must agree,
 * with the loops for paired vectors (odd numbers) and without them.
 */
export function check(name: string, setUp: (bench: Bench, random: Random) => Setup): void {
  for (const variant of variants) {
    const what = `${name}, ${variant}`;
    const bench = benches[variant];
    let first: Float32Array | undefined;
    for (const threads of [1, 2, 3]) {
      bench.clear();
      const { packs, contracts, out, offsets, expected, depth } = setUp(bench, randomOf(name));
      bench.words[control.paired / 4] = threads % 2;
      const before = bench.words.slice();
      const written = new Set(offsets.map((offset) => out / 4 + offset));
      const allow = (begin: number, floats: number) => {
        for (let i = 0; i < floats; i++) written.add(begin / 4 + i);
      };
      for (const pack of packs) {
        allow(pack.out, pack.batch * packedSize(pack));
        const instruction = bench.write(packInstruction(pack));
        allow(instruction, 32);
        bench.run("pack", instruction, threads);
      }
      for (const contract of contracts) {
        const operands = withScratch(bench, contract, threads);
        allow(operands.scratch, threads * operands.scratchStride / 4);
        const instruction = bench.write(contractInstruction(operands));
        allow(instruction, 64);
        bench.run("contract", instruction, threads);
      }
      const found = Float32Array.from(offsets, (offset) => bench.floats[out / 4 + offset]);
      const tolerance = toleranceOf("float32", "accumulated", depth);
      assertClose(`${what}, ${threads} threads`, [expected.length], found, expected, tolerance);
      first ??= found;
      assert.deepEqual(found, first, `${what}: ${threads} threads give other bits than one`);
      for (let i = 0; i < before.length; i++) {
        if (bench.words[i] !== before[i]) {
          assert.ok(written.has(i), `${what}, ${threads} threads: word ${i} is not its own`);
        }
      }
    }
  }
}

export function packedSize({ n, tapsY, tapsX, channels, tileColumns }: Operands<"pack">): number {
  return Math.ceil(n / tileColumns) * tileColumns * tapsY * tapsX * channels;
}
