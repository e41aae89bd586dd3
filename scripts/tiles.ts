/**
 * Writes the register tiles (`assembly/gemm/tiles.gen.ts`): the loops in which nearly all multiplications happen, as
 * straight code. A tile is written here once; its copies differ in how they walk through A and in their width.
 */
import { PANEL_COLUMNS, TILE_ROWS } from "../src/plan/tiles.ts";

/**
 * Steps of k in one turn of the loop. A loop's own work (pointers, counter, V8's check for interrupts) takes ten
 * operations beside the twenty of a step. That fits into the six cycles of a step's twelve multiply-adds, but not where a
 * neighbour on the same core takes half of the decoder: there eight steps a turn are 1.5 times as fast as one. (The
 * pointers of `stridedTile` move at each step all the same: their distances are not known here.)
 */
const STEPS = 8;

const HALF_COLUMNS = PANEL_COLUMNS / 2;

const header = `// Written by scripts/build.ts from scripts/tiles.ts; do not edit.
/**
 * The register tiles: everything else in this folder exists to feed them.
 *
 * Computes: C[r, c] = Σ over k of a[k, r] · b[k, c], from zero, in the order of k; \`tileOfPanel\` with \`accumulate\`:
 *   C += that sum; \`stridedTile\`: C = init + that sum, from init on.
 * Shapes: ${TILE_ROWS} rows × ${PANEL_COLUMNS} columns × \`depth\`; \`narrowTileOfPanel\` has ${HALF_COLUMNS} columns.
 * Layout: \`tileOfRows\`: a[k, r] is at a + r·aRowStep + 4·k. \`tileOfPanel\`: a is [k][${TILE_ROWS}]. \`stridedTile\`: k = (i, j), and
 *   a[i, j, 0 … ${TILE_ROWS}) are adjacent, at a + i·aOuterStep + j·aStep; row r of init is at r·initStep (0: one row for all). b is
 *   [k][${PANEL_COLUMNS}] ([k][${HALF_COLUMNS}]) without gaps; row r of C is at c + r·cRowStep. Steps in bytes.
 * Requires: depth, outer, inner ≥ 1; \`init\` may be C.
 * Writes: C, whole. Only \`accumulate\` and \`init\` read it.
 * Error: depth · 2⁻²⁴ · Σ|a·b| away from the exact sum, and one rounding more where C is added; one rounding a step with
 *   relaxed SIMD where the processor fuses, two without. A tile's width does not change the bits of a column.
 * Chosen because: with V8's revectoriser and without bounds checks, ${TILE_ROWS}×${PANEL_COLUMNS} becomes 12 accumulators of 256 bits + 2 for b
 *   + 1 for a, which fills the sixteen registers (V8 keeps one); 6×24 spills. Accumulators are local variables named
 *   by position (row_column), b is read as neighbours, a is splat from memory and C is stored in neighbouring pairs
 *   with constant distances from one base: what the revectoriser needs to pair them. A turn of the loop takes ${STEPS} steps,
 *   see \`scripts/tiles.ts\`; the way out after each of them keeps Binaryen from mixing the steps, which would spill. A
 *   has a pointer for each row: V8 folds no distance into a splat, but rows that are as far ahead share the operation.
 *   Without the revectoriser sixteen registers of 128 bits hold ${TILE_ROWS}×${HALF_COLUMNS}: there each tile is two halves, more than
 *   twice as fast as one that spills.
 */
import { CONTROL_PAIRED } from "../abi.gen";
import { load4, loadSplat, multiplyAdd, store4, word } from "../simd";

/** Whether V8 pairs 128-bit operations: the host knows the flags and says so. */
// @ts-ignore: decorator
@inline function paired(): bool {
  return word(CONTROL_PAIRED, 0) != 0;
}
`;

const rows = Array.from({ length: TILE_ROWS }, (_, r) => r);
const quadsOf = (columns: number) => Array.from({ length: columns / 4 }, (_, i) => 4 * i);

/** Zeros, or rows of \`init\`, as the sums' start. */
function begin(columns: number, init: boolean): string[] {
  return rows.flatMap((r) => [
    `let ${
      quadsOf(columns).map((c) => `sum${r}_${c} = ${init ? `load4(init, ${4 * c})` : "f32x4.splat(0)"}`).join(", ")
    };`,
    ...init && r < TILE_ROWS - 1 ? ["init += initStep;"] : [],
  ]);
}

interface Walk {
  readonly columns: number;
  /** Bytes from one step of b to the next. */
  readonly bStep: number;
  /** Bytes from one step of a to the next, if that is known. */
  readonly aStep?: number;
}

/** One step of k, the one with number \`step\` of a turn. */
function multiply(step: number, { columns, bStep, aStep }: Walk): string[] {
  const quads = quadsOf(columns);
  const aOffset = aStep === undefined ? 0 : step * aStep;
  return [
    `const ${quads.map((c) => `b${step}_${c} = load4(b, ${step * bStep + 4 * c})`).join(", ")};`,
    `const ${rows.map((r) => `x${step}_${r} = loadSplat(a${r}, ${aOffset})`).join(", ")};`,
    ...rows.flatMap((r) => quads.map((c) => `sum${r}_${c} = multiplyAdd(x${step}_${r}, b${step}_${c}, sum${r}_${c});`)),
    ...aStep === undefined ? rows.map((r) => `a${r} += aStep;`) : [],
  ];
}

