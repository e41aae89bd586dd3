import assert from "node:assert/strict";
import { InternalError } from "../../src/core/errors.ts";
import { regionsOf } from "../../scripts/build_excerpts.ts";

Deno.test("regions of a source are taken out, in order, without what all their lines are indented by", () => {
  const source = `before();
// #region First: what matters
function a() {
  return 1;
}
// #endregion
between();
    // #region Second
    if (b) {

      c();
    }
    // #endregion
`;
  assert.deepEqual(regionsOf(source, "x.ts"), [
    { title: "First: what matters", code: "function a() {\n  return 1;\n}" },
    { title: "Second", code: "if (b) {\n\n  c();\n}" },
  ]);
  assert.deepEqual(regionsOf("nothing();\n", "x.ts"), []);
});

Deno.test("a region that does not end, ends twice, or holds another one is refused with its file", () => {
  for (
    const source of [
      "// #region A\na();\n",
      "// #endregion\n",
      "// #region A\n// #region B\n// #endregion\n// #endregion\n",
    ]
  ) {
    assert.throws(
      () => regionsOf(source, "x.ts"),
      (error) => error instanceof InternalError && /^x\.ts: /.test(error.message),
    );
  }
});
