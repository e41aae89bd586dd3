/** From traced programs to plans in one shared memory. */
import { PlanError } from "../core/errors.ts";
import { sizeOf } from "../core/shape.ts";
import type { Kernel } from "../graph/fuse.ts";
import type { Slot, Store } from "../graph/store.ts";
import { is, type Tensor } from "../graph/tensor.ts";
import type { Program } from "../graph/trace.ts";
import { placeBarriers } from "./barriers.ts";
import { addressOf, ProgramBuilder, resolve, type ValueId } from "./builder.ts";
import { ARENA_BASE } from "./control.ts";
import { encode } from "./encode.ts";
import type { Forms } from "./fast_forms.ts";
import { lowerContract } from "./lower/contract.ts";
import type { Lowering } from "./lower/context.ts";
import { lowerMap } from "./lower/map.ts";
import { lowerCopy } from "./lower/move.ts";
import { lowerPlain } from "./lower/plain.ts";
import { lowerReduce } from "./lower/reduce.ts";
import { aligned, planArena } from "./memory.ts";
import type { Plan, PlannedInstruction, Range, RegionName } from "./plan.ts";
import { schedule, storageOf } from "./schedule.ts";

/** Largest memory that a set of plans may take, in bytes. */
const MEMORY_LIMIT = 3.5 * 2 ** 30;

/** A verified-to-be program and the words that encode it. */
export interface CompiledProgram {
  readonly program: Program;
  readonly plan: Plan;
  readonly words: Uint32Array;
  /** Byte address of the first word. */
  readonly address: number;
  /** Numbers to put into the constants region, by byte address. */
  readonly constants: readonly { readonly address: number; readonly values: Float32Array }[];
}

export interface CompiledPrograms {
  readonly programs: readonly CompiledProgram[];
  /** Where each slot lies. */
  readonly slots: ReadonlyMap<Slot, Range>;
  /** Bytes from address 0 to the end of the last region. */
  readonly bytes: number;
}

/** How to plan. */
export interface PlanOptions {
  /** The team's size: it decides how much scratch there is, and nothing else. */
  readonly threads: number;
  /** Fast forms of convolutions, whose rounding errors are a few times larger: `cheaper` when left out. */
  readonly forms?: Forms;
}

/** One program lowered, with virtual addresses. */
interface Draft {
  readonly traced: Program;
  readonly builder: ProgramBuilder;
  readonly offsets: ReadonlyMap<ValueId, number>;
  readonly arenaBytes: number;
  readonly outputs: ReadonlyMap<string, ValueId>;
  readonly inputs: ReadonlyMap<string, ValueId>;
  readonly constants: readonly { readonly value: ValueId; readonly values: Float32Array }[];
  readonly constantBytes: number;
  readonly words: number;
}

/**
 * Plans programs that share one Store and one memory for a team of `threads`. Which instructions there are, and so the
 * bits of all results, does not depend on the number of threads.
 * @throws PlanError if the memory would be larger than `MEMORY_LIMIT`.
 */
export function compilePrograms(
  store: Store,
  programs: readonly Program[],
  { threads, forms = "cheaper" }: PlanOptions,
): CompiledPrograms {
  const state = layOut(store.slots().map((slot) => ({ key: slot, bytes: 4 * sizeOf(slot.shape) })));
  const inputs = layOut(distinctInputs(programs));
  const drafts = programs.map((program) => draft(program, state.offsets, inputs.offsets, forms));

  const scratchStride = aligned(Math.max(0, ...drafts.map(({ builder }) => builder.scratchBytes)));
  const total = (size: (draft: Draft) => number) => drafts.reduce((sum, draft) => sum + aligned(size(draft)), 0);
  const regions = stack({
    program: total(({ words }) => 4 * words),
    constants: total(({ constantBytes }) => constantBytes),
    state: state.bytes,
    inputs: inputs.bytes,
    arena: Math.max(0, ...drafts.map(({ arenaBytes }) => arenaBytes)),
    scratch: threads * scratchStride,
  });
  const bytes = regions.scratch.end;
  requireFit(bytes, regions.arena.end - regions.arena.begin);

  let program = regions.program.begin;
  let constants = regions.constants.begin;
  const compiled = drafts.map((draft) => {
    const place = { program, constants };
    program += aligned(4 * draft.words);
    constants += aligned(draft.constantBytes);
    return finish(draft, regions, place, scratchStride, threads);
  });
  const slots = new Map([...state.offsets].map(([slot, offset]) => {
    const begin = regions.state.begin + offset;
    return [slot, { begin, end: begin + 4 * sizeOf(slot.shape) }];
  }));
  return { programs: compiled, slots, bytes };
}