/** All steps, \`count\` of them. */
function loop(count: string, walk: Walk): string[] {
  const steps = Array.from({ length: STEPS }, (_, i) => i);
  return [
    "while (true) {",
    ...steps.flatMap((step) => [...multiply(step, walk), `if (${count} == ${step + 1}) break;`]).map(indent),
    ...walk.aStep === undefined ? [] : rows.map((r) => indent(`a${r} += ${STEPS * walk.aStep!};`)),
    indent(`b += ${STEPS * walk.bStep};`),
    indent(`${count} -= ${STEPS};`),
    "}",
  ];
}

/** Stores the sums, with \`accumulate\` added to what C holds. */
function end(columns: number, accumulate: boolean): string[] {
  return rows.flatMap((r) => [
    ...accumulate ? [`const ${quadsOf(columns).map((c) => `old${r}_${c} = load4(c, ${4 * c})`).join(", ")};`] : [],
    ...quadsOf(columns).map((c) =>
      `store4(c, ${accumulate ? `f32x4.add(sum${r}_${c}, old${r}_${c})` : `sum${r}_${c}`}, ${4 * c});`
    ),
    ...r < TILE_ROWS - 1 ? ["c += cRowStep;"] : [],
  ]);
}

function indent(line: string): string {
  return `  ${line}`;
}

/** The pointers into A. */
function pointers(step: (r: number) => string): string {
  return `let ${rows.map((r) => `a${r} = ${r === 0 ? "a" : step(r)}`).join(", ")};`;
}

const apart = (r: number) => `a${r - 1} + aRowStep`;
const adjacent = (r: number) => `a + ${4 * r}`;

function functionOf(name: string, parameters: readonly string[], body: readonly string[], exported = true): string {
  const list = parameters.map((parameter) => `${parameter},\n`).map(indent).join("");
  return `\n${exported ? "export " : ""}function ${name}(\n${list}): void {\n${body.map(indent).join("\n")}\n}\n`;
}

/** A tile as wide as a panel, and what stands for it without the revectoriser: two halves. */
function pairOf(name: string, parameters: readonly string[], bodyOf: (columns: number) => readonly string[]): string {
  const half = `half${name[0].toUpperCase()}${name.slice(1)}`;
  const names = parameters.map((parameter) => parameter.split(":")[0]);
  const right = names.map((argument) =>
    ["b", "c", "init"].includes(argument) ? `${argument} + ${4 * HALF_COLUMNS}` : argument
  );
  const halves = [names, right].map((list) => indent(`${half}(${list.join(", ")});`));
  return functionOf(name, parameters, ["if (!paired()) {", ...halves, "  return;", "}", ...bodyOf(PANEL_COLUMNS)]) +
    functionOf(half, parameters, bodyOf(HALF_COLUMNS), false);
}

/** The text of `assembly/gemm/tiles.gen.ts`. */
export function tilesSource(): string {
  const bStep = 4 * PANEL_COLUMNS, panelStep = 4 * TILE_ROWS;
  const result = ["c: usize", "cRowStep: usize"];
  const accumulated = (columns: number) => [
    "if (accumulate) {",
    ...end(columns, true).map(indent),
    "  return;",
    "}",
    ...end(columns, false),
  ];
  const ofPanel = (walk: Walk) => [
    pointers(adjacent),
    ...begin(walk.columns, false),
    ...loop("depth", { ...walk, aStep: panelStep }),
    ...accumulated(walk.columns),
  ];
  const panel = ["depth: i32", "a: usize", "b: usize", ...result, "accumulate: bool"];
  return [
    header,
    pairOf("tileOfRows", ["depth: i32", "a: usize", "aRowStep: usize", "b: usize", ...result], (columns) => [
      pointers(apart),
      ...begin(columns, false),
      ...loop("depth", { columns, bStep, aStep: 4 }),
      ...end(columns, false),
    ]),
    pairOf("tileOfPanel", panel, (columns) => ofPanel({ columns, bStep })),
    functionOf("narrowTileOfPanel", panel, ofPanel({ columns: HALF_COLUMNS, bStep: 4 * HALF_COLUMNS })),
    pairOf("stridedTile", [
      ...["outer: i32", "inner: i32", "a: usize", "aStep: usize", "aOuterStep: usize", "b: usize"],
      ...["init: usize", "initStep: usize", ...result],
    ], (columns) => [
      ...begin(columns, true),
      "for (; outer > 0; outer--) {",
      ...[
        "let left = inner;",
        `const next = b + <usize>inner * ${bStep};`,
        pointers(adjacent),
        ...loop("left", { columns, bStep }),
        "a += aOuterStep;",
        "b = next;",
      ].map(indent),
      "}",
      ...end(columns, false),
    ]),
  ].join("");
}
