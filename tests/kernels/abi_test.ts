import assert from "node:assert/strict";
import { abiSource } from "../../scripts/abi.ts";
import {
  ARENA_BASE,
  control,
  MAX_INPUTS,
  MAX_THREADS,
  TABLES_BASE,
  WORKBENCH_BASE,
  WORKBENCH_STRIDE,
} from "../../src/plan/control.ts";
import { encode } from "../../src/plan/encode.ts";
import { expressionOps } from "../../src/plan/expression.ts";
import { type Instruction, instructions, type InstructionSchema } from "../../src/plan/instructions.ts";

const constants = new Map(
  [...abiSource().matchAll(/^@inline export const (\w+): \w+ = (\d+);$/gm)].map((
    [, name, value],
  ) => [name, Number(value)]),
);
const upper = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

Deno.test("the kernels' constants find every field where the encoder puts it", () => {
  for (const [mnemonic, schema] of Object.entries(instructions) as [keyof typeof instructions, InstructionSchema][]) {
    assert.equal(constants.get(`OPCODE_${upper(mnemonic)}`), schema.opcode);
    if (mnemonic === "halt") continue;
    // every field holds another number, every list two records
    let next = 100;
    const counts = Object.values(schema.lists ?? {}).map((list) => list.count);
    const row = (fields: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.keys(fields).map((name) => [name, counts.includes(name) ? 2 : next++]));
    const fixed = row(schema.fields);
    const lists = Object.fromEntries(
      Object.entries(schema.lists ?? {}).map(([name, { fields }]) => [name, [row(fields), row(fields)]]),
    );
    const types = { ...schema.fields };
    const words = encode([
      { mnemonic, single: false, barrier: false, operands: { ...fixed, ...lists } } as unknown as Instruction,
    ]);
    const view = new DataView(words.buffer);
    const read = (offset: number, type: string) =>
      type === "float" ? view.getFloat32(offset, true) : view.getUint32(offset, true);
    for (const [name, value] of Object.entries(fixed)) {
      assert.equal(
        read(constants.get(`${upper(mnemonic)}_${upper(name)}`)!, types[name]),
        value,
        `${mnemonic}.${name}`,
      );
    }
    let at: number = constants.get(`${upper(mnemonic)}_LISTS`)!;
    for (const [list, records] of Object.entries(lists)) {
      const prefix: string = `${upper(mnemonic)}_${upper(list)}`;
      for (const record of records) {
        for (const [name, value] of Object.entries(record)) {
          const offset: number = at + constants.get(`${prefix}_${upper(name)}`)!;
          assert.equal(read(offset, schema.lists![list].fields[name]), value, `${mnemonic}.${list}.${name}`);
        }
        at += constants.get(`${prefix}_RECORD`)!;
      }
    }
  }
  for (const [op, code] of Object.entries(expressionOps)) assert.equal(constants.get(`EXPRESSION_${upper(op)}`), code);
});

Deno.test("map and reduce share the layout of their spaces, inputs and code, so that they share an interpreter", () => {
  for (
    const name of ["D0", "D5", "INPUTS_POINTER", "INPUTS_S0", "INPUTS_RECORD", "CODE_OP", "CODE_VALUE", "CODE_RECORD"]
  ) {
    assert.equal(constants.get(`MAP_${name}`), constants.get(`REDUCE_${name}`), name);
  }
  for (const name of ["X", "OUT", "IMAGES", "KERNEL_HEIGHT", "PAD_LEFT"]) {
    assert.equal(constants.get(`MAX_POOL_PICK_${name}`), constants.get(`MAX_POOL_SCATTER_${name}`), name);
  }
  assert.equal(constants.get("MAX_POOL_PICK_VALUES"), constants.get("MAX_POOL_SCATTER_DY"));
  for (const [name, offset] of constants) {
    if (!name.startsWith("NARROW_CONV_") || offset > constants.get("NARROW_CONV_SCRATCH_STRIDE")!) continue;
    const field = name.slice("NARROW_CONV_".length);
    assert.equal(constants.get(`NARROW_FILTER_GRAD_${field}`), offset, name);
    assert.equal(constants.get(`NARROW_INPUT_GRAD_${field === "X" ? "DY" : field}`), offset, name);
  }
});

Deno.test("the memory below the arena holds control block, tables and workbenches without overlap", () => {
  const places = Object.values(control);
  assert(Math.min(...places) >= 64 && Math.max(...places) + 8 <= TABLES_BASE);
  assert.equal(control.error % 8, 0);
  assert(WORKBENCH_BASE + MAX_THREADS * WORKBENCH_STRIDE <= ARENA_BASE);
  assert.equal(ARENA_BASE % 65536, 0);
  assert(MAX_INPUTS * 80 < WORKBENCH_STRIDE);
});
