import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readDocs, undocumented } from "../../scripts/check_docs.ts";

Deno.test("exported functions, classes and public methods need a docstring, nothing else does", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = join(folder, "module.ts");
    Deno.writeTextFileSync(
      path,
      `/** This module. */
/** Adds. */
export function documented() {}

export function bare() {}
function local() {}
export { local as renamed };
export const value = 1;
export class Bare {
  constructor(readonly x: number) {}
  /** Has one. */
  good() {}
  bad() {}
  get property() { return 1; }
  private hidden() {}
  protected inner() {}
  toString() { return ""; }
  [Symbol.dispose]() {}
}
/** A child. */
export class Child extends Bare {
  override good() {}
}
/** Overloaded. */
export function over(x: number): number;
export function over(x: string): string;
export function over(x: number | string) { return x; }
`,
    );
    const href = pathToFileURL(path).href;
    const lines = undocumented(await readDocs([path])).map((line) => line.replace(`${href}:`, ""));
    assert.deepEqual(lines.sort(), [
      "13: method Bare.bad has no docstring",
      "14: method Bare.property has no docstring",
      "5: function bare has no docstring",
      "6: function renamed has no docstring",
      "9: class Bare has no docstring",
    ]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
