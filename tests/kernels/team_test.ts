import assert from "node:assert/strict";
import { createMemory } from "../../src/backend/wasm/memory.ts";
import { compileKernels, instantiateKernels } from "../../src/backend/wasm/module.ts";
import { type HostPart, Team } from "../../src/backend/wasm/team.ts";
import { uniforms } from "../../src/core/random.ts";
import { ARENA_BASE } from "../../src/plan/control.ts";
import { encode } from "../../src/plan/encode.ts";
import { BLOCK } from "../../src/plan/expression.ts";
import type { Instruction } from "../../src/plan/instructions.ts";
import { assertSameBits, codeList, dims, instructionOf, strides } from "./harness.ts";

const module = await compileKernels("plain");
const data = ARENA_BASE + 2 ** 20;

interface TeamBench {
  readonly team: Team;
  readonly memory: WebAssembly.Memory;
  /** Puts words at the start of the arena and runs them. */
  run(words: Uint32Array, seed?: number, draw?: number): ReturnType<Team["run"]>;
  floats(address: number, count: number): Float32Array;
}

async function withTeam(
  threads: number,
  use: (bench: TeamBench) => Promise<void>,
  part: HostPart = "watches",
): Promise<void> {
  const { memory } = createMemory(ARENA_BASE + 2 ** 22);
  const team = await Team.start(module, memory, threads);
  try {
    await use({
      team,
      memory,
      run(words, seed, draw) {
        new Uint32Array(memory.buffer, ARENA_BASE, words.length).set(words);
        return team.run({ program: ARENA_BASE, words: words.length, part }, seed, draw);
      },
      floats: (address, count) => new Float32Array(memory.buffer, address, count),
    });
  } finally {
    await team.close();
  }
}

const fillOf = (out: number, count: number, value: number): Instruction => instructionOf("fill", { out, count, value });
const withBarrier = (instruction: Instruction): Instruction => ({ ...instruction, barrier: true });
const single = (instruction: Instruction): Instruction => ({ ...instruction, single: true });

/** out = in + 1, element i of out from element count − 1 − i of in: every thread reads what others wrote. */
function reversedPlusOne(from: number, to: number, count: number, threads: number): Instruction {
  return instructionOf("map", {
    ...dims([count]),
    ...{ inputCount: 1, codeCount: 3, outputCount: 1, registers: 3 },
    ...{ scratch: data + 2 ** 20, scratchStride: threads > 0 ? 3 * BLOCK * 4 : 0 },
    inputs: [{ pointer: from + 4 * (count - 1), ...strides([-1]) }],
    code: codeList([["load", 0, 0], ["constant", 1, 0, 0, 0, 1], ["add", 2, 0, 1]]),
    outputs: [{ pointer: to, register: 2 }],
  });
}

for (const [threads, part] of [1, 2, 3, 5].flatMap((n) => [[n, "watches"], [n, "leads"]] as const)) {
  Deno.test(`a team of ${threads} runs programs one after the other while the host ${part}`, async () => {
    await withTeam(threads, async ({ run, floats }) => {
      const words = encode([withBarrier(fillOf(data, 1000, 2.5)), single(fillOf(data + 400, 3, 7))]);
      const expected = new Float32Array(1001).fill(2.5).fill(7, 100, 103).fill(NaN, 1000);
      for (let round = 0; round < 100; round++) {
        floats(data, 1001).fill(NaN);
        assert.deepEqual(await run(words), {});
        assertSameBits(floats(data, 1001).slice(), expected, `round ${round}`);
      }
    }, part);
  });

  Deno.test(`barriers order what ${threads} threads of a team write and read while the host ${part}`, async () => {
    await withTeam(threads, async ({ run, floats }) => {
      const count = 5000, steps = 400;
      const places = [data, data + 4 * count];
      const program = [withBarrier(fillOf(data, count, 0))];
      for (let step = 0; step < steps; step++) {
        program.push(withBarrier(reversedPlusOne(places[step % 2], places[1 - step % 2], count, threads)));
      }
      const words = encode(program);
      for (let round = 0; round < 5; round++) {
        floats(data, 2 * count).fill(NaN);
        assert.deepEqual(await run(words), {});
        assertSameBits(floats(data, count).slice(), new Float32Array(count).fill(steps), `round ${round}`);
      }
    }, part);
  });
}

Deno.test("the host may watch one run, lead the next and walk a third one alone", async () => {
  const { memory } = createMemory(ARENA_BASE + 2 ** 22);
  const team = await Team.start(module, memory, 3);
  const words = encode([single(fillOf(data, 1000, 3))]);
  new Uint32Array(memory.buffer, ARENA_BASE, words.length).set(words);
  for (let round = 0; round < 60; round++) {
    const result = new Float32Array(memory.buffer, data, 1000).fill(NaN);
    const part = (["watches", "leads", "alone", "leads"] as const)[round % 4];
    assert.deepEqual(await team.run({ program: ARENA_BASE, words: words.length, part }), {});
    assertSameBits(result.slice(), new Float32Array(1000).fill(3), `round ${round}`);
  }
  await team.close();
});

Deno.test("timers have their turn while the host leads one run after the other", async () => {
  await withTeam(2, async ({ run }) => {
    const words = encode([fillOf(data, 1000, 2.5)]);
    let fired = false;
    setTimeout(() => fired = true, 1);
    const end = performance.now() + 2000;
    while (!fired && performance.now() < end) await run(words);
    assert(fired);
  }, "leads");
});

