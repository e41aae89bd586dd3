/** Random programs: graphs of all kinds of primitives with slots that are read, assigned, swapped and returned. */
import fc from "fast-check";
import { sizeOf } from "../../src/core/shape.ts";
import * as ops from "../../src/graph/ops.ts";
import { grad } from "../../src/graph/grad.ts";
import { type Initializer, Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { assign, initialValue, input, type Program, read, slot, trace } from "../../src/graph/trace.ts";

/** One choice of the generator: what to do, and on which of the tensors made so far. */
export interface Choice {
  readonly action: number;
  readonly a: number;
  readonly b: number;
}

export const choices: fc.Arbitrary<Choice[]> = fc.array(
  fc.record({ action: fc.nat(999), a: fc.nat(999), b: fc.nat(999) }),
  { minLength: 4, maxLength: 24 },
);

type Action = (x: Tensor, y: Tensor, b: number) => Tensor | undefined;

function broadcasts(x: Tensor, y: Tensor): boolean {
  const rank = Math.max(x.rank, y.rank);
  return Array.from({ length: rank }, (_, i) => [x.shape.at(-1 - i) ?? 1, y.shape.at(-1 - i) ?? 1])
    .every(([a, b]) => a === b || a === 1 || b === 1);
}

const binary = (op: (a: Tensor, b: Tensor) => Tensor): Action => (x, y) => broadcasts(x, y) ? op(x, y) : undefined;

/** Keeps every value small, so that errors stay comparable. */
const actions: readonly Action[] = [
  (x) => ops.tanh(x),
  (x) => ops.sigmoid(x),
  (x) => ops.relu(x),
  (x) => ops.leakyRelu(x),
  (x) => ops.softplus(x),
  (x) => ops.mul(x, 0.5),
  (x) => ops.neg(x),
  binary(ops.add),
  binary(ops.sub),
  binary((a, b) => ops.mul(ops.tanh(a), b)),
  binary(ops.max),
  binary((a, b) => ops.select(ops.less(a, b), a, b)),
  (x, _, b) => x.rank === 0 ? undefined : ops.mean(x, [b % x.rank], { keep: b % 2 === 0 }),
  (x, _, b) => x.rank < 2 ? undefined : ops.mean(x, [0, 1 + b % (x.rank - 1)], { keep: b % 2 === 0 }),
  (x) => ops.mean(ops.square(x)),
  (x, _, b) => x.rank === 0 ? undefined : ops.maxOver(x, [b % x.rank], { keep: true }),
  (x, _, b) => x.rank < 2 ? undefined : ops.transpose(x, x.shape.map((_, i) => (i + 1 + b) % x.rank)),
  (x) => ops.reshape(x, [sizeOf(x.shape)]),
  (x) => x.rank === 0 ? undefined : ops.slice(x, x.shape.map(() => 0), x.shape.map((n) => Math.ceil(n / 2))),
  (x, _, b) => x.rank === 0 || sizeOf(x.shape) > 4000 ? undefined : ops.concat([x, ops.neg(x)], b % x.rank),
  (x) => x.rank === 0 ? undefined : ops.flip(x, [0]),
  (x) =>
    x.rank === 0 || sizeOf(x.shape) > 4000 ? undefined : ops.pad(x, x.shape.map(() => 1), x.shape.map((_, i) => i % 2)),
  (x, y) => x.rank === 2 && y.rank === 2 && x.shape[1] === y.shape[0] ? ops.mul(ops.matmul(x, y), 0.2) : undefined,
  (x, y) =>
    x.rank === 2 && y.rank === 2 && x.shape[1] === y.shape[1] ? ops.matmul(x, y, { transposeB: true }) : undefined,
  (x, y) => x.rank === 4 && y.rank === 4 && x.shape[3] === y.shape[3] ? convolution(x, y) : undefined,
  (x) => x.rank === 4 && x.shape[1] > 1 && x.shape[2] > 1 ? ops.averagePool(x, { kernel: 2 }) : undefined,
  (x) => ops.detach(x),
];

/** x convolved with a part of y that serves as a filter. */
function convolution(x: Tensor, y: Tensor): Tensor | undefined {
  const kernel = Math.min(3, y.shape[1], y.shape[2], x.shape[1], x.shape[2]);
  const w = ops.slice(y, [0, 0, 0, 0], [y.shape[0], kernel, kernel, y.shape[3]]);
  const y1 = ops.conv2d(x, w, { stride: 1 + kernel % 2, padding: kernel - 1 });
  return sizeOf(y1.shape) > 20000 ? undefined : ops.leakyRelu(ops.mul(y1, 0.2));
}

const quarters: Initializer = (values) => void values.fill(0.25);

/** The program that a list of choices stands for: inputs `m`, `n`, `v`, `image`; outputs `last`, `old`, `gradient`. */
export function randomProgram(name: string, list: readonly Choice[]): Program {
  const store = new Store(0);
  return trace(store, name, () => {
    const shapes = [[5, 7], [7, 6], [6], [2, 5, 4, 3]] as const;
    const inputs = inputNames.map((key, i) => input(key, shapes[i]));
    const slots = [slot("p", [5, 7], "parameter", quarters), slot("q", [5, 7], "parameter", quarters)];
    const made: Tensor[] = [...inputs, ...slots.map(read), ops.constant(0.3)];
    for (const { action, a, b } of list) {
      const result = actions[action % actions.length](made[a % made.length], made[b % made.length], b);
      if (result) made.push(result);
      if (action % 5 === 0) {
        const fitting = made.filter((tensor) => tensor.rank === 2 && tensor.shape[0] === 5 && tensor.shape[1] === 7);
        assign(slots[b % 2], fitting[a % fitting.length]);
      }
    }
    const last = made.at(-1)!;
    const [gradient] = grad(ops.mean(ops.square(last)), [inputs[0]]);
    return { last, old: initialValue(slots[0]), gradient, middle: made[Math.floor(made.length / 2)] };
  });
}

const inputNames = ["m", "n", "v", "image"];
