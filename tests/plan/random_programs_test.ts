/** Property test of the whole pipeline: random programs, fused, planned and verified, agree with the reference. */
import fc from "fast-check";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { uniforms } from "../../src/core/random.ts";
import { assertNormClose } from "../support/assert.ts";
import { choices, randomProgram } from "./random_programs.ts";

const draw = { seed: 1, draw: 0 };
/** Two dozen operations in a row lose a few more bits than one. */
const BOUND = 2e-5;

async function agrees(label: string, list: Parameters<typeof randomProgram>[1]): Promise<void> {
  const program = randomProgram(label, list);
  const inputs = Object.fromEntries(
    [...program.inputs].map(([name, { shape }]) => [
      name,
      Float32Array.from(uniforms(sizeOf(shape), 3, name, 0), (value) => 2 * value - 1),
    ]),
  );
  const reference = await compileReference(program.store, [program]);
  const wasm = await compileWasm(program.store, [program], { threads: 2 });
  try {
    // Twice, so that what the first run left in the slots matters.
    for (const run of [1, 2]) {
      const expected = await reference.run(program, inputs, draw);
      const found = await wasm.run(program, inputs, draw);
      for (const [name, tensor] of program.outputs) {
        assertNormClose(`${label}, run ${run}: ${name}`, tensor.shape, found[name], expected[name], BOUND);
      }
      for (const slot of program.store.slots()) {
        const what = `${label}, run ${run}: slot ${slot.name}`;
        assertNormClose(what, slot.shape, wasm.read(slot.name), reference.read(slot.name), BOUND);
      }
    }
  } finally {
    await wasm.close();
  }
}

Deno.test("random programs agree with the reference after fusion, planning and in-place updates", async () => {
  await fc.assert(
    fc.asyncProperty(choices, (list) => agrees("random", list)),
    { numRuns: Number(Deno.env.get("DUEL_RANDOM_PROGRAMS") ?? 120), seed: 20260101 },
  );
});