/** @throws PlanError if `bytes` in all, `arena` of them for activations, are more than `MEMORY_LIMIT`. */
function requireFit(bytes: number, arena: number): void {
  if (bytes <= MEMORY_LIMIT) return;
  throw new PlanError(
    `the program needs ${gib(bytes)} GiB, most of it ${gib(arena)} GiB of activations; expected at most ` +
      `${gib(MEMORY_LIMIT)} GiB; use a smaller batch, image size or network`,
  );
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(2);
}

function layOut<K>(items: readonly { key: K; bytes: number }[]): { offsets: Map<K, number>; bytes: number } {
  const offsets = new Map<K, number>();
  let bytes = 0;
  for (const item of items) {
    offsets.set(item.key, bytes);
    bytes += aligned(item.bytes);
  }
  return { offsets, bytes };
}

/** Inputs of one name and size are one place in memory, whichever programs read them. */
function inputKey(name: string, elements: number): string {
  return `${name}:${elements}`;
}

function distinctInputs(programs: readonly Program[]): { key: string; bytes: number }[] {
  const sizes = new Map<string, number>();
  for (const { inputs } of programs) {
    for (const [name, { shape }] of inputs) sizes.set(inputKey(name, sizeOf(shape)), 4 * sizeOf(shape));
  }
  return [...sizes].map(([key, bytes]) => ({ key, bytes }));
}

function stack(sizes: Readonly<Record<RegionName, number>>): Record<RegionName, Range> {
  let begin = ARENA_BASE;
  const place = (name: RegionName): Range => {
    const range = { begin, end: begin + aligned(sizes[name]) };
    begin = range.end;
    return range;
  };
  return {
    program: place("program"),
    constants: place("constants"),
    state: place("state"),
    inputs: place("inputs"),
    arena: place("arena"),
    scratch: place("scratch"),
  };
}

