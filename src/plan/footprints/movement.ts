/** Footprints of the instructions that fill, copy, index and scan. */
import type { Operands } from "../instructions.ts";
import {
  count,
  type Footprint,
  readBox,
  readDense,
  requireBetween,
  requirePositive,
  requireWork,
  writeBox,
  writeDense,
} from "./access.ts";
import { axesOf, dimsOf, stridesOf } from "./pointwise.ts";

/** `fill`: → out [count]. @throws VerifyError */
export function fill(o: Operands<"fill">): Footprint {
  requirePositive(o, ["count"]);
  return { reads: [], writes: [writeDense("out", o.out, o.count)] };
}

/** `move`: a strided box of six axes → another of the same extents. @throws VerifyError */
export function move(o: Operands<"move">): Footprint {
  const extents = dimsOf(o);
  count("d0·…·d5", ...extents);
  return {
    reads: [readBox("source", o.source, axesOf(extents, stridesOf(o)))],
    writes: [writeBox("target", o.target, axesOf(extents, [o.t0, o.t1, o.t2, o.t3, o.t4, o.t5]))],
  };
}

/**
 * `gather`: table [rows][width], indices [count] → out [count][width]. Indices are numbers from outside, so any row may
 * be read; the kernel checks that there are no others. @throws VerifyError
 */
export function gather(o: Operands<"gather">): Footprint {
  requirePositive(o, ["rows", "width", "count"]);
  return {
    reads: [
      readDense("table", o.table, count("rows·width", o.rows, o.width)),
      readDense("indices", o.indices, o.count),
    ],
    writes: [writeDense("out", o.out, count("count·width", o.count, o.width))],
  };
}

/** `scatterAdd`: indices [count], updates [count][width] → out [rows][width], all of it. @throws VerifyError */
export function scatterAdd(o: Operands<"scatterAdd">): Footprint {
  requirePositive(o, ["count", "width", "rows"]);
  // Each thread may look at every index for each of its rows.
  requireWork(o.count, o.rows);
  return {
    reads: [
      readDense("indices", o.indices, o.count),
      readDense("updates", o.updates, count("count·width", o.count, o.width)),
    ],
    writes: [writeDense("out", o.out, count("rows·width", o.rows, o.width))],
  };
}

/** `oneHot`: indices [count] → out [count][depth]. @throws VerifyError */
export function oneHot(o: Operands<"oneHot">): Footprint {
  requirePositive(o, ["count", "depth"]);
  return {
    reads: [readDense("indices", o.indices, o.count)],
    writes: [writeDense("out", o.out, count("count·depth", o.count, o.depth))],
  };
}

/** `argmax`: source [outer][length][inner] → out [outer][inner]. @throws VerifyError */
export function argmax(o: Operands<"argmax">): Footprint {
  requirePositive(o, ["outer", "length", "inner"]);
  return {
    reads: [readDense("source", o.source, count("outer·length·inner", o.outer, o.length, o.inner))],
    writes: [writeDense("out", o.out, count("outer·inner", o.outer, o.inner))],
  };
}

/** `cumulativeSum`: source → out, both [outer][length][inner]. @throws VerifyError */
export function cumulativeSum(o: Operands<"cumulativeSum">): Footprint {
  requirePositive(o, ["outer", "length", "inner"]);
  requireBetween(o, ["reverse"], 0, 1);
  const elements = count("outer·length·inner", o.outer, o.length, o.inner);
  return { reads: [readDense("source", o.source, elements)], writes: [writeDense("out", o.out, elements)] };
}

/** `random`: → out [count]. Seed and draw are read from the control block, which no value overlaps. @throws VerifyError */
export function random(o: Operands<"random">): Footprint {
  requirePositive(o, ["count"]);
  requireBetween(o, ["kind"], 0, 1);
  return { reads: [], writes: [writeDense("out", o.out, o.count)] };
}
