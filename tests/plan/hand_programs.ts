/** Programs written by hand, for what plans may do: in place, piece by piece, with and without barriers. */
import { expressionOps } from "../../src/plan/expression.ts";
import type { Operands } from "../../src/plan/instructions.ts";
import { type Sample, Sketch } from "./sketch.ts";

const rowMajor = (d4: number, d5: number) => ({ s0: 0, s1: 0, s2: 0, s3: 0, s4: d4 === 1 ? 0 : d5, s5: 1 });
const plane = (d4: number, d5: number) => ({ d0: 1, d1: 1, d2: 1, d3: 1, d4, d5 });
const load = (target: number, a: number) => ({ op: expressionOps.load, target, a, b: 0, c: 0, value: 0 });
const noPatches = {
  images: 0,
  height: 0,
  width: 0,
  pixelStride: 0,
  channels: 0,
  kernelHeight: 0,
  kernelWidth: 0,
  strideY: 0,
  strideX: 0,
  padTop: 0,
  padLeft: 0,
  dilationY: 0,
  dilationX: 0,
  gridHeight: 0,
  gridWidth: 0,
} as const;

/**
 * A step in small: a linear layer on random latents, its sum of squares, a parameter update in place, memory that is
 * used again, two one-thread instructions without a barrier.
 */
export function linearStep(): Sample {
  const sketch = new Sketch("linear step");
  const [batch, latent, width] = [8, 6, 10];
  const weights = sketch.value("w", "state", latent * width);
  const bias = sketch.value("b", "constants", width);
  const rate = sketch.value("rate", "inputs", 1);
  const z = sketch.value("z", "arena", batch * latent);
  const packed = sketch.value("w packed", "arena", latent * 16);
  const hidden = sketch.value("h", "arena", batch * width);
  sketch.emit("random", { out: sketch.at(z), count: batch * latent, stream: -3, kind: 1 }, [], [z], { barrier: false });
  sketch.emit(
    "pack",
    {
      batch: 1,
      n: width,
      tapsY: 1,
      tapsX: 1,
      channels: latent,
      strideTapY: 0,
      strideTapX: 0,
      strideChannel: width,
      strideColumn: 1,
      source: sketch.at(weights),
      sourceBatchStride: 0,
      out: sketch.at(packed),
      outBatchStride: 0,
      depthBlock: 4,
      tileColumns: 8,
    },
    [weights],
    [packed],
  );
  const product: Operands<"contract"> = {
    ...noPatches,
    m: batch,
    n: width,
    k: latent,
    batch: 1,
    aKind: 0,
    a: sketch.at(z),
    aBatchStride: 0,
    aRowStride: latent,
    aColumnStride: 1,
    bKind: 0,
    b: sketch.at(packed),
    bBatchStride: 0,
    out: sketch.at(hidden),
    cBatchStride: 0,
    cGridHeight: 1,
    cGridWidth: 1,
    cStrideImage: width,
    cStrideY: 0,
    cStrideX: 0,
    bias: sketch.at(bias),
    biasBatchStride: 0,
    activation: 2,
    slope: 0.2,
    tileColumns: 8,
    rowBlock: 6,
    columnBlock: 16,
    depthBlock: 4,
    splitColumns: 0,
    ...sketch.scratch,
  };
  sketch.emit("contract", product, [z, packed, bias], [hidden]);
  // h dies where its square is written over it.
  const squares = sketch.overlay("h²", "arena", sketch.at(hidden), batch * width);
  sketch.emit(
    "map",
    {
      ...plane(batch, width),
      inputCount: 1,
      codeCount: 2,
      outputCount: 1,
      registers: 2,
      ...sketch.scratch,
      inputs: [{ pointer: sketch.at(hidden), ...rowMajor(batch, width) }],
      code: [load(0, 0), { op: expressionOps.mul, target: 1, a: 0, b: 0, c: 0, value: 0 }],
      outputs: [{ pointer: sketch.at(squares), register: 1 }],
    },
    [hidden],
    [squares],
  );
  // z is dead: its place is used again.
  const sums = sketch.overlay("Σ h²", "arena", sketch.at(z), width);
  const loss = sketch.value("loss", "arena", 1);
  const sumRows = (d4: number, d5: number, from: number, to: number, first: number, single: boolean) =>
    sketch.emit(
      "reduce",
      {
        ...plane(d4, d5),
        firstReduced: first,
        endReduced: first + 1,
        chunk: 16,
        inputCount: 1,
        codeCount: 1,
        outputCount: 1,
        registers: 1,
        ...sketch.scratch,
        inputs: [{ pointer: sketch.at(from), ...rowMajor(d4, d5) }],
        code: [load(0, 0)],
        outputs: [{ pointer: sketch.at(to), register: 0, kind: 0 }],
      },
      [from],
      [to],
      { single, barrier: !single },
    );
  sumRows(batch, width, squares, sums, 4, true);
  sumRows(1, width, sums, loss, 5, true);
  sketch.emit("fill", { out: sketch.at(packed), count: 2, value: 1 }, [], [packed], { single: true });
  sketch.emit(
    "map",
    {
      ...plane(latent, width),
      inputCount: 3,
      codeCount: 5,
      outputCount: 1,
      registers: 4,
      ...sketch.scratch,
      inputs: [
        { pointer: sketch.at(weights), ...rowMajor(latent, width) },
        { pointer: sketch.at(rate), s0: 0, s1: 0, s2: 0, s3: 0, s4: 0, s5: 0 },
        { pointer: sketch.at(loss), s0: 0, s1: 0, s2: 0, s3: 0, s4: 0, s5: 0 },
      ],
      code: [
        load(0, 0),
        load(1, 1),
        load(2, 2),
        { op: expressionOps.mul, target: 3, a: 1, b: 2, c: 0, value: 0 },
        { op: expressionOps.sub, target: 0, a: 0, b: 3, c: 0, value: 0 },
      ],
      outputs: [{ pointer: sketch.at(weights), register: 0 }],
    },
    [weights, rate, loss],
    [weights],
  );
  sketch.output("loss", loss);
  return sketch.finish();
}

