/**
 * Inner products of all pairs of points by the kernel in `assembly/products.ts`: block by block in double precision, so
 * that memory stays small, and in one fixed order, so that results are the same bit for bit wherever they are computed.
 */
import { UsageError } from "../core/errors.ts";
import type { Points } from "./points.ts";
import { products } from "./products.gen.ts";

interface Exports extends Record<string, unknown> {
  readonly memory: WebAssembly.Memory;
  /** First free byte. */
  start(): number;
  multiply(x: number, rows: number, y: number, columns: number, length: number, block: number, stride: number): void;
}

/** Rows and columns of the register tile; counts are padded to them. */
const TILE = 4;
/** Rows and columns of a block: with 64 values a point, each side and the result fit the second-level cache. */
const BLOCK_ROWS = 64;
const BLOCK_COLUMNS = 256;
const PAGE_BYTES = 65536;

/** Compiled as this file is loaded: in native-speed mode nothing can be compiled once the engine has started. */
const module = new WebAssembly.Module(Uint8Array.fromBase64(products));
let instance: Exports | undefined;

/** The kernel, with a memory that has room for so many doubles from `base` on. */
function kernelFor(doubles: number): { exports: Exports; base: number } {
  instance ??= new WebAssembly.Instance(module).exports as Exports;
  const base = Math.ceil(instance.start() / 8);
  const missing = 8 * (base + doubles) - instance.memory.buffer.byteLength;
  if (missing > 0) instance.memory.grow(Math.ceil(missing / PAGE_BYTES));
  return { exports: instance, base };
}

const upToTile = (count: number) => Math.ceil(count / TILE) * TILE;

/** The products of all points of x with all of y. There is one memory: only one table is in use at a time. */
class ProductTable {
  readonly #x: Points;
  readonly #exports: Exports;
  readonly #memory: Float64Array;
  /** Places in the memory, counted in doubles: rows of x, all of y, a block. */
  readonly #rows: number;
  readonly #columns: number;
  readonly #block: number;
  readonly #stride: number;
  #count = 0;

  /** @param rows and `columns`: of a block, multiples of the tile. */
  constructor(x: Points, y: Points, rows: number, columns: number) {
    const { length } = x;
    const ofRows = rows * length;
    const ofColumns = upToTile(y.count) * length;
    const { exports, base } = kernelFor(ofRows + ofColumns + rows * columns);
    this.#x = x;
    this.#exports = exports;
    this.#memory = new Float64Array(exports.memory.buffer);
    this.#rows = base;
    this.#columns = base + ofRows;
    this.#block = base + ofRows + ofColumns;
    this.#stride = columns;
    this.#pack(y);
  }

  /** y in panels of points, value by value; what is behind the last point is zeros. */
  #pack({ count, length, values }: Points): void {
    const memory = this.#memory;
    memory.fill(0, this.#columns, this.#block);
    for (let point = 0; point < count; point++) {
      const panel = this.#columns + (point - point % TILE) * length + point % TILE;
      for (let k = 0, from = point * length; k < length; k++) memory[panel + TILE * k] = values[from + k];
    }
  }

  /** Chooses the rows of the next blocks. */
  chooseRows(first: number, end: number): void {
    const { length, values } = this.#x;
    this.#count = end - first;
    this.#memory.fill(0, this.#rows, this.#rows + upToTile(this.#count) * length);
    this.#memory.set(values.subarray(first * length, end * length), this.#rows);
  }

  /** Computes the products with a block of columns; `first` is a multiple of the tile. */
  compute(first: number, end: number): void {
    const { length } = this.#x;
    this.#exports.multiply(
      8 * this.#rows,
      upToTile(this.#count),
      8 * (this.#columns + first * length),
      upToTile(end - first),
      length,
      8 * this.#block,
      this.#stride,
    );
  }

  /** `count` products of a row of the block. */
  row(row: number, count: number): Float64Array {
    const at = this.#block + row * this.#stride;
    return this.#memory.subarray(at, at + count);
  }
}

/** Tells a visitor `products[j − first]` = xᵢ·yⱼ for one row i and a stretch of columns j. */
export type Visit = (row: number, first: number, products: Float64Array) => void;

/**
 * Inner products of all pairs, [x.count, y.count], in stretches of rows. With `triangle` (x and y the same points)
 * only stretches that hold some j > i are computed.
 * @throws UsageError if the vectors differ in length.
 */
export function forEachProduct(x: Points, y: Points, visit: Visit, { triangle = false } = {}): void {
  if (x.length !== y.length) {
    throw new UsageError(`vectors of ${x.length} and ${y.length} values cannot be compared; expected equal lengths`);
  }
  const table = new ProductTable(x, y, BLOCK_ROWS, BLOCK_COLUMNS);
  for (let row = 0; row < x.count; row += BLOCK_ROWS) {
    const rowEnd = Math.min(row + BLOCK_ROWS, x.count);
    table.chooseRows(row, rowEnd);
    for (let column = 0; column < y.count; column += BLOCK_COLUMNS) {
      const columnEnd = Math.min(column + BLOCK_COLUMNS, y.count);
      if (triangle && columnEnd <= row + 1) continue;
      table.compute(column, columnEnd);
      for (let i = row; i < rowEnd; i++) visit(i, column, table.row(i - row, columnEnd - column));
    }
  }
}
