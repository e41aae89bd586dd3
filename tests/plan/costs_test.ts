/** The choice between direct convolutions and fast forms. */
import assert from "node:assert/strict";
import { traceWork } from "../../bench/programs.ts";
import type { Conv, Face } from "../../bench/work.ts";
import { convWindow } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { make } from "../../src/graph/tensor.ts";
import { input, trace } from "../../src/graph/trace.ts";
import { compilePrograms } from "../../src/plan/compile.ts";
import { type ConvolutionShape, estimate } from "../../src/plan/costs.ts";
import { fastForms, type Forms } from "../../src/plan/fast_forms.ts";
import type { Plan } from "../../src/plan/plan.ts";

const faces: readonly Face[] = ["forward", "inputGrad", "filterGrad"];
const layer = { kind: "conv", kernel: 4, stride: 2, padding: 1, copies: 1 } as const;

function isFast(work: Conv, forms?: Forms): boolean {
  const { store, programs } = traceWork(work);
  store.seal();
  const [{ plan }] = compilePrograms(store, programs, { threads: 1, ...forms && { forms } }).programs;
  return usesFastForm(plan);
}

function usesFastForm({ instructions }: Plan): boolean {
  return instructions.some(({ instruction: { mnemonic } }) => mnemonic.startsWith("fast"));
}

Deno.test("all layers of a DCGAN, but the first, are fast in all faces", () => {
  for (const face of faces) {
    for (const [size, inChannels] of [[32, 64], [16, 128], [8, 256], [16, 64], [8, 128]]) {
      assert.ok(
        isFast({ ...layer, face, batch: 64, size, inChannels, outChannels: 2 * inChannels }),
        `${face} ${size}`,
      );
    }
  }
});

Deno.test("a few pixels between many channels are not worth the transform of their filter", () => {
  for (const face of faces) {
    const work: Conv = { ...layer, face, batch: 1, size: 4, inChannels: 128, outChannels: 128 };
    assert.ok(!isFast(work), face);
    assert.ok(isFast(work, "all"), face);
    assert.ok(!isFast({ ...work, batch: 64, size: 32 }, "none"), face);
  }
});

Deno.test("groups of few channels are fast, but for the gradient of 3×3 filters", () => {
  const isFastInGroups = (channels: number, [kernel, stride]: readonly [number, number], face: Face) => {
    const [groups, size] = [4, 32], window = convWindow({ stride, padding: 1, groups });
    const store = new Store(1);
    const program = trace(store, face, () => {
      const image = (name: string, size: number) => input(name, [64, size, size, groups * channels]);
      const [x, dy] = [image("x", size), image("dy", size / stride)];
      const w = input("w", [groups * channels, kernel, kernel, channels]);
      const results = {
        forward: () => make("conv2d", window, [x, w]),
        inputGrad: () => make("conv2dInputGrad", { ...window, inHeight: size, inWidth: size }, [dy, w]),
        filterGrad: () => make("conv2dFilterGrad", { ...window, kernelHeight: kernel, kernelWidth: kernel }, [x, dy]),
      };
      return { y: results[face]() };
    });
    store.seal();
    return usesFastForm(compilePrograms(store, [program], { threads: 1 }).programs[0].plan);
  };
  for (const face of faces) {
    assert.ok(isFastInGroups(8, [4, 2], face), `${face}, 4×4, stride 2`);
    assert.ok(isFastInGroups(24, [3, 1], face), `${face}, 3×3, 24 channels`);
    assert.equal(isFastInGroups(16, [3, 1], face), face !== "filterGrad", `${face}, 3×3, 16 channels`);
    assert.ok(!isFastInGroups(12, [3, 1], face), `${face}, 3×3, 12 channels`);
  }
});

Deno.test("no estimate shrinks where there is more to do", () => {
  const shape: ConvolutionShape = { images: 4, gridHeight: 8, gridWidth: 8, depth: 64, n: 32 };
  for (const face of ["convolution", "filterGrad"] as const) {
    for (const form of fastForms) {
      const before = estimate(face, form, shape);
      assert.ok(before.direct > 0 && before.fast > 0);
      for (const key of ["images", "gridHeight", "gridWidth", "depth", "n"] as const) {
        const after = estimate(face, form, { ...shape, [key]: 2 * shape[key] });
        assert.ok(after.direct > before.direct && after.fast > before.fast, `${face} ${key}`);
      }
    }
  }
});
