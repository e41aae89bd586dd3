/**
 * Writes the kernels' transforms of fast convolution forms (`assembly/conv/transforms.gen.ts`) from the matrices in
 * `src/plan/fast_forms.ts`: straight code for each matrix, without multiplications by 0 and 1.
 */
import { type FastForm, fastForms, type Matrix, transposed } from "../src/plan/fast_forms.ts";

/** What is transformed, in the order of the kernels' codes: the matrix that stands on both sides, for each form. */
const transforms: readonly { readonly name: string; readonly about: string; matrix(form: FastForm): Matrix }[] = [
  { name: "Input", about: "windows of an image, by Bᵀ", matrix: ({ input }) => input },
  { name: "Filter", about: "taps of a filter, by G", matrix: ({ filter }) => filter },
  { name: "Output", about: "products to outputs, by Aᵀ", matrix: ({ output }) => output },
  { name: "Gradient", about: "gradients of outputs, by A", matrix: ({ output }) => transposed(output) },
  { name: "FilterGradient", about: "products to gradients of taps, by Gᵀ", matrix: ({ filter }) => transposed(filter) },
];

const header = `// Written by scripts/build.ts from src/plan/fast_forms.ts; do not edit.
/**
 * The transforms of fast convolution forms.
 *
 * Computes: to = L · from · Lᵀ for each channel, with the matrix L of the function.
 * Shapes: L is p × q, from q × q, to p × p; 8 · chunks channels.
 * Layout: element (i, j) of from is 8 · chunks adjacent floats at word i·q + j of \`table\` + \`offset\`; element (i, j) of to
 *   is as many at to + (i·p + j)·step. Offsets and steps in bytes.
 * Requires: \`temporary\` has room for 8·p·q floats.
 * Writes: to, temporary.
 * Error: a rounding for each term of L, twice.
 * Chosen because: eight channels at a time pair into vectors of 256 bits; between the two sides the elements stay in
 *   level-1 cache. Tables let windows cross the edges of images without a test in here.
 */
import { load4, loadWord, multiplyAdd, store4 } from "../simd";
`;

/** The sum of one row of L: ±1 without a multiplication, which is also where the sum begins. */
function rowOf(coefficients: readonly number[], variable: string): string {
  const terms = coefficients.map((value, i) => ({ value, name: `${variable}${i}` })).filter(({ value }) => value !== 0);
  terms.sort((a, b) => Number(b.value === 1) - Number(a.value === 1));
  return terms.reduce((sum, { value, name }) => {
    if (sum === "") return value === 1 ? name : `f32x4.mul(${name}, f32x4.splat(${value}))`;
    if (value === 1) return `f32x4.add(${sum}, ${name})`;
    if (value === -1) return `f32x4.sub(${sum}, ${name})`;
    return `multiplyAdd(${name}, f32x4.splat(${value}), ${sum})`;
  }, "");
}

/** Lines that compute `low` and `high` halves of L · x into \`y\` and \`w\`, and store each pair by \`store\`. */
function apply(matrix: Matrix, store: (i: number) => readonly string[]): string[] {
  return matrix.flatMap((row, i) => [
    `const y${i} = ${rowOf(row, "x")}, w${i} = ${rowOf(row, "z")};`,
    ...store(i),
  ]);
}

function functionOf(name: string, about: string, matrix: Matrix): string {
  const [p, q] = [matrix.length, matrix[0].length];
  const each = (line: (j: number) => string) => Array.from({ length: q }, (_, j) => line(j));
  const columns = [
    ...each((i) => `const p${i} = <usize>loadWord(table + column, ${4 * q * i}) + offset;`),
    ...each((i) => `const x${i} = load4(p${i}), z${i} = load4(p${i}, 16);`),
    ...apply(matrix, (i) => [
      `store4(side, y${i}, ${32 * q * i});`,
      `store4(side, w${i}, ${32 * q * i + 16});`,
    ]),
  ];
  const rows = [
    ...each((j) => `const x${j} = load4(side, ${32 * j}), z${j} = load4(side, ${32 * j + 16});`),
    ...apply(matrix, (j) => [`store4(out, y${j});`, `store4(out, w${j}, 16);`, ...j < p - 1 ? ["out += step;"] : []]),
  ];
  const indented = (lines: readonly string[]) => lines.map((line) => `      ${line}`).join("\n");
  return `
/** ${about}; L = ${JSON.stringify(matrix)}. */
function ${name}(table: usize, offset: usize, chunks: i32, temporary: usize, to: usize, step: usize): void {
  for (; chunks > 0; chunks--) {
    let side = temporary;
    for (let column: usize = 0; column < ${4 * q}; column += 4) {
${indented(columns)}
      side += 32;
    }
    side = temporary;
    let out = to;
    for (let row = 0; row < ${p}; row++) {
${indented(rows)}
      out += step;
      side += ${32 * q};
    }
    offset += 32;
    to += 32;
  }
}
`;
}

/** The text of `assembly/conv/transforms.gen.ts`. */
export function transformsSource(): string {
  const functions = fastForms.flatMap((form) =>
    transforms.map(({ name, about, matrix }) => {
      const of = `${name[0].toLowerCase()}${name.slice(1)}F${form.outputs}x${form.taps}`;
      return { of, text: functionOf(of, `${about}, F(${form.outputs}, ${form.taps})`, matrix(form)) };
    })
  );
  const sizes = (["outputs", "taps", "size"] as const).map((key) => `
// @ts-ignore: decorator
@inline export function ${key}Of(form: u32): i32 {
  return ${fastForms.slice(0, -1).map((form) => `form == ${form.code} ? ${form[key]} : `).join("")}${
    fastForms.at(-1)![key]
  };
}
`);
  const codes = transforms.map(({ name }, i) => {
    const constant = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    return `// @ts-ignore: decorator\n@inline export const ${constant}: u32 = ${i};\n`;
  });
  return [
    header,
    ...codes,
    ...sizes,
    ...functions.map(({ text }) => text),
    `
/** Runs the transform \`which\` (INPUT …) of a form. */
export function transform(
  form: u32,
  which: u32,
  table: usize,
  offset: usize,
  chunks: i32,
  temporary: usize,
  to: usize,
  step: usize,
): void {
  switch (form * ${transforms.length} + which) {
${functions.map(({ of }, i) => `    case ${i}: ${of}(table, offset, chunks, temporary, to, step); break;`).join("\n")}
    default:
  }
}
`,
  ].join("");
}
