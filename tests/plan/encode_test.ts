import assert from "node:assert/strict";
import fc from "fast-check";
import { InternalError, VerifyError } from "../../src/core/errors.ts";
import { decode, encode } from "../../src/plan/encode.ts";
import { type Fields, type Instruction, instructions, type InstructionSchema } from "../../src/plan/instructions.ts";

const uint = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1));
const int = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(-(2 ** 31), -1));
const plain = { noNullPrototype: true };
const ofType = { pointer: uint, size: uint, enum: uint, stride: int, int, float: fc.float() };

function records(fields: Fields): fc.Arbitrary<Record<string, number>> {
  return fc.record(Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, ofType[type]])), plain);
}

/** An instruction with operands that fit their fields, whether they make sense or not. */
function anyInstruction(mnemonic: string, { fields, lists = {} }: InstructionSchema): fc.Arbitrary<Instruction> {
  const rows = Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, fc.array(records(list.fields), { maxLength: 5 })]),
  );
  const operands = fc.tuple(records(fields), fc.record(rows, plain)).map(([operands, rowsOf]) => {
    const counts = Object.entries(lists).map(([name, { count }]) => [count, rowsOf[name].length]);
    return { ...operands, ...Object.fromEntries(counts), ...rowsOf };
  });
  return fc.record({ mnemonic: fc.constant(mnemonic), single: fc.boolean(), barrier: fc.boolean(), operands }, plain)
    .map(
      (instruction) => instruction as unknown as Instruction,
    );
}

const schemas = Object.entries<InstructionSchema>(instructions).filter(([mnemonic]) => mnemonic !== "halt");
const programs = fc.array(fc.oneof(...schemas.map(([mnemonic, schema]) => anyInstruction(mnemonic, schema))), {
  maxLength: 6,
});

const fill = (count: number): Instruction => ({
  mnemonic: "fill",
  single: false,
  barrier: true,
  operands: { out: 4096, count, value: 0.5 },
});

Deno.test("decoding an encoded program gives the same instructions, floats bit for bit", () => {
  fc.assert(fc.property(programs, (program) => assert.deepEqual(decode(encode(program)), program)), { seed: 1 });
});

Deno.test("encoding a decoded program gives the same words", () => {
  fc.assert(
    fc.property(programs, (program) => {
      const words = encode(program);
      assert.deepEqual(encode(decode(words)), words);
    }),
    { seed: 2 },
  );
});

Deno.test("signed zeros, infinities and denormal floats keep their bits, NaN stays NaN", () => {
  for (const bits of [0x8000_0000, 0x7f80_0000, 0xff80_0000, 1, 0x807f_ffff]) {
    const words = encode([fill(1)]).with(4, bits);
    assert.equal(encode(decode(words))[4], bits);
  }
  for (const bits of [0x7fc0_0000, 0x7fc1_2345, 0x7f80_0001, 0xffff_ffff]) {
    const [{ operands }] = decode(encode([fill(1)]).with(4, bits));
    assert.ok("value" in operands && Number.isNaN(operands.value));
  }
});

Deno.test("halt is added where it is missing, and only there", () => {
  const halt: Instruction = { mnemonic: "halt", single: false, barrier: false, operands: {} };
  assert.deepEqual(encode([fill(1)]), encode([fill(1), halt]));
  assert.deepEqual([...encode([])], [0, 2]);
  assert.throws(() => encode([halt, fill(1)]), {
    name: "InternalError",
    message: /instruction 0 \(halt\) is not the last/,
  });
});

Deno.test("operands that do not fit their field are not encoded", () => {
  for (const count of [-1, 2 ** 32, 1.5, NaN]) assert.throws(() => encode([fill(count)]), InternalError);
  const [{ operands, ...rest }] = [fill(1)];
  const short = { ...rest, operands: { ...operands, count: undefined } } as unknown as Instruction;
  assert.throws(() => encode([short]), /instruction 0 \(fill\), count, is missing/);
});

Deno.test("words that are no program are refused with the place and the reason", () => {
  const words = encode([fill(3), fill(4)]);
  const refusals: [string, Uint32Array, RegExp][] = [
    ["nothing", new Uint32Array(0), /instruction 0 is missing: the program ends without halt/],
    ["without halt", words.slice(0, -2), /instruction 2 is missing/],
    ["cut inside", words.slice(0, 7), /instruction 1 \(fill\) says it is 5 words long, 2 are left/],
    ["opcode", words.with(5, 200), /instruction 1 has the unknown opcode 200/],
    ["flags", words.with(0, 1 | 1 << 10), /instruction 0 \(fill\) has unknown flags/],
    ["too short", words.with(1, 4), /instruction 0 \(fill\) is 4 words long, too short for its 3 fields/],
    ["too long", words.with(6, 7), /instruction 1 \(fill\) is 7 words long, expected 5/],
    ["no length", words.with(1, 0), /instruction 0 \(fill\) says it is 0 words long/],
    ["flags of halt", words.with(10, 1 << 9), /instruction 2 \(halt\) has flags/],
    ["after halt", Uint32Array.of(...words, 0, 2), /instruction 2 \(halt\) is followed by 2 more words/],
  ];
  for (const [what, bad, message] of refusals) {
    assert.throws(() => decode(bad), (error) => error instanceof VerifyError && message.test(error.message), what);
  }
});

Deno.test("list counts that exceed the instruction are refused without being read", () => {
  const move = Object.entries<InstructionSchema>(instructions).find(([name]) => name === "map")!;
  const [map] = fc.sample(anyInstruction(...move), { seed: 3, numRuns: 1 });
  const inputCount = 2 + Object.keys(instructions.map.fields).indexOf("inputCount");
  assert.throws(() => decode(encode([map]).with(inputCount, 2 ** 32 - 1)), /has inputCount 4294967295, more than/);
});
