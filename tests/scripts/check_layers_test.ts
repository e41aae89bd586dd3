import assert from "node:assert/strict";
import {
  allowed,
  areaOf,
  assemblyViolations,
  cycles,
  type Graph,
  layerViolations,
} from "../../scripts/check_layers.ts";
import { importsOf } from "../../scripts/imports.ts";

/** A graph from `{ file: [imported files] }`. */
function graphOf(files: Record<string, string[]>): Graph {
  return new Map(
    Object.entries(files).map((
      [path, targets],
    ) => [path, targets.map((target, index) => ({ target, line: index + 1 }))]),
  );
}

Deno.test("every kind of import is found, and what only looks like one is not", () => {
  const source = `/** import { no } from "./comment.ts"; */
import { a } from "./a.ts";
import type { B } from "./b.ts";
import {
  c,
  type D, // import "./no.ts"
} from "../c.ts";
import * as e from "npm:e";
import "./f.ts";
export * from "./g.ts";
export { h } from './h.ts';
const url = "https://example.com"; // not a comment: the slashes in a string
const lazy = () => import("./i.ts");
type J = import("./j.ts").J;
export const text = "import { no } from './text.ts'";
export function from() {}
const k = await import(url);
const l = import.meta.url;
`;
  assert.deepEqual(importsOf(source).map(({ specifier, line }) => `${line} ${specifier}`), [
    "2 ./a.ts",
    "3 ./b.ts",
    "4 ../c.ts",
    "8 npm:e",
    "9 ./f.ts",
    "10 ./g.ts",
    "11 ./h.ts",
    "13 ./i.ts",
    "14 ./j.ts",
    "17 ?",
  ]);
});

Deno.test("a long file without imports is read at once", () => {
  assert.deepEqual(importsOf("export const x = [\n" + "  1,\n".repeat(20_000) + "];\n"), []);
});

Deno.test("areas are folders of src, and one for each concrete backend", () => {
  assert.equal(areaOf("src/core/shape.ts"), "core");
  assert.equal(areaOf("src/plan/lower/map.ts"), "plan");
  assert.equal(areaOf("src/backend/backend.ts"), "backend");
  assert.equal(areaOf("src/backend/wasm/deep/team.ts"), "backend/wasm");
  assert.equal(areaOf("src/mod.ts"), "mod.ts");
  assert.equal(areaOf("tests/x_test.ts"), undefined);
});

Deno.test("imports against the table are named with file and line", () => {
  const cases: [from: string, to: string, allowed: boolean][] = [
    ["src/graph/grad.ts", "src/core/shape.ts", true],
    ["src/graph/grad.ts", "src/graph/tensor.ts", true],
    ["src/core/shape.ts", "src/graph/tensor.ts", false],
    ["src/graph/grad.ts", "src/backend/backend.ts", false],
    ["src/backend/wasm/engine.ts", "src/plan/compile.ts", true],
    ["src/backend/wasm/engine.ts", "src/backend/reference/engine.ts", false],
    ["src/backend/backend.ts", "src/backend/wasm/engine.ts", false],
    ["src/nn/linear.ts", "src/gan/losses.ts", false],
    ["src/data/idx.ts", "src/graph/tensor.ts", false],
    ["src/cli/train.ts", "src/backend/wasm/engine.ts", true],
    ["src/gan/loop.ts", "src/cli/progress.ts", false],
    ["src/cli/version.ts", "deno.json", true],
    ["src/core/version.ts", "deno.json", false],
    ["src/core/shape.ts", "tests/support/close.ts", false],
    ["src/cli/main.ts", "scripts/build.ts", false],
    ["bench/gemm.ts", "scripts/build.ts", false],
    ["scripts/launch.ts", "scripts/build.ts", true],
    ["tests/scripts/x_test.ts", "scripts/build.ts", true],
    ["src/cli/main.ts", "?", false],
    ["src/novelty/x.ts", "src/core/shape.ts", false],
  ];
  for (const [from, to, fine] of cases) {
    const violations = layerViolations(graphOf({ [from]: [to] }));
    assert.equal(violations.length, fine ? 0 : 1, `${from} -> ${to}: ${violations}`);
    if (!fine) assert.ok(violations[0].startsWith(`${from}:1: `));
  }
});

Deno.test("the table itself has no circle", () => {
  const table = graphOf(Object.fromEntries(Object.entries(allowed).map(([area, seen]) => [area, [...seen]])));
  assert.deepEqual(cycles(table), []);
});

Deno.test("circles of files are found, shared imports are none", () => {
  assert.deepEqual(cycles(graphOf({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] })), []);
  assert.deepEqual(cycles(graphOf({ a: ["b"], b: ["c"], c: ["b"] })), ["circle of imports: b -> c -> b"]);
  assert.deepEqual(cycles(graphOf({ a: ["a"] })), ["circle of imports: a -> a"]);
});

Deno.test("raw accesses and atomics in assembly are found outside of their files", () => {
  const source = `// v128.load(here) in a comment
const a = load4(pointer);
const b = v128.load(pointer, 16);
const c = load<f32>(pointer);
store<u32>(pointer, 1);
i32.store8(pointer, 1);
atomic.add<i32>(pointer, 1);
memory.copy(a, b, 4);
v128.load32_splat(pointer);
preload(pointer);
loadFloat(pointer);
`;
  const lines = (path: string) => assemblyViolations(path, source).map((line) => Number(line.split(":")[1]));
  assert.deepEqual(lines("assembly/map.ts"), [3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(lines("assembly/simd.ts"), [7]);
  assert.deepEqual(lines("assembly/team.ts"), []);
});
