/** `pack` and `contract` on matrices, against plain loops in float64. */
import assert from "node:assert/strict";
import { type ContractBlocks, contractBlocks } from "../../src/plan/blocks.ts";
import type { Operands } from "../../src/plan/instructions.ts";
import { normals, type Random, randomOf } from "../support/random.ts";
import {
  type Bench,
  benches,
  check,
  contractInstruction,
  noPatches,
  packedSize,
  packInstruction,
  plainOutput,
  type Setup,
  withScratch,
} from "./contract_harness.ts";

const activations: readonly ((x: number, slope: number) => number)[] = [
  (x) => x,
  (x) => Math.max(x, 0),
  (x, slope) => x < 0 ? slope * x : x,
  (x) => Math.tanh(x),
];

type Layout = "rows" | "columns" | "scattered";

/** Strides of a matrix whose rows (or columns) are adjacent, or neither. */
function stridesOf(layout: Layout, rows: number, columns: number): { row: number; column: number; size: number } {
  if (layout === "rows") return { row: columns + 1, column: 1, size: rows * (columns + 1) };
  if (layout === "columns") return { row: 1, column: rows + 2, size: columns * (rows + 2) };
  return { row: 2 * columns + 3, column: 2, size: rows * (2 * columns + 3) };
}

interface MatrixCase {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch?: number;
  readonly a?: Layout;
  readonly b?: Layout;
  readonly bias?: boolean;
  readonly activation?: number;
  readonly blocks?: Partial<ContractBlocks>;
}

/** Small blocks, so that small sizes cross their boundaries. */
const smallBlocks = { rowBlock: 12, columnBlock: 32, depthBlock: 8 } as const;

function setUpMatrix(
  { m, n, k, batch = 1, a: aLayout = "rows", b: bLayout = "rows", bias = false, activation = 0, blocks }: MatrixCase,
): (bench: Bench, random: Random) => Setup {
  return (bench, random) => {
    const chosen = { ...contractBlocks(m, n, k), ...smallBlocks, ...blocks };
    const aStrides = stridesOf(aLayout, m, k), bStrides = stridesOf(bLayout, k, n);
    const a = normals(random, batch * aStrides.size).map((x) => x / Math.sqrt(k));
    const b = normals(random, batch * bStrides.size);
    const biases = normals(random, batch * n);
    const slope = Math.fround(0.2);
    // Rows of C stand apart, so that what lies between them is watched too.
    const ldc = n + 3;
    const packed: Operands<"pack"> = {
      batch,
      n,
      tapsY: 1,
      tapsX: 1,
      channels: k,
      strideTapY: 0,
      strideTapX: 0,
      strideChannel: bStrides.row,
      strideColumn: bStrides.column,
      source: bench.place(b),
      sourceBatchStride: bStrides.size,
      out: 0,
      outBatchStride: 0,
      depthBlock: chosen.depthBlock,
      tileColumns: chosen.tileColumns,
    };
    packed.outBatchStride = packedSize(packed);
    packed.out = bench.reserve(batch * packed.outBatchStride, 8);
    const out = bench.reserve(batch * m * ldc, 12);
    const offsets: number[] = [];
    const expected: number[] = [];
    for (let i = 0; i < batch * m * n; i++) {
      const g = Math.floor(i / (m * n)), r = Math.floor(i / n) % m, c = i % n;
      let sum = bias ? biases[g * n + c] : 0;
      for (let d = 0; d < k; d++) {
        sum += a[g * aStrides.size + r * aStrides.row + d * aStrides.column] *
          b[g * bStrides.size + d * bStrides.row + c * bStrides.column];
      }
      offsets.push((g * m + r) * ldc + c);
      expected.push(activations[activation](sum, slope));
    }
    const contract = {
      ...{ m, n, k, batch, aKind: 0, a: bench.place(a), aBatchStride: aStrides.size },
      ...{ aRowStride: aStrides.row, aColumnStride: aStrides.column },
      ...{ bKind: 0, b: packed.out, bBatchStride: packed.outBatchStride, ...noPatches, out, ...plainOutput(m, n) },
      ...{ cBatchStride: m * ldc, cStrideX: ldc, bias: bias ? bench.place(biases) : 0, activation, slope, ...chosen },
    };
    return { packs: [packed], contracts: [contract], out, offsets, expected: Float64Array.from(expected), depth: k };
  };
}

function checkMatrix(matrix: MatrixCase): void {
  check(`contract ${JSON.stringify(matrix)}`, setUpMatrix(matrix));
}

Deno.test("matrix products are right at, below and above every block boundary", () => {
  for (const m of [1, 5, 6, 7, 12, 13]) {
    for (const n of [1, 7, 8, 9, 16, 17, 37]) {
      for (const k of [1, 3, 8, 9, 17]) checkMatrix({ m, n, k });
    }
  }
});

