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

export function fill(o: Operands<"fill">): Footprint {
  requirePositive(o, ["count"]);
  return { reads: [], writes: [writeDense("out", o.out, o.count)] };
}

export function move(o: Operands<"move">): Footprint {
  const extents = dimsOf(o);
  count("d0·…·d5", ...extents);
  return {
    reads: [readBox("source", o.source, axesOf(extents, stridesOf(o)))],
    writes: [writeBox("target", o.target, axesOf(extents, [o.t0, o.t1, o.t2, o.t3, o.t4, o.t5]))],
  };
}

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

export function oneHot(o: Operands<"oneHot">): Footprint {
  requirePositive(o, ["count", "depth"]);
  return {
    reads: [readDense("indices", o.indices, o.count)],
    writes: [writeDense("out", o.out, count("count·depth", o.count, o.depth))],
  };
}

export function argmax(o: Operands<"argmax">): Footprint {
  requirePositive(o, ["outer", "length", "inner"]);
  return {
    reads: [readDense("source", o.source, count("outer·length·inner", o.outer, o.length, o.inner))],
    writes: [writeDense("out", o.out, count("outer·inner", o.outer, o.inner))],
  };
}

export function cumulativeSum(o: Operands<"cumulativeSum">): Footprint {
  requirePositive(o, ["outer", "length", "inner"]);
  requireBetween(o, ["reverse"], 0, 1);
  const elements = count("outer·length·inner", o.outer, o.length, o.inner);
  return { reads: [readDense("source", o.source, elements)], writes: [writeDense("out", o.out, elements)] };
}

export function random(o: Operands<"random">): Footprint {
  requirePositive(o, ["count"]);
  requireBetween(o, ["kind"], 0, 1);
  return { reads: [], writes: [writeDense("out", o.out, o.count)] };
}