/** Values written piece by piece: a concatenation along the inner axis, the phases of a stride-2 input gradient. */
export function pieces(): Sample {
  const sketch = new Sketch("pieces");
  const [rows, left, right] = [5, 3, 4];
  const a = sketch.value("a", "inputs", rows * left);
  const b = sketch.value("b", "state", rows * right);
  const joined = sketch.value("a and b", "arena", rows * (left + right));
  const copy = (source: number, width: number, column: number) =>
    sketch.emit(
      "move",
      {
        ...plane(rows, width),
        source: sketch.at(source),
        ...rowMajor(rows, width),
        target: sketch.at(joined, column),
        t0: 0,
        t1: 0,
        t2: 0,
        t3: 0,
        t4: left + right,
        t5: 1,
      },
      [source],
      [joined],
    );
  copy(a, left, 0);
  copy(b, right, left);

  // dx [2, 4, 4, 3] from dy [2, 2, 2, 5], one contraction a phase: each output pixel sees one tap of a 2 × 2 kernel.
  const [images, size, channels, depth] = [2, 2, 3, 5];
  const filters = sketch.value("filters", "state", 4 * depth * 8);
  const dy = sketch.value("dy", "inputs", images * size * size * depth);
  const dx = sketch.value("dx", "arena", images * 4 * size * size * channels);
  for (let phase = 0; phase < 4; phase++) {
    const pixel = Math.floor(phase / 2) * 2 * size + phase % 2;
    sketch.emit(
      "contract",
      {
        m: images * size * size,
        n: channels,
        k: depth,
        batch: 1,
        aKind: 1,
        a: sketch.at(dy),
        aBatchStride: 0,
        aRowStride: 0,
        aColumnStride: 0,
        bKind: 0,
        b: sketch.at(filters, phase * depth * 8),
        bBatchStride: 0,
        images,
        height: size,
        width: size,
        pixelStride: depth,
        channels: depth,
        kernelHeight: 1,
        kernelWidth: 1,
        strideY: 1,
        strideX: 1,
        padTop: 0,
        padLeft: 0,
        dilationY: 1,
        dilationX: 1,
        gridHeight: size,
        gridWidth: size,
        out: sketch.at(dx, pixel * channels),
        cBatchStride: 0,
        cGridHeight: size,
        cGridWidth: size,
        cStrideImage: 4 * size * size * channels,
        cStrideY: 4 * size * channels,
        cStrideX: 2 * channels,
        bias: 0,
        biasBatchStride: 0,
        activation: 0,
        slope: 0,
        tileColumns: 8,
        rowBlock: 12,
        columnBlock: 8,
        depthBlock: 64,
        splitColumns: phase % 2,
        ...sketch.scratch,
      },
      [dy, filters],
      [dx],
    );
  }
  const places = sketch.value("places", "arena", rows);
  sketch.emit(
    "argmax",
    { source: sketch.at(joined), out: sketch.at(places), outer: rows, length: left + right, inner: 1 },
    [joined],
    [places],
  );
  sketch.output("places", places);
  sketch.output("dx", dx);
  return sketch.finish();
}
