/**
 * Writes the kernels' view of the instruction set: every opcode, field offset, operation code and fixed address as an
 * AssemblyScript constant. Offsets are in bytes from an instruction's word 0, or from the start of a list's record.
 */
import * as controlBlock from "../src/plan/control.ts";
import { PANEL_COLUMNS, TILE_ROWS } from "../src/plan/tiles.ts";
import { BLOCK, expressionOps } from "../src/plan/expression.ts";
import { type Fields, instructions, type InstructionSchema, MAX_AXES } from "../src/plan/instructions.ts";

const WORD = 4;
/** Opcode word and length word. */
const HEADER_WORDS = 2;

/** `averagePoolGrad` → `AVERAGE_POOL_GRAD` */
function constantName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => "_" + letter).toUpperCase();
}

function constant(type: "i32" | "usize" | "u32", name: string, value: number): string {
  return `// @ts-ignore: decorator\n@inline export const ${name}: ${type} = ${value};`;
}

function offsets(prefix: string, fields: Fields, firstWord: number): string[] {
  return Object.keys(fields).map((field, i) =>
    constant("usize", `${prefix}_${constantName(field)}`, (firstWord + i) * WORD)
  );
}

function instructionConstants(mnemonic: string, schema: InstructionSchema): string[] {
  const prefix = constantName(mnemonic);
  const lines = [
    constant("i32", `OPCODE_${prefix}`, schema.opcode),
    ...offsets(prefix, schema.fields, HEADER_WORDS),
  ];
  if (schema.lists === undefined) return lines;
  lines.push(constant("usize", `${prefix}_LISTS`, (HEADER_WORDS + Object.keys(schema.fields).length) * WORD));
  for (const [list, { fields }] of Object.entries(schema.lists)) {
    const record = `${prefix}_${constantName(list)}`;
    lines.push(constant("usize", `${record}_RECORD`, Object.keys(fields).length * WORD));
    lines.push(...offsets(record, fields, 0));
  }
  return lines;
}

/** The text of `assembly/abi.gen.ts`. */
export function abiSource(): string {
  const { control, errorCodes, ...numbers } = controlBlock;
  return [
    "// Written by scripts/build.ts from src/plan/{instructions,expression,control,tiles}.ts; do not edit.",
    constant("u32", "BLOCK", BLOCK),
    constant("i32", "MAX_AXES", MAX_AXES),
    constant("i32", "TILE_ROWS", TILE_ROWS),
    constant("i32", "PANEL_COLUMNS", PANEL_COLUMNS),
    ...Object.entries(instructions).flatMap(([mnemonic, schema]) => instructionConstants(mnemonic, schema)),
    ...Object.entries(expressionOps).map(([op, code]) => constant("i32", `EXPRESSION_${constantName(op)}`, code)),
    ...Object.entries(control).map(([field, address]) => constant("usize", `CONTROL_${constantName(field)}`, address)),
    ...Object.entries(errorCodes).map(([error, code]) => constant("u32", `ERROR_${constantName(error)}`, code)),
    ...Object.entries(numbers).map(([name, value]) => constant(name.startsWith("MAX_") ? "i32" : "usize", name, value)),
    "",
  ].join("\n");
}
