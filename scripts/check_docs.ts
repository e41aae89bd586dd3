/**
 * Proves that every function, class and method exported from `src` that a reader may call has a docstring:
 * `deno run --allow-read --allow-run scripts/check_docs.ts`. Prints a line for each one without.
 */
import { fileURLToPath } from "node:url";
import { InternalError } from "../src/core/errors.ts";
import { filesBelow } from "./imports.ts";

interface Documented {
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly unknown[] };
  /** The line counts from 0. */
  readonly location: { readonly filename: string; readonly line: number };
}

interface Method extends Documented {
  readonly name: string;
  readonly accessibility?: "public" | "protected" | "private";
  readonly isOverride?: boolean;
}

interface Declaration extends Documented {
  readonly kind: string;
  readonly declarationKind: "export" | "declare" | "private";
  readonly def?: { readonly methods?: readonly Method[] };
}

/** The part of `deno doc --json` (version 2) that is read here. */
export interface DocReport {
  readonly version: number;
  readonly nodes: Readonly<
    Record<
      string,
      { readonly symbols: readonly { readonly name: string; readonly declarations: readonly Declaration[] }[] }
    >
  >;
}

const kinds: ReadonlySet<string> = new Set(["function", "class"]);

/** Lines `file:line: what has no docstring`. Overloads need one among them; overriding methods inherit theirs. */
export function undocumented(report: DocReport): string[] {
  const lines: string[] = [];
  for (const [file, { symbols }] of Object.entries(report.nodes)) {
    for (const { name, declarations } of symbols) {
      const own = declarations.filter((declaration) =>
        declaration.declarationKind === "export" && declaration.location.filename === file &&
        kinds.has(declaration.kind)
      );
      if (own.length === 0) continue;
      const say = (at: Documented, what: string) =>
        lines.push(`${file}:${at.location.line + 1}: ${what} has no docstring`);
      if (!own.some(hasDoc)) say(own[0], `${own[0].kind} ${name}`);
      for (const { kind, def } of own) {
        if (kind !== "class") continue;
        for (const [method, overloads] of Map.groupBy(def?.methods ?? [], (each) => each.name)) {
          const open = overloads.every(({ accessibility, isOverride }) =>
            accessibility !== "private" && accessibility !== "protected" && !isOverride
          );
          const conventional = method === "toString" || method.startsWith("[Symbol.");
          if (open && !conventional && !overloads.some(hasDoc)) say(overloads[0], `method ${name}.${method}`);
        }
      }
    }
  }
  return lines;
}

function hasDoc({ jsDoc }: Documented): boolean {
  return Boolean(jsDoc?.doc?.trim() || jsDoc?.tags?.length);
}

/** What `deno doc` knows of these files. @throws InternalError */
export async function readDocs(files: readonly string[]): Promise<DocReport> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--quiet", "--json", ...files],
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new InternalError(`deno doc failed: ${decode(stderr).trim()}`);
  const report = JSON.parse(decode(stdout)) as DocReport;
  if (report.version !== 2) throw new InternalError(`deno doc speaks version ${report.version}; this script knows 2`);
  return report;
}

if (import.meta.main) {
  const root = new URL("..", import.meta.url);
  const files = filesBelow(fileURLToPath(new URL("src", root)), [".ts"]).filter((file) => !file.endsWith(".gen.ts"));
  const lines = undocumented(await readDocs(files));
  for (const line of lines) console.error(line.replace(root.href, ""));
  if (lines.length > 0) Deno.exit(1);
  console.log(`docs: ${files.length} files, everything exported is documented`);
}
