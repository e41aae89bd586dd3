import { assertNear, assertSameBits, builds, instructionOf, randomFloats, runKernel } from "./harness.ts";

const cases = [[1, 1, 1], [5, 1, 3], [1, 600, 1], [3, 17, 1], [2, 9, 4], [4, 5, 7], [1, 3, 130]] as const;

/** Calls `visit` with the flat positions of each column of [outer, length, inner]. */
function columns(
  outer: number,
  length: number,
  inner: number,
  visit: (column: number, places: number[]) => void,
): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      visit(o * inner + i, Array.from({ length }, (_, k) => (o * length + k) * inner + i));
    }
  }
}

for (const [outer, length, inner] of cases) {
  const count = outer * length * inner;
  // few different values, so that maxima repeat
  const x = randomFloats(count, 31).map((value) => Math.round(value * 2));
  for (const build of builds) {
    Deno.test(`argmax finds the first of equals in ${outer} × ${length} × ${inner} (${build})`, () => {
      const expected = new Float32Array(outer * inner);
      columns(outer, length, inner, (column, places) => {
        const values = places.map((place) => x[place]);
        expected[column] = values.indexOf(Math.max(...values));
      });
      const { outputs } = runKernel(
        build,
        [x],
        [outer * inner],
        (at) => instructionOf("argmax", { source: at.inputs[0], out: at.outputs[0], outer, length, inner }),
      );
      assertSameBits(outputs[0], expected, "argmax");
    });

    Deno.test(`cumulativeSum adds up from either end in ${outer} × ${length} × ${inner} (${build})`, () => {
      for (const reverse of [0, 1]) {
        const expected = new Array<number>(count);
        columns(outer, length, inner, (_, places) => {
          let sum = 0;
          for (const place of reverse ? places.toReversed() : places) expected[place] = sum += x[place];
        });
        const { outputs } = runKernel(
          build,
          [x],
          [count],
          (at) =>
            instructionOf("cumulativeSum", { source: at.inputs[0], out: at.outputs[0], outer, length, inner, reverse }),
        );
        assertNear(outputs[0], expected, "cumulativeSum");
      }
    });
  }
}

Deno.test("argmax takes the first NaN for the largest", () => {
  const x = Float32Array.from([1, NaN, 5, NaN, 2, 1]);
  for (const build of builds) {
    const { outputs } = runKernel(
      build,
      [x],
      [2],
      (at) => instructionOf("argmax", { source: at.inputs[0], out: at.outputs[0], outer: 2, length: 3, inner: 1 }),
    );
    assertSameBits(outputs[0], Float32Array.of(1, 0), "argmax");
  }
});
