import assert from "node:assert/strict";
import { ARENA_BASE } from "../../src/plan/control.ts";
import { encode } from "../../src/plan/encode.ts";
import type { Instruction } from "../../src/plan/instructions.ts";
import { CheckingBuild } from "./checking.ts";

const WORDS_AT = ARENA_BASE;
const VALUES_AT = ARENA_BASE + 4096;
const build = await CheckingBuild.load(VALUES_AT + 65536);

const fill = (count: number, single = false): Instruction => ({
  mnemonic: "fill",
  single,
  barrier: false,
  operands: { out: VALUES_AT, count, value: 1 },
});
const scan = (length: number, single = false): Instruction => ({
  mnemonic: "cumulativeSum",
  single,
  barrier: false,
  operands: { source: VALUES_AT, out: VALUES_AT + 4096, outer: 1, length, inner: 1, reverse: 0 },
});
const look = (table: number): Instruction => ({
  mnemonic: "gather",
  single: true,
  barrier: false,
  operands: { table, rows: 2, width: 3, indices: VALUES_AT, count: 5, out: VALUES_AT + 8192 },
});

/** Runs `real` while the rules are those of `declared`. */
function run(real: readonly Instruction[], declared = real, threads = 2): void {
  const words = encode(real);
  build.words(WORDS_AT, words.length).set(words);
  let address = WORDS_AT;
  const located = declared.map((instruction) => {
    const at = address;
    address += 4 * words[(at - WORDS_AT) / 4 + 1];
    return { instruction, address: at };
  });
  build.runInterval(located, threads);
}

Deno.test("the checking build lets instructions pass that do what they declare", () => {
  run([fill(40), look(VALUES_AT + 256)]);
  run([fill(40, true), scan(40, true)]);
});

Deno.test("the checking build notices accesses outside of the footprint", () => {
  assert.throws(() => run([fill(41)], [fill(40)]), /fill on 2 threads: thread 1 writes .* outside of its footprint/);
  assert.throws(
    () => run([scan(9)], [scan(8)]),
    /cumulativeSum on 2 threads: thread \d reads .* outside of its footprint/,
  );
});

Deno.test("the checking build notices results that stay unwritten", () => {
  assert.throws(() => run([fill(39)], [fill(40)]), /out at address \d+ is not written/);
});

Deno.test("the checking build notices threads that do not wait for each other", () => {
  assert.throws(() => run([fill(40), scan(40, true)]), /which another thread writes without a barrier/);
  assert.throws(() => run([scan(40, true), fill(40)]), /which another thread reads without a barrier/);
  assert.throws(() => run([fill(40, true), fill(40)]), /which another thread writes without a barrier/);
});

Deno.test("the checking build lets bad indices pass, which kernels report", () => {
  build.floats(VALUES_AT, 5).set([0, 1, 2, -1, NaN]);
  run([look(VALUES_AT + 256)]);
});
