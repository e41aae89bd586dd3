import assert from "node:assert/strict";
import { InternalError } from "../../src/core/errors.ts";
import { regionsOf } from "../../scripts/build_excerpts.ts";

Deno.test("regions of a source are taken out, in order, without what all their lines are indented by", () => {
  const source = `before();
// #region First: what matters | 第一
function a() {
  return 1;
}
// #endregion
between();
    // #region Second | 第二
    if (b) {

      c();
    }
    // #endregion
`;
  assert.deepEqual(regionsOf(source, "x.ts"), [
    { title: { "en": "First: what matters", "zh-TW": "第一" }, file: "x.ts", code: "function a() {\n  return 1;\n}" },
    { title: { "en": "Second", "zh-TW": "第二" }, file: "x.ts", code: "if (b) {\n\n  c();\n}" },
  ]);
  assert.deepEqual(regionsOf("nothing();\n", "x.ts"), []);
});

Deno.test("a region that does not end, ends twice, holds another one or lacks a title is refused with its file", () => {
  for (
    const source of [
      "// #region A | B\na();\n",
      "// #endregion\n",
      "// #region A | B\n// #region C | D\n// #endregion\n// #endregion\n",
      "// #region A\n// #endregion\n",
    ]
  ) {
    assert.throws(
      () => regionsOf(source, "x.ts"),
      (error) => error instanceof InternalError && /^x\.ts: /.test(error.message),
    );
  }
});
