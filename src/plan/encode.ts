/**
 * Instructions to 32-bit words and back. Both directions are derived from the schema in `instructions.ts`, and nothing
 * else knows the layout of a program in memory.
 */
import { InternalError, VerifyError } from "../core/errors.ts";
import { type Fields, type FieldType, type Instruction, instructions, type InstructionSchema } from "./instructions.ts";

/** Bits of word 0. All others are zero. */
const OPCODE_BITS = 0xff;
const SINGLE_BIT = 1 << 8;
const BARRIER_BIT = 1 << 9;

/** Words before the first field: opcode and flags, length. */
const HEADER_WORDS = 2;

type Row = Record<string, number>;

const schemas: Readonly<Record<string, InstructionSchema>> = instructions;
const mnemonics: ReadonlyMap<number, string> = new Map(
  Object.entries(schemas).map(([mnemonic, schema]) => [schema.opcode, mnemonic]),
);

const bits = new Uint32Array(1);
const asFloat = new Float32Array(bits.buffer);
const asInt = new Int32Array(bits.buffer);

/** Whether a field holds a signed number. */
function isSigned(type: FieldType): boolean {
  return type === "stride" || type === "int";
}

function encodeField(type: FieldType, value: number | undefined, where: string): number {
  if (typeof value !== "number") {
    throw new InternalError(`${where} is missing: every field of an instruction needs one`);
  }
  if (type === "float") {
    asFloat[0] = value;
    return bits[0];
  }
  const [low, high] = isSigned(type) ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new InternalError(`${where} is ${value}, expected a whole number from ${low} to ${high}`);
  }
  return value >>> 0;
}

function decodeField(type: FieldType, word: number): number {
  bits[0] = word;
  return type === "float" ? asFloat[0] : isSigned(type) ? asInt[0] : word;
}

function encodeFields(fields: Fields, row: Readonly<Row>, where: string, out: number[]): void {
  for (const [name, type] of Object.entries(fields)) out.push(encodeField(type, row[name], `${where}, ${name},`));
}

function encodeInstruction(instruction: Instruction, where: string, out: number[]): void {
  const schema = schemas[instruction.mnemonic];
  const start = out.length;
  out.push(schema.opcode | (instruction.single ? SINGLE_BIT : 0) | (instruction.barrier ? BARRIER_BIT : 0), 0);
  const operands = instruction.operands as unknown as Row & Record<string, Row[]>;
  encodeFields(schema.fields, operands, where, out);
  for (const [name, list] of Object.entries(schema.lists ?? {})) {
    const rows: readonly Row[] = operands[name] ?? [];
    if (rows.length !== operands[list.count]) {
      throw new InternalError(`${where} has ${rows.length} ${name}, but ${list.count} says ${operands[list.count]}`);
    }
    rows.forEach((row, i) => encodeFields(list.fields, row, `${where}, ${name}[${i}]`, out));
  }
  out[start + 1] = out.length - start;
}

/**
 * The words of a program, ready to be copied into the program region. A final `halt` is added where the list has none.
 * @throws InternalError if an operand does not fit its field, a count differs from its list, or `halt` is not last.
 */
export function encode(program: readonly Instruction[]): Uint32Array<ArrayBuffer> {
  const out: number[] = [];
  const body = program.at(-1)?.mnemonic === "halt" ? program.slice(0, -1) : program;
  body.forEach((instruction, i) => {
    const where = `instruction ${i} (${instruction.mnemonic})`;
    if (instruction.mnemonic === "halt") throw new InternalError(`${where} is not the last: halt ends a program`);
    encodeInstruction(instruction, where, out);
  });
  out.push(instructions.halt.opcode, HEADER_WORDS);
  return Uint32Array.from(out);
}

function decodeFields(fields: Fields, words: Uint32Array, start: number): Row {
  const row: Row = {};
  let at = start;
  for (const [name, type] of Object.entries(fields)) row[name] = decodeField(type, words[at++]);
  return row;
}

function decodeOperands(schema: InstructionSchema, words: Uint32Array, where: string): Record<string, number | Row[]> {
  let at = HEADER_WORDS + Object.keys(schema.fields).length;
  if (words.length < at) {
    throw new VerifyError(`${where} is ${words.length} words long, too short for its ${at - 2} fields`);
  }
  const operands: Record<string, number | Row[]> = decodeFields(schema.fields, words, HEADER_WORDS);
  for (const [name, list] of Object.entries(schema.lists ?? {})) {
    const count = operands[list.count] as number;
    const width = Object.keys(list.fields).length;
    if (count * width > words.length - at) {
      throw new VerifyError(`${where} has ${list.count} ${count}, more than its ${words.length} words hold`);
    }
    operands[name] = Array.from({ length: count }, (_, i) => decodeFields(list.fields, words, at + i * width));
    at += count * width;
  }
  if (at !== words.length) throw new VerifyError(`${where} is ${words.length} words long, expected ${at}`);
  return operands;
}

/**
 * The instructions of a program, without the `halt` that ends it.
 * @throws VerifyError if the words are not exactly a list of whole, known instructions that ends with one `halt`.
 */
export function decode(words: Uint32Array): Instruction[] {
  const program: Instruction[] = [];
  for (let at = 0;;) {
    const where = `instruction ${program.length}`;
    if (words.length - at < HEADER_WORDS) throw new VerifyError(`${where} is missing: the program ends without halt`);
    const [head, length] = words.subarray(at);
    const mnemonic = mnemonics.get(head & OPCODE_BITS);
    if (mnemonic === undefined) throw new VerifyError(`${where} has the unknown opcode ${head & OPCODE_BITS}`);
    if ((head & ~(OPCODE_BITS | SINGLE_BIT | BARRIER_BIT)) !== 0) {
      throw new VerifyError(`${where} (${mnemonic}) has unknown flags in its first word, 0x${head.toString(16)}`);
    }
    if (length < HEADER_WORDS || length > words.length - at) {
      throw new VerifyError(`${where} (${mnemonic}) says it is ${length} words long, ${words.length - at} are left`);
    }
    const operands = decodeOperands(schemas[mnemonic], words.subarray(at, at + length), `${where} (${mnemonic})`);
    const [single, barrier] = [(head & SINGLE_BIT) !== 0, (head & BARRIER_BIT) !== 0];
    at += length;
    if (mnemonic === "halt") {
      if (single || barrier) throw new VerifyError(`${where} (halt) has flags, expected none`);
      if (at !== words.length) throw new VerifyError(`${where} (halt) is followed by ${words.length - at} more words`);
      return program;
    }
    program.push({ mnemonic, single, barrier, operands } as unknown as Instruction);
  }
}
