import assert from "node:assert/strict";
import { compileKernels } from "../../src/backend/wasm/module.ts";
import { strictTwinMismatch } from "../../src/backend/wasm/twin.ts";

for (const build of ["plain", "relaxed"] as const) {
  Deno.test(`the hot kernels agree with their strict twins (${build})`, async () => {
    assert.equal(strictTwinMismatch(await compileKernels(build)), undefined);
  });
}

Deno.test("a kernel that computes something else is found by the comparison with its twin", async () => {
  // A module whose `walk` does nothing: its results stay NaN.
  const bytes = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
    ...[1, 8, 1, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 0], // type: (i32, i32, i32, i32) → ()
    ...[3, 2, 1, 0], // one function
    ...[7, 8, 1, 4, 0x77, 0x61, 0x6c, 0x6b, 0, 0], // export "walk"
    ...[10, 4, 1, 2, 0, 0x0b], // its empty body
  );
  assert.match(strictTwinMismatch(await WebAssembly.compile(bytes)) ?? "", /contract.* gives NaN for element 0/);
});
