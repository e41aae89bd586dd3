import assert from "node:assert/strict";
import { ARENA_BASE } from "../../src/plan/control.ts";
import { encode } from "../../src/plan/encode.ts";
import type { Instruction } from "../../src/plan/instructions.ts";
import { createMemory } from "../../src/backend/wasm/memory.ts";
import { compileKernels } from "../../src/backend/wasm/module.ts";
import { Team } from "../../src/backend/wasm/team.ts";

const module = await compileKernels("plain");

/** Starts a team on a fresh memory that holds `program` at its beginning. */
async function withTeam(
  threads: number,
  use: (team: Team, memory: WebAssembly.Memory, load: (program: Uint32Array) => void) => Promise<void>,
): Promise<void> {
  const { memory } = createMemory(ARENA_BASE + 2 ** 20);
  const team = await Team.start(module, memory, threads);
  try {
    await use(team, memory, (program) => new Uint32Array(memory.buffer, ARENA_BASE, program.length).set(program));
  } finally {
    await team.close();
  }
}

const data = ARENA_BASE + 65536;

function fillOf(
  out: number,
  count: number,
  value: number,
  flags: { single?: boolean; barrier?: boolean } = {},
): Instruction {
  return {
    mnemonic: "fill",
    single: flags.single ?? false,
    barrier: flags.barrier ?? false,
    operands: { out, count, value },
  };
}

for (const threads of [1, 2, 3]) {
  Deno.test(`a team of ${threads} runs programs one after the other and ends`, async () => {
    await withTeam(threads, async (team, memory, load) => {
      const words = encode([fillOf(data, 1000, 2.5, { barrier: true }), fillOf(data + 400, 3, 7)]);
      load(words);
      for (let round = 0; round < 200; round++) {
        const floats = new Float32Array(memory.buffer, data, 1001);
        floats.fill(NaN);
        assert.deepEqual(await team.run(ARENA_BASE, words.length), {});
        assert.deepEqual([floats[0], floats[99], floats[100], floats[102], floats[103], floats[999], floats[1000]], [
          2.5,
          2.5,
          7,
          7,
          2.5,
          2.5,
          NaN,
        ]);
      }
    });
  });
}
