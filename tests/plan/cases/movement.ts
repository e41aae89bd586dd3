/** Random fills, copies, look-ups and scans. */
import fc from "fast-check";
import {
  caseOf,
  dims,
  extents,
  lay,
  lengths,
  sourceLayout,
  sourceStrides,
  targetLayout,
  targetStrides,
  upTo,
} from "./case.ts";

export const move = caseOf("move", fc.record({ extents, from: sourceLayout, to: targetLayout }), (sizes, memory) => {
  const source = lay(sizes.extents, sizes.from);
  const target = lay(sizes.extents, sizes.to);
  return {
    ...dims(sizes.extents),
    source: memory.input(source.size) + 4 * source.origin,
    ...sourceStrides(source.strides),
    target: memory.output(target.size) + 4 * target.origin,
    ...targetStrides(target.strides),
  };
});

const rowsOf = fc.record({ rows: upTo(12), width: fc.oneof(upTo(9), upTo(40)), count: upTo(30) });

const scans = fc.record({
  outer: upTo(6),
  length: fc.oneof(upTo(9), upTo(70)),
  inner: fc.oneof(fc.constant(1), upTo(9), upTo(40)),
});

export const fill = caseOf("fill", fc.record({ count: lengths, value: fc.float() }), (o, { output }) => ({
  ...o,
  out: output(o.count),
}));

export const gather = caseOf("gather", rowsOf, (o, { input, indices, output }) => ({
  ...o,
  table: input(o.rows * o.width),
  indices: indices(o.count, o.rows),
  out: output(o.count * o.width),
}));

export const scatterAdd = caseOf("scatterAdd", rowsOf, (o, { input, indices, output }) => ({
  ...o,
  indices: indices(o.count, o.rows),
  updates: input(o.count * o.width),
  out: output(o.rows * o.width),
}));

export const oneHot = caseOf("oneHot", fc.record({ count: upTo(30), depth: upTo(30) }), (o, { indices, output }) => ({
  ...o,
  indices: indices(o.count, o.depth),
  out: output(o.count * o.depth),
}));

export const argmax = caseOf("argmax", scans, (o, { input, output }) => ({
  ...o,
  source: input(o.outer * o.length * o.inner),
  out: output(o.outer * o.inner),
}));

export const cumulativeSum = caseOf("cumulativeSum", fc.tuple(scans, fc.nat(1)), ([o, reverse], { input, output }) => ({
  ...o,
  reverse,
  source: input(o.outer * o.length * o.inner),
  out: output(o.outer * o.length * o.inner),
}));

export const random = caseOf(
  "random",
  fc.record({ count: lengths, stream: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), kind: fc.nat(1) }),
  (o, { output }) => ({ ...o, out: output(o.count) }),
);
