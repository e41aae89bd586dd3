/** Programs that the verifier must accept; the mutation test corrupts them. */
import fc from "fast-check";
import { footprint } from "../../src/plan/footprints.ts";
import { isDense } from "../../src/plan/footprints/access.ts";
import { type Case, type Cases, cases, instructionOf, mnemonics } from "./cases.ts";
import { linearStep, pieces } from "./hand_programs.ts";
import { type Sample, SCRATCH_STRIDE, Sketch } from "./sketch.ts";
import { trainingPrograms } from "./training_programs.ts";

/** A program of random instructions of all opcodes, which read results of earlier ones where those are large enough. */
function randomProgram(seed: number): Sample {
  const sketch = new Sketch(`random program ${seed}`);
  const results: number[] = [];
  const instances = mnemonics.flatMap((mnemonic, i) =>
    // The first samples of a generator are the simplest ones.
    fc.sample(cases[mnemonic] as Cases["fill"], { seed: seed * 100 + i, numRuns: 20 }).slice(-1)
  ) as Case[];
  instances.forEach((instance, i) => {
    const reads: number[] = [];
    const writes: number[] = [];
    const input = (elements: number) => {
      const fitting = results.find((index) => {
        const { begin, end } = sketch.values[index].range;
        return !reads.includes(index) && end - begin >= 4 * elements;
      });
      const index = fitting ?? sketch.value(`x${sketch.values.length}`, i % 2 ? "state" : "inputs", elements);
      reads.push(index);
      return sketch.at(index);
    };
    const output = (elements: number) => {
      const index = sketch.value(`y${sketch.values.length}`, i % 3 ? "arena" : "state", elements);
      writes.push(index);
      return sketch.at(index);
    };
    const update = (elements: number) => {
      const index = sketch.value(`z${sketch.values.length}`, "state", elements);
      reads.push(index);
      writes.push(index);
      return sketch.at(index);
    };
    const memory = { input, output, update, indices: input, ...sketch.scratch, scratchStride: SCRATCH_STRIDE };
    const instruction = instructionOf(instance, memory, { single: i % 5 === 0 });
    sketch.add(instruction, reads, writes);
    // What has gaps was not written all over.
    if (footprint(instruction).writes.every(isDense)) results.push(...writes);
  });
  return sketch.finish();
}

/** Programs of all kinds: by hand, at random, and real training steps. */
export function samplePrograms(): Sample[] {
  return [
    linearStep(),
    pieces(),
    ...[1, 2, 3, 4, 5, 6].map(randomProgram),
    ...trainingPrograms("mlp", [2]),
    ...trainingPrograms("dcgan", [16, 16, 3]),
    ...trainingPrograms("dcgan", [16, 16, 3], 8),
  ];
}
