import assert from "node:assert/strict";
import { countTests } from "../../scripts/test.ts";

const report = (tests: number, failures: number, disabled: number) =>
  `<?xml version="1.0"?>
<testsuites name="deno test" tests="${tests}" failures="${failures}" errors="0" time="0.009">
  <testsuite name="./a_test.ts" tests="${tests}" disabled="${disabled}" errors="0" failures="${failures}">
    <testcase name="says tests=&quot;7&quot;" classname="a"></testcase>
  </testsuite>
</testsuites>`;

Deno.test("passed and failed tests are counted, skipped ones are neither", () => {
  assert.deepEqual(countTests(report(6, 2, 1), false), { passed: 3, failed: 2 });
  assert.deepEqual(countTests(report(4, 0, 0), true), { passed: 4, failed: 0 });
});

Deno.test("a process that fails without a failed test counts as one failure", () => {
  assert.deepEqual(countTests("", false), { passed: 0, failed: 1 });
  assert.deepEqual(countTests(report(4, 0, 0), false), { passed: 4, failed: 1 });
});
