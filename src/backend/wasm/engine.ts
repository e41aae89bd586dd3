/** The WASM backend: plans programs, proves them sound, puts them into the shared memory and lets the team walk them. */
import { DuelError, InternalError, UsageError } from "../../core/errors.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Store } from "../../graph/store.ts";
import type { Program } from "../../graph/trace.ts";
import { type CompiledProgram, type CompiledPrograms, compilePrograms, type PlanOptions } from "../../plan/compile.ts";
import type { Plan, PlannedInstruction, Range } from "../../plan/plan.ts";
import { verify } from "../../plan/verify.ts";
import type { Draw, Engine, Values } from "../backend.ts";
import { createMemory } from "./memory.ts";
import { compileKernels, hasRelaxedSimd, type KernelBuild } from "./module.ts";
import { type HostPart, type KernelError, Team } from "./team.ts";

/**
 * Programs of fewer floating-point operations and bytes than this together are short: a few milliseconds at worst, for
 * which the host may stop doing other things.
 */
const SHORT_WORK = 2 ** 28;

export interface WasmOptions extends PlanOptions {
  /** Which build of the kernels; the relaxed one where V8 has relaxed SIMD when left out. */
  readonly build?: KernelBuild;
  /**
   * Whether this process was started with the V8 flags of native-speed mode (`nativeFlags`); not when left out. Results
   * are the same, but each way of starting has loops of its own that are fastest.
   */
  readonly native?: boolean;
}

/** An engine whose plans and memory can be looked at. */
export interface WasmEngine extends Engine {
  readonly backend: "wasm";
  readonly build: KernelBuild;
  readonly threads: number;
  /** Whether all 4 GiB of addresses are reserved, which native-speed mode asks for. */
  readonly reserved: boolean;
  /** Bytes of shared memory in use. */
  readonly bytes: number;
  /**
   * SHA-256, in hexadecimal, of everything that decides the bits of results: the build of the kernels and the words of
   * all programs. It does not depend on the number of threads.
   */
  readonly planDigest: string;
  plan(program: Program): Plan;
}

/**
 * Seals the Store, plans and verifies the programs, and starts the team.
 * @throws PlanError if the memory does not suffice, VerifyError if a plan is unsound (a bug).
 */
export async function compileWasm(
  store: Store,
  programs: readonly Program[],
  { threads, forms, build = hasRelaxedSimd() ? "relaxed" : "plain", native = false }: WasmOptions,
): Promise<WasmEngine> {
  store.seal();
  const compiled = compilePrograms(store, programs, { threads, ...forms && { forms } });
  for (const { plan, words } of compiled.programs) verify(plan, words);
  const { memory, reserved } = createMemory(compiled.bytes);
  for (const { address, words, constants } of compiled.programs) {
    new Uint32Array(memory.buffer, address, words.length).set(words);
    for (const { address, values } of constants) new Float32Array(memory.buffer, address, values.length).set(values);
  }
  for (const [slot, { begin }] of compiled.slots) {
    slot.fill(new Float32Array(memory.buffer, begin, sizeOf(slot.shape)));
  }
  const planDigest = await digestOf(build, compiled.programs);
  const team = await Team.start(await compileKernels(build), memory, threads, native);
  return new TeamEngine(compiled, memory, team, { build, reserved, planDigest });
}

async function digestOf(build: KernelBuild, programs: readonly CompiledProgram[]): Promise<string> {
  const parts = [new TextEncoder().encode(build), ...programs.map(({ words }) => new Uint8Array(words.slice().buffer))];
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer())).toHex();
}

function hostPart({ instructions, values }: Plan): HostPart {
  const bytes = ({ reads, writes }: PlannedInstruction) =>
    [...reads, ...writes].reduce((sum, value) => sum + values[value].range.end - values[value].range.begin, 0);
  const work = instructions.reduce((sum, instruction) => sum + instruction.flops + bytes(instruction), 0);
  if (work >= SHORT_WORK) return "watches";
  return instructions.every(({ instruction }) => instruction.single) ? "alone" : "leads";
}