Deno.test("both tiles and both splits are right and agree to the bit", () => {
  for (const tileColumns of [8, 16]) {
    for (const splitColumns of [0, 1]) {
      for (const [m, n, k] of [[13, 37, 19], [6, 16, 8], [29, 3, 11]]) {
        checkMatrix({ m, n, k, bias: true, blocks: { tileColumns, splitColumns } });
      }
    }
  }
  const results = [8, 16].map((tileColumns) => {
    const bench = benches.relaxed;
    bench.clear();
    const { packs: [pack], contracts: [contract], out } = setUpMatrix({ m: 13, n: 37, k: 19, blocks: { tileColumns } })(
      bench,
      randomOf("tiles"),
    );
    bench.run("pack", bench.write(packInstruction(pack)));
    bench.run("contract", bench.write(contractInstruction(withScratch(bench, contract, 1))));
    return bench.read(out, 37);
  });
  assert.deepEqual(results[0], results[1]);
});

Deno.test("a packed matrix is depth blocks of column panels, filled up with zeros", () => {
  const bench = benches.checked;
  const [n, k, depthBlock] = [83, 11, 4];
  for (const tileColumns of [8, 16]) {
    for (const [strideChannel, strideColumn] of [[1, k], [n, 1]]) {
      bench.clear();
      const source = Float32Array.from({ length: n * k }, (_, i) => 1 + i);
      const size = Math.ceil(n / tileColumns) * tileColumns * k;
      const operands = {
        ...{ batch: 1, n, tapsY: 1, tapsX: 1, channels: k, strideTapY: 0, strideTapX: 0, strideChannel, strideColumn },
        ...{ source: bench.place(source), sourceBatchStride: 0, out: bench.reserve(size), outBatchStride: size },
        ...{ depthBlock, tileColumns },
      };
      bench.run("pack", bench.write(packInstruction(operands)), 2);
      const expected: number[] = [];
      for (let block = 0; block < k; block += depthBlock) {
        for (let panel = 0; panel < n; panel += tileColumns) {
          for (let row = block; row < Math.min(k, block + depthBlock); row++) {
            for (let column = panel; column < panel + tileColumns; column++) {
              expected.push(column < n ? source[row * strideChannel + column * strideColumn] : 0);
            }
          }
        }
      }
      assert.deepEqual(Array.from(bench.read(operands.out, size)), expected);
    }
  }
});

Deno.test("operands may lie in memory by rows, by columns or scattered", () => {
  for (const a of ["rows", "columns", "scattered"] as const) {
    for (const b of ["rows", "columns", "scattered"] as const) checkMatrix({ m: 23, n: 21, k: 41, a, b });
  }
  checkMatrix({ m: 14, n: 9, k: 75, a: "columns", blocks: { depthBlock: 72 } });
});

Deno.test("bias enters once and the activation is applied once, after the last depth block", () => {
  for (const bias of [false, true]) {
    for (const activation of [0, 1, 2, 3]) {
      for (const k of [5, 24]) checkMatrix({ m: 7, n: 21, k, bias, activation });
    }
  }
});

Deno.test("batches are shared out as one range of panels", () => {
  checkMatrix({ m: 3, n: 5, k: 7, batch: 5, bias: true });
  checkMatrix({ m: 25, n: 40, k: 9, batch: 2, bias: true, blocks: { splitColumns: 1 } });
});

Deno.test("each element is computed by one thread, and shares differ by at most one panel", () => {
  const bench = benches.plain;
  for (const [splitColumns, m, n, batch] of [[0, 44, 20, 1], [1, 13, 77, 1], [0, 10, 5, 5], [1, 4, 40, 3]]) {
    bench.clear();
    const setUp = setUpMatrix({ m, n, k: 20, batch, blocks: { splitColumns, tileColumns: 8 } });
    const { packs: [pack], contracts: [contract], out, offsets } = setUp(bench, randomOf("shares"));
    bench.run("pack", bench.write(packInstruction(pack)));
    const threads = 3;
    const instruction = bench.write(contractInstruction(withScratch(bench, contract, threads)));
    const shares = Array.from({ length: threads }, (_, thread) => {
      for (const offset of offsets) bench.floats[out / 4 + offset] = NaN;
      bench.runShare("contract", instruction, thread, threads);
      return offsets.filter((offset) => !Number.isNaN(bench.floats[out / 4 + offset]));
    });
    assert.deepEqual(shares.flat().toSorted((a, b) => a - b), offsets);
    const panel = splitColumns ? 8 * m : 6 * n;
    const sizes = shares.map((share) => share.length);
    // The last panel of a matrix may be a narrow one, in every matrix of a share.
    const narrow = batch * (splitColumns ? (8 - n % 8) % 8 * m : (6 - m % 6) % 6 * n);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= panel + narrow, `shares of ${sizes.join(", ")} elements`);
  }
});

Deno.test("the blocks that the planner chooses are right for sizes that cross them", () => {
  const sizes = [[50, 20, 530], [5, 300, 257], [200, 7, 12]];
  for (const [m, n, k] of sizes) checkMatrix({ m, n, k, blocks: contractBlocks(m, n, k) });
});
