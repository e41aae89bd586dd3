import fc from "fast-check";
import { ARENA_BASE } from "../../src/plan/control.ts";
import { encode } from "../../src/plan/encode.ts";
import type { Instruction } from "../../src/plan/instructions.ts";
import { type Cases, cases, instructionOf, type Memory, mnemonics } from "./cases.ts";
import { CheckingBuild } from "./checking.ts";
import { SCRATCH_STRIDE } from "./sketch.ts";

const THREADS = [1, 2, 3];
const WORDS_AT = ARENA_BASE;
const SCRATCH_AT = ARENA_BASE + 64 * 1024;
const VALUES_AT = SCRATCH_AT + Math.max(...THREADS) * SCRATCH_STRIDE;
const MEMORY_BYTES = VALUES_AT + 16 * 1024 * 1024;
const RUNS = 40;

/** Operands one after the other, a word apart, at every alignment of a vector. */
function freshMemory(build: CheckingBuild): Memory {
  let next = VALUES_AT;
  const place = (elements: number) => {
    const address = next;
    next += 4 * (elements + 1);
    if (next > MEMORY_BYTES) throw new RangeError("a case needs more memory");
    return address;
  };
  return {
    input: place,
    output: place,
    update: place,
    indices: (elements, bound) => {
      const address = place(elements);
      build.floats(address, elements).forEach((_, i, all) => all[i] = i % (bound + 1));
      return address;
    },
    scratch: SCRATCH_AT,
    scratchStride: SCRATCH_STRIDE,
  };
}

function checkCase(build: CheckingBuild, instruction: Instruction): void {
  build.words(WORDS_AT, 16 * 1024).set(encode([instruction]));
  for (const threads of THREADS) build.runInterval([{ instruction, address: WORDS_AT }], threads);
}

const build = await CheckingBuild.load(MEMORY_BYTES);

for (const mnemonic of mnemonics) {
  Deno.test(`${mnemonic} stays within its footprint and writes all of it, for 1, 2 and 3 threads`, () => {
    fc.assert(
      fc.property(cases[mnemonic] as Cases["fill"], (instance) => {
        build.floats(VALUES_AT, (MEMORY_BYTES - VALUES_AT) / 4).subarray(0, 4096).fill(0.5);
        checkCase(build, instructionOf(instance, freshMemory(build)));
      }),
      { seed: 7, numRuns: RUNS },
    );
  });
}