/** Lowers one program: values and instructions, still without addresses. */
function draft(
  program: Program,
  state: ReadonlyMap<Slot, number>,
  inputOffsets: ReadonlyMap<string, number>,
  forms: Forms,
): Draft {
  const plan = schedule(program);
  const builder = new ProgramBuilder();
  const ids = new Map<Tensor, ValueId>();
  const slotIds = new Map<Slot, ValueId>();
  const constants: { value: ValueId; values: Float32Array }[] = [];
  let constantBytes = 0;

  const slotValue = (slot: Slot): ValueId => {
    let id = slotIds.get(slot);
    if (id === undefined) {
      const offset = state.get(slot)!;
      id = builder.value({ label: slot.name, region: "state", bytes: 4 * sizeOf(slot.shape), offset });
      slotIds.set(slot, id);
    }
    return id;
  };
  const constantValue = (label: string, values: Float32Array): ValueId => {
    const id = builder.value({ label, region: "constants", bytes: values.byteLength, offset: constantBytes });
    constantBytes += aligned(values.byteLength);
    constants.push({ value: id, values });
    return id;
  };
  const inputValue = (name: string, elements: number): ValueId =>
    builder.value({
      label: `input ${name}`,
      region: "inputs",
      bytes: 4 * elements,
      offset: inputOffsets.get(inputKey(name, elements))!,
    });
  const make = (storage: Tensor): ValueId => {
    const slot = plan.inPlace.get(storage);
    if (slot) return slotValue(slot);
    if (is(storage, "slot")) return slotValue(storage.attributes.slot);
    if (is(storage, "input")) return inputValue(storage.attributes.name, sizeOf(storage.shape));
    if (is(storage, "literal")) return constantValue("literal", storage.attributes.values);
    if (is(storage, "constant")) return constantValue("constant", Float32Array.of(storage.attributes.value));
    return builder.temporary(`${storage.origin.scope || "program"} ${storage.op}`, sizeOf(storage.shape));
  };
  const valueOf = (tensor: Tensor): ValueId => {
    const storage = storageOf(tensor);
    let id = ids.get(storage);
    if (id === undefined) ids.set(storage, id = make(storage));
    return id;
  };
  const context: Lowering = {
    builder,
    address: (tensor, elements = 0) => addressOf(valueOf(tensor), 4 * elements),
    packed: new Map(),
    forms,
  };

  for (const kernel of plan.kernels) {
    const { origin } = kernel.outputs[0];
    builder.label = origin.scope || kernel.outputs[0].op;
    lower(kernel, context);
  }
  for (const { from, slot } of plan.copies) {
    builder.label = slot.name;
    lowerCopy(addressOf(valueOf(from)), addressOf(slotValue(slot)), sizeOf(slot.shape), context);
  }

  const inputs = new Map([...plan.program.inputs].map(([name, tensor]) => [name, valueOf(tensor)]));
  const outputs = new Map([...plan.program.outputs].map(([name, tensor]) => [name, valueOf(tensor)]));
  const { offsets, bytes } = planArena(builder, new Set(outputs.values()));
  requireFit(bytes, bytes); // before encoding, whose fields could not hold such sizes
  // Addresses do not change the length of a program, so any will do to measure it.
  const words = encode(builder.instructions.map(({ instruction }) => resolve(instruction, () => 0, 0))).length;
  return { traced: program, builder, offsets, arenaBytes: bytes, outputs, inputs, constants, constantBytes, words };
}

function lower(kernel: Kernel, context: Lowering): void {
  switch (kernel.kind) {
    case "map":
      return lowerMap(kernel, context);
    case "reduce":
      return lowerReduce(kernel, context);
    case "contract":
      return lowerContract(kernel, context);
    case "plain":
      return lowerPlain(kernel.outputs[0], context);
  }
}

/** Gives every value its address and encodes the program. */
function finish(
  { traced: program, builder, offsets, outputs, inputs, constants }: Draft,
  regions: Readonly<Record<RegionName, Range>>,
  place: { readonly program: number; readonly constants: number },
  scratchStride: number,
  threads: number,
): CompiledProgram {
  const begin = (value: ValueId): number => {
    const { region, offset } = builder.values[value];
    if (region === "arena") return regions.arena.begin + offsets.get(value)!;
    return (region === "constants" ? place.constants : regions[region].begin) + offset!;
  };
  const instructions: PlannedInstruction[] = builder.instructions.map((draft) => {
    const instruction = resolve(draft.instruction, begin, regions.scratch.begin);
    const operands = instruction.operands as { scratchStride?: number };
    if (operands.scratchStride !== undefined) operands.scratchStride = scratchStride;
    return { ...draft, instruction };
  });
  const values = builder.values.map(({ label, region, bytes }, id) => {
    const start = region === "arena" && !offsets.has(id) ? regions.arena.begin : begin(id);
    return { label, region, range: { begin: start, end: start + bytes } };
  });
  placeBarriers(instructions, (value) => values[value].range);
  return {
    program,
    plan: { name: program.name, regions, values, instructions, outputs, inputs, scratchStride, threads },
    words: encode(instructions.map(({ instruction }) => instruction)),
    address: place.program,
    constants: constants.map(({ value, values }) => ({ address: begin(value), values })),
  };
}