class TeamEngine implements WasmEngine {
  readonly backend = "wasm";
  readonly #programs: ReadonlyMap<Program, CompiledProgram>;
  readonly #parts: ReadonlyMap<Program, HostPart>;
  readonly #slots: ReadonlyMap<string, Range>;
  readonly build: KernelBuild;
  readonly reserved: boolean;
  readonly bytes: number;
  readonly planDigest: string;

  constructor(
    { programs, slots, bytes }: CompiledPrograms,
    readonly memory: WebAssembly.Memory,
    readonly team: Team,
    { build, reserved, planDigest }: Pick<WasmEngine, "build" | "reserved" | "planDigest">,
  ) {
    this.#programs = new Map(programs.map((compiled) => [compiled.program, compiled]));
    this.#parts = new Map(programs.map(({ program, plan }) => [program, hostPart(plan)]));
    this.#slots = new Map([...slots].map(([slot, range]) => [slot.name, range]));
    this.bytes = bytes;
    this.build = build;
    this.reserved = reserved;
    this.planDigest = planDigest;
  }

  get threads(): number {
    return this.team.threads;
  }

  plan(program: Program): Plan {
    return this.#compiled(program).plan;
  }

  async run(program: Program, inputs: Values, { seed, draw }: Draw): Promise<Record<string, Float32Array>> {
    const { plan, words, address } = this.#compiled(program);
    for (const [name, tensor] of program.inputs) this.#fill(plan, name, sizeOf(tensor.shape), inputs[name]);
    const score = { program: address, words: words.length, part: this.#parts.get(program)! };
    const { error } = await this.team.run(score, seed, draw);
    if (error) throw explained(plan, words, error);
    return Object.fromEntries(
      [...plan.outputs].map(([name, value]) => [name, this.#floats(plan.values[value].range).slice()]),
    );
  }

  #compiled(program: Program): CompiledProgram {
    const compiled = this.#programs.get(program);
    if (compiled) return compiled;
    throw new UsageError(`program ${program.name} was not compiled for this engine; pass it to the compilation`);
  }

  #fill(plan: Plan, name: string, elements: number, values?: ArrayLike<number>): void {
    if (values?.length !== elements) {
      throw new UsageError(
        `input ${name} of program ${plan.name} has ${values?.length ?? "no"} values; expected ${elements}`,
      );
    }
    this.#floats(plan.values[plan.inputs.get(name)!].range).set(values);
  }

  #floats({ begin, end }: Range): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.memory.buffer as unknown as SharedArrayBuffer, begin, (end - begin) / 4);
  }

  #slot(name: string): Float32Array<SharedArrayBuffer> {
    const range = this.#slots.get(name);
    if (range) return this.#floats(range);
    throw new DuelError(`there is no slot called ${name}; known: ${[...this.#slots.keys()].join(", ")}`);
  }

  read(slot: string): Float32Array {
    return Float32Array.from(this.#slot(slot));
  }

  write(slot: string, values: ArrayLike<number>): void {
    const target = this.#slot(slot);
    if (values.length !== target.length) {
      throw new UsageError(`slot ${slot} holds ${target.length} numbers; expected as many, not ${values.length}`);
    }
    target.set(values);
  }

  async close(): Promise<void> {
    await this.team.close();
  }
}

/** A kernel's complaint in the user's words: which layer, and what was wrong. */
function explained(plan: Plan, words: Uint32Array, { code, instruction, detail }: KernelError): DuelError {
  let index = 0;
  // The second word of an instruction is its length.
  for (let offset = 0; offset < instruction; offset += words[offset + 1]) index++;
  const planned = plan.instructions[index];
  if (code === "badInstruction" || !planned) {
    return new InternalError(`the team refused instruction ${index} of ${plan.name}; please report this`);
  }
  return new UsageError(
    `${planned.label}: index ${detail} of ${planned.instruction.mnemonic} is not a whole number inside the table; ` +
      `expected 0 up to the number of rows; check labels and tokens`,
  );
}
