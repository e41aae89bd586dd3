import assert from "node:assert/strict";
import type { Case } from "../../bench/cases.ts";
import { type Contender, duel } from "../../bench/contenders.ts";
import { coldStarts, peaks } from "../../bench/fresh.ts";
import { Field, measure } from "../../bench/measure.ts";
import { BenchProgram } from "../../bench/program.ts";
import { build } from "../../scripts/build.ts";

const oneCase: Case = {
  suite: "kernels",
  group: "products",
  name: "small product",
  threads: 1,
  work: { kind: "matmul", m: 8, n: 8, k: 8, copies: 1 },
  extra: false,
};

/** A program that runs a line of JavaScript. */
function script(text: string): Contender {
  const start = { command: Deno.execPath(), args: ["eval", text], env: {} };
  return { name: "script", install: "install it", can: () => true, starts: () => [start] };
}

async function inField<T>(body: (field: Field) => Promise<T>): Promise<T> {
  const field = new Field();
  try {
    return await body(field);
  } finally {
    await field.close();
  }
}

Deno.test("duel is measured in a process of its own, profiled, and says what it cannot do", async () => {
  await build();
  await inField(async (field) => {
    const program = await field.enter(duel(false), oneCase);
    assert.ok(program);
    assert.equal(await field.enter(duel(false), { ...oneCase, name: "another" }), program);
    const [{ implementation, ms }] = await measure([program], oneCase, { warmUpMs: 1, blockMs: 1, blocks: 2 });
    assert.equal(implementation, "duel");
    assert.ok(ms.length >= 2 && ms.every((time) => time > 0));
    const { profiles } = await program.ask("profile", { work: oneCase.work, rounds: 2 });
    assert.deepEqual(profiles[0].lines.map(({ mnemonic }) => mnemonic), ["pack", "contract"]);
    const broken = { work: { ...oneCase.work, kind: "gan" as const, size: 33, batch: 1, base: 1, latent: 1 } };
    await assert.rejects(
      program.ask("prepare", { ...broken, cold: false }),
      /duel failed in prepare: dcgan makes images of 16/,
    );
  });
});

Deno.test("a start and its memory are measured in new processes", async () => {
  await build();
  const work = { kind: "mlp", values: 2, latent: 2, hidden: [4], batch: 8 } as const;
  const small: Case = { ...oneCase, suite: "starts", name: "small step", work };
  const [start] = await coldStarts([duel(false)], small, 2);
  assert.equal(start.ms.length, 2);
  // Deno alone takes longer than this to start, and than a step of 1,000 operations.
  assert.ok(start.ms.every((ms) => ms > 20) && start.fifthOverSteady! > 0);
  const [{ ms, peakMiB }] = await peaks([duel(false)], small);
  assert.ok(ms.length > 1 && ms.every((time) => time < Math.min(...start.ms)));
  assert.ok(peakMiB! > 20 && peakMiB! < 2000, `${peakMiB} MiB`);
});

Deno.test("a peer that cannot start is named with its last complaint", async () => {
  await inField(async (field) => {
    const complains = script(`console.error("first"); console.error("no module named torch"); Deno.exit(1)`);
    assert.equal(await field.enter(complains, oneCase), undefined);
    assert.deepEqual([...field.missing], [["script", "no module named torch"]]);
  });
  const start = { command: "a-program-that-is-not-there", args: [], env: {} };
  assert.equal(await BenchProgram.start(start), "there is no a-program-that-is-not-there");
});

Deno.test("the first way that works starts a peer", async () => {
  const works = script(`console.log(JSON.stringify({ implementation: "Second 2.0" })); for await (const _ of
    Deno.stdin.readable);`);
  const fails = script("Deno.exit(1)");
  const both = { ...works, starts: () => [...fails.starts(oneCase), ...works.starts(oneCase)] };
  await inField(async (field) => {
    assert.equal((await field.enter(both, oneCase))?.implementation, "Second 2.0");
    assert.equal(field.missing.size, 0);
  });
});

Deno.test("a program that ends in the middle of a request is an error that names it", async () => {
  const dies = script(`console.log(JSON.stringify({ implementation: "Frail 1.0" })); await Deno.stdin.read(new
    Uint8Array(1000)); Deno.exit(3)`);
  const program = await BenchProgram.start(dies.starts(oneCase)[0]);
  assert.ok(typeof program !== "string");
  await assert.rejects(program.ask("run", { count: 1 }), /Frail 1\.0 ended during run/);
  await program.child.status;
});