Deno.test("the team takes seed and draw to its random numbers", async () => {
  await withTeam(2, async ({ run, floats }) => {
    const words = encode([instructionOf("random", { out: data, count: 1000, stream: -5, kind: 0 })]);
    for (const [seed, draw] of [[0, 0], [2 ** 53 - 1, 1], [2 ** 31, 2 ** 32 - 1]]) {
      await run(words, seed, draw);
      assertSameBits(
        floats(data, 1000).slice(),
        Float32Array.from(uniforms(1000, seed, -5 >>> 0, draw)),
        `seed ${seed}, draw ${draw}`,
      );
    }
  });
});

Deno.test("the first error in program order comes back, and the run after it is clean", async () => {
  await withTeam(3, async ({ run, floats }) => {
    const gather = (indices: number) =>
      instructionOf("gather", { table: data, rows: 4, width: 2, indices, count: 30, out: data + 4096 });
    floats(data + 1024, 90).fill(1);
    floats(data + 1024, 90)[30 + 25] = 4;
    floats(data + 1024, 90)[30 + 28] = -1;
    floats(data + 1024, 90)[60 + 2] = 9;
    const [good, bad, worse] = [0, 1, 2].map((i) => gather(data + 1024 + 120 * i));
    const length = encode([good]).length - 2;
    assert.deepEqual(await run(encode([good, bad, worse])), {
      error: { code: "badIndex", instruction: length, detail: 25 },
    });
    assert.deepEqual(await run(encode([good])), {});
  });
});

Deno.test("a program with an unknown opcode or a wrong length ends with an error", async () => {
  await withTeam(2, async ({ run, floats }) => {
    const fill = encode([fillOf(data, 10, 1)]);
    const badInstruction = (instruction: number) => ({ error: { code: "badInstruction", instruction, detail: 0 } });
    assert.deepEqual(await run(Uint32Array.of(200, 2, ...fill)), badInstruction(0));
    assert.equal(floats(data, 10)[9], 1);
    for (const length of [0, 1, fill.length + 1, 0xffffffff]) {
      const words = fill.slice();
      words[1] = length;
      assert.deepEqual(await run(words), badInstruction(0));
    }
    assert.deepEqual(await run(Uint32Array.of(...fill.subarray(0, -2), 77, 2, 0, 2)), badInstruction(fill.length - 2));
    // without a halt, the walk ends with the program
    assert.deepEqual(await run(fill.subarray(0, -2)), {});
  });
});

for (const part of ["watches", "leads"] as const) {
  Deno.test(`a thread that fails ends the run with an error instead of leaving it waiting: the host ${part}`, async () => {
    const size = { images: 1, height: 2, width: 1, channels: 1, outHeight: 1, outWidth: 1, kernelHeight: 1 };
    // a stride of 0, which the verifier refuses: the kernel divides by it
    const window = { kernelWidth: 1, strideY: 0, strideX: 0, padTop: 0, padLeft: 0 };
    const pool = instructionOf("averagePoolGrad", { dy: data, out: data + 64, ...size, ...window });
    await withTeam(2, async ({ run }) => {
      await assert.rejects(run(encode([withBarrier(pool)])), /thread \d of 2 failed: .*divide by zero/);
    }, part);
    // Of one row, only the last thread has work: the host has to notice that the other one will not come.
    const row = instructionOf("averagePoolGrad", { dy: data, out: data + 64, ...size, height: 1, ...window });
    await withTeam(2, async ({ run }) => {
      await assert.rejects(run(encode([withBarrier(row)])), /thread \d of 2 failed: .*divide by zero/);
    }, part);
  });
}

Deno.test("a team must have between 1 and 64 threads, and runs one program at a time", async () => {
  const { memory } = createMemory(ARENA_BASE);
  await assert.rejects(Team.start(module, memory, 0), /team of 0 threads/);
  await assert.rejects(Team.start(module, memory, 65), /team of 65 threads/);
  await withTeam(1, async ({ run }) => {
    const words = encode([fillOf(data, 10, 1)]);
    const first = run(words);
    await assert.rejects(run(words), /another one runs/);
    await first;
  });
});

Deno.test("kernels can run on this thread, beside a team", () => {
  const { memory } = createMemory(data + 64);
  const kernels = instantiateKernels(module, memory);
  const words = encode([fillOf(data, 5, 3)]);
  new Uint32Array(memory.buffer, ARENA_BASE, words.length).set(words);
  kernels.walk(ARENA_BASE, words.length, 0, 1);
  assert.deepEqual([...new Float32Array(memory.buffer, data, 6)], [3, 3, 3, 3, 3, 0]);
});

Deno.test("after closeCompilation no WebAssembly can be compiled, but compiled modules still run", async () => {
  const source = `
    import { closeCompilation, compileKernels, instantiateKernels } from "./src/backend/wasm/module.ts";
    import { createMemory } from "./src/backend/wasm/memory.ts";
    const module = await compileKernels("plain");
    closeCompilation();
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    const ways = [
      () => WebAssembly.compile(empty),
      () => WebAssembly.instantiate(empty),
      () => new WebAssembly.Module(empty),
      () => new (module.constructor as typeof WebAssembly.Module)(empty),
      () => WebAssembly.compileStreaming(Promise.resolve(new Response(empty))),
      () => WebAssembly.instantiateStreaming(Promise.resolve(new Response(empty))),
    ];
    for (const way of ways) {
      try {
        await way();
        console.log("compiled");
      } catch (error) {
        console.log((error as Error).message.includes("closed off") ? "refused" : String(error));
      }
    }
    const kernels = instantiateKernels(module, createMemory(0).memory);
    console.log(typeof kernels.execute);`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", source],
    cwd: new URL("../..", import.meta.url),
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assert.deepEqual(lines, [...new Array(6).fill("refused"), "function"], new TextDecoder().decode(stderr));
});
