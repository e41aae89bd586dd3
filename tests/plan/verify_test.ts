import assert from "node:assert/strict";
import { VerifyError } from "../../src/core/errors.ts";
import { encode } from "../../src/plan/encode.ts";
import type { Instruction } from "../../src/plan/instructions.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { verify } from "../../src/plan/verify.ts";
import { samplePrograms } from "./sample_programs.ts";
import { SCRATCH_STRIDE, Sketch } from "./sketch.ts";

// Instructions of these programs are named by their number in the tests below.
const [linear, pieces] = samplePrograms();

function assertRefused(message: RegExp, plan: Plan, program: readonly Instruction[]): void {
  assert.throws(() => verify(plan, encode(program)), (error) => {
    assert.ok(error instanceof VerifyError, String(error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"), "the message is one line");
    return true;
  });
}

const programOf = ({ instructions }: Plan) => structuredClone(instructions.map(({ instruction }) => instruction));

type AnyOperands = Record<string, number> & Record<"inputs" | "code" | "outputs", Record<string, number>[]>;

/** Changes operands of instruction `at`, and expects a refusal. */
function refuses(message: RegExp, { plan }: { plan: Plan }, at: number, change: (operands: AnyOperands) => void): void {
  const program = programOf(plan);
  change(program[at].operands as unknown as AnyOperands);
  assertRefused(message, plan, program);
}

Deno.test("sample programs pass", () => {
  for (const { plan, words } of samplePrograms()) verify(plan, words);
});

Deno.test("a refusal names program, instruction, opcode, layer and operand", () => {
  const where = /^program linear step: instruction 6 \(fill, linear step\/6\): /;
  refuses(where, linear, 6, (o) => o.count = 1000);
  refuses(/: out writes \[\d+, \d+\), expected inside of w packed at \[/, linear, 6, (o) => o.count = 1000);
});

Deno.test("operands outside of the planned values are refused", () => {
  refuses(/contract.*: a reads/, linear, 2, (o) => o.aRowStride += 1);
  refuses(/contract.*: b reads/, linear, 2, (o) => o.b += 4);
  refuses(/contract.*: bias reads/, linear, 2, (o) => o.bias -= 4);
  refuses(/contract.*: out writes/, linear, 2, (o) => o.cStrideImage += 1);
  refuses(/map.*: inputs\[0\] reads/, linear, 3, (o) => o.inputs[0].s4 += 1);
  refuses(/reduce.*: outputs\[0\] writes/, linear, 4, (o) => o.chunk = 1);
  refuses(/move.*: target writes/, pieces, 0, (o) => o.target += 20);
  refuses(/which no memory has/, linear, 3, (o) => o.inputs[0].s5 = -(2 ** 31));
  refuses(/expected a multiple of 4/, linear, 6, (o) => o.out += 2);
});

Deno.test("operands that make no sense are refused", () => {
  refuses(/d4 is 0, expected 1 to/, linear, 3, (o) => o.d4 = 0);
  refuses(/tileColumns is 12, expected 8 or 16/, linear, 2, (o) => o.tileColumns = 12);
  refuses(/rowBlock is 7, expected a multiple of 6/, linear, 2, (o) => o.rowBlock = 7);
  refuses(/columnBlock is 12, expected a multiple of tileColumns = 8/, linear, 2, (o) => o.columnBlock = 12);
  refuses(/depthBlock is 0/, linear, 2, (o) => o.depthBlock = 0);
  refuses(/activation is 4, expected 0 to 3/, linear, 2, (o) => o.activation = 4);
  refuses(/m is 8, expected a multiple of cGridHeight·cGridWidth = 3/, linear, 2, (o) => o.cGridHeight = 3);
  refuses(/aKind and bKind are both patches/, linear, 2, (o) => o.aKind = o.bKind = 1);
  refuses(/m is 8, but the patches have images·gridHeight·gridWidth = 12 rows/, pieces, 2, (o) => o.gridWidth = 3);
  refuses(/k is 5, but the patches have .* = 10 columns/, pieces, 2, (o) => o.kernelWidth = 2);
  refuses(/channels is 5, more than the pixelStride 4/, pieces, 2, (o) => o.pixelStride = 4);
  refuses(/the patches reach/, pieces, 2, (o) => o.padTop = -(2 ** 31));
  refuses(/endReduced is 3, expected 4 to 6/, linear, 4, (o) => o.endReduced = 3);
  refuses(/outputs\[0\] has the unknown kind 2/, linear, 4, (o) => o.outputs[0].kind = 2);
  refuses(/code\[1\] has the unknown operation 99/, linear, 3, (o) => o.code[1].op = 99);
  refuses(/code\[1\] reads register 1, which nothing wrote before/, linear, 3, (o) => o.code[1].b = 1);
  refuses(/code\[0\] loads input 1, there are 1/, linear, 3, (o) => o.code[0].a = 1);
  refuses(/code\[1\] writes register 2, there are 2/, linear, 3, (o) => o.code[1].target = 2);
  refuses(/outputs\[0\] reads register 3/, linear, 3, (o) => o.outputs[0].register = 3);
  refuses(/kind is 2, expected 0 to 1/, linear, 0, (o) => o.kind = 2);
  refuses(/target has strides that may write one element twice/, pieces, 0, (o) => o.t5 = 0);
});

Deno.test("endless work is refused", () => {
  const sketch = new Sketch("endless");
  const out = sketch.value("out", "arena", 1);
  const x = sketch.value("x", "state", 1);
  const size = 2 ** 14;
  sketch.emit(
    "averagePool",
    {
      x: sketch.at(x),
      out: sketch.at(out),
      images: 1,
      height: 1,
      width: 1,
      channels: 1,
      outHeight: 1,
      outWidth: 1,
      kernelHeight: size * 128,
      kernelWidth: size * 128,
      strideY: 1,
      strideX: 1,
      padTop: 0,
      padLeft: 0,
    },
    [x],
    [out],
  );
  assertRefused(/the work is 4398046511104 innermost steps/, sketch.finish().plan, programOf(sketch.finish().plan));
});

Deno.test("scratch must be the thread's own piece, and large enough", () => {
  refuses(/scratch needs/, linear, 3, (o) => o.scratch -= 4);
  refuses(/scratch needs/, linear, 3, (o) => o.scratch += SCRATCH_STRIDE);
  refuses(new RegExp(`scratchStride is 4, expected ${SCRATCH_STRIDE}`), linear, 3, (o) => o.scratchStride = 4);
  refuses(/registers is 65, expected 1 to 64/, linear, 3, (o) => o.registers = 65);
  refuses(/scratch needs/, linear, 2, (o) => o.rowBlock = 6 * 2 ** 20);
});

Deno.test("what nothing has written may not be read", () => {
  const { plan } = linear;
  const program = programOf(plan);
  assertRefused(
    /instruction 0 .* a reads element 0 of z/,
    { ...plan, instructions: plan.instructions.slice(2) },
    program.slice(2),
  );
  // A result only partly written is not written.
  refuses(/a reads element 47 of z, which nothing wrote before/, linear, 0, (o) => o.count -= 1);
  refuses(/reads element \d+ of a and b/, pieces, 1, (o) => o.d5 -= 1);
  refuses(/output dx reads element \d+ of dx/, pieces, 2, (o) => o.out += 4 * 3);
});

Deno.test("results may not overwrite operands, except element by element in a map", () => {
  const { plan } = linear;
  const program = programOf(plan);
  refuses(/outputs\[0\] at .* overwrites inputs\[0\]/, linear, 3, (o) => {
    [o.d4, o.d5] = [o.d5, o.d4];
    [o.inputs[0].s4, o.inputs[0].s5] = [1, o.d4];
  });
  const twoOutputs = program[3].operands as unknown as AnyOperands;
  twoOutputs.outputCount = 2;
  twoOutputs.outputs.push(twoOutputs.outputs[0]);
  assertRefused(/outputs\[1\] and outputs\[0\] share memory/, plan, program);
});

Deno.test("instructions of several threads need barriers where they depend on each other", () => {
  for (
    const [at, message] of [[1, /a at .* needs a barrier after instruction 0/], [
      2,
      /inputs\[0\] at .* needs a barrier/,
    ]] as const
  ) {
    const program = programOf(linear.plan);
    program[at].barrier = false;
    assertRefused(message, linear.plan, program);
  }
  // The two one-thread reductions stand without a barrier; on all threads they may not.
  for (const at of [4, 5]) {
    const program = programOf(linear.plan);
    program[at].single = false;
    assertRefused(/instruction 5 .* needs a barrier after instruction 4/, linear.plan, program);
  }
  // Writing what another thread may still read is a race as well: weights are packed, then updated.
  const program = programOf(linear.plan).map((instruction) => ({ ...instruction, barrier: false, single: true }));
  verify(linear.plan, encode(program));
  program[1].single = false;
  assertRefused(/instruction 2 .* b at .* needs a barrier after instruction 1/, linear.plan, program);
});

Deno.test("programs may only write state and arena", () => {
  for (const region of ["constants", "inputs"] as const) {
    const sketch = new Sketch("writer");
    const value = sketch.value("value", region, 4);
    sketch.emit("fill", { out: sketch.at(value), count: 4, value: 0 }, [], [value]);
    const { plan } = sketch.finish();
    assertRefused(/writes value in the region/, plan, programOf(plan));
  }
});

Deno.test("values must lie in their regions, and apart from each other while they live", () => {
  const sketch = new Sketch("crowded");
  const first = sketch.value("first", "arena", 8);
  sketch.emit("fill", { out: sketch.at(first), count: 8, value: 1 }, [], [first]);
  const second = sketch.overlay("second", "arena", sketch.at(first, 4), 8);
  sketch.emit("fill", { out: sketch.at(second), count: 8, value: 1 }, [], [second]);
  const dead = sketch.finish().plan;
  verify(dead, encode(programOf(dead)));
  sketch.output("first", first);
  const { plan } = sketch.finish();
  assertRefused(/second at .* shares memory with first/, plan, programOf(plan));

  const misplaced = { label: "value", region: "state", range: plan.regions.arena } as const;
  assertRefused(
    /value at .* is not inside the region state/,
    { ...dead, values: [...dead.values, misplaced] },
    programOf(dead),
  );
});

Deno.test("a result may take the place of a dying operand only where that dies, and whole", () => {
  const { plan } = linear;
  const hidden = plan.values.findIndex(({ label }) => label === "h");
  const again = plan.instructions.with(4, { ...plan.instructions[4], reads: [...plan.instructions[4].reads, hidden] });
  assertRefused(/h² at .* shares memory with h/, { ...plan, instructions: again }, programOf(plan));
  const { label, region, range } = plan.values[hidden];
  const longer = plan.values.with(hidden, { label, region, range: { ...range, end: range.end + 64 } });
  assertRefused(/shares memory/, { ...plan, values: longer }, programOf(plan));
});

Deno.test("regions that overlap, or scratch that does not suffice, are refused", () => {
  const { plan } = linear;
  const program = programOf(plan);
  const { regions } = plan;
  const state = { begin: regions.state.begin, end: regions.state.end + 4 };
  assertRefused(/region inputs begins at/, { ...plan, regions: { ...regions, state } }, program);
  const code = { begin: 0, end: regions.program.end };
  assertRefused(/region program begins at 0/, { ...plan, regions: { ...regions, program: code } }, program);
  const narrow = new RegExp(`4 threads with ${SCRATCH_STRIDE} bytes of scratch each do not fit`);
  assertRefused(narrow, { ...plan, threads: 4 }, program);
  assertRefused(/the plan is for 65 threads/, { ...plan, threads: 65 }, program);
  const short = { begin: regions.program.begin, end: regions.program.begin + 64 };
  assertRefused(
    /bytes do not fit into the region program/,
    { ...plan, regions: { ...regions, program: short } },
    program,
  );
});

Deno.test("the words must have as many instructions as the plan", () => {
  const program = programOf(linear.plan);
  assertRefused(/there are 7 instructions, the plan has 8/, linear.plan, program.slice(1));
  assertRefused(/there are 9 instructions, the plan has 8/, linear.plan, [...program, program[7]]);
});
