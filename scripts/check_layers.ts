/**
 * Proves that imports point one way: `deno run --allow-read scripts/check_layers.ts`. Prints a line for each violation.
 *
 * An area is a folder of `src` (of `src/backend` for the concrete backends), or a file that stands alone. `allowed`
 * says which other areas each may import; no two files may import each other, not even in a circle; `assembly` keeps
 * raw memory accesses and atomics in one file each, where the checking build and a reader can find them.
 */
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { filesBelow, importsOf, withoutComments } from "./imports.ts";

const interfaces = ["core", "graph", "backend"] as const;
const everything = [
  ...[...interfaces, "plan", "backend/reference", "backend/wasm"],
  ...["nn", "models", "gan", "data", "report", "checkpoint", "metrics"],
] as const;

/** Which areas an area may import, besides itself. `core` is at the bottom, `cli` at the top; `course` sees the public API alone. */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  "core": [],
  "graph": ["core"],
  "plan": ["core", "graph"],
  "backend": ["core", "graph"],
  "backend/reference": interfaces,
  "backend/wasm": [...interfaces, "plan"],
  "nn": ["core", "graph"],
  "models": ["core", "graph", "nn"],
  "gan": [...interfaces, "nn", "models"],
  "data": ["core"],
  "report": ["core"],
  "checkpoint": ["core", "report"],
  "metrics": [...interfaces, "nn", "models", "data", "checkpoint"],
  "course": ["mod.ts"],
  "cli": [...everything, "course", "deno.json"],
  "mod.ts": everything,
};

/** The area of a file below the project's root, or undefined outside of `src`. */
export function areaOf(path: string): string | undefined {
  const parts = path.split("/");
  if (path === "deno.json") return "deno.json";
  if (parts[0] !== "src") return undefined;
  if (parts[1] === "backend" && parts.length > 3) return `backend/${parts[2]}`;
  return parts[1];
}

/** Project files by path, with the paths they import. */
export type Graph = ReadonlyMap<string, readonly { readonly target: string; readonly line: number }[]>;

/** Violations of the table, one line each. */
export function layerViolations(graph: Graph): string[] {
  const violations: string[] = [];
  for (const [path, imports] of graph) {
    const from = areaOf(path);
    for (const { target, line } of imports) {
      const to = areaOf(target);
      const say = (text: string) => violations.push(`${path}:${line}: ${text}`);
      if (target.startsWith("scripts/") && !path.startsWith("scripts/") && !path.startsWith("tests/")) {
        say(`imports ${target}; scripts are programs, move what is shared to src`);
      } else if (target.startsWith("tests/") && !path.startsWith("tests/")) {
        say(`imports ${target}; only tests see tests`);
      } else if (from !== undefined && to !== from) {
        if (!(from in allowed)) say(`${from} is not in the table of scripts/check_layers.ts; add it`);
        else if (target === "?") say("a dynamic import needs a literal path, or it can't be bundled or checked");
        else if (to === undefined) say(`src imports ${target}, which is outside of src`);
        else if (!allowed[from].includes(to)) {
          say(`${from} imports ${to}; it may see ${allowed[from].join(", ") || "nothing"}`);
        }
      }
    }
  }
  return violations;
}

/** Circles of imports, one line each: the first that a depth-first walk finds from each file. */
export function cycles(graph: Graph): string[] {
  const found: string[] = [];
  const state = new Map<string, "open" | "done">();
  const trail: string[] = [];
  const visit = (path: string) => {
    state.set(path, "open");
    trail.push(path);
    for (const { target } of graph.get(path) ?? []) {
      if (state.get(target) === "open") {
        found.push(`circle of imports: ${[...trail.slice(trail.indexOf(target)), target].join(" -> ")}`);
      } else if (!state.has(target) && graph.has(target)) visit(target);
    }
    trail.pop();
    state.set(path, "done");
  };
  for (const path of graph.keys()) if (!state.has(path)) visit(path);
  return found;
}

/** What only one file of `assembly` may use. */
const reserved = [
  {
    pattern: /\b(?:v128|[if](?:8|16|32|64))\.(?:load|store)|(?<!\.)\b(?:load|store)<|\bmemory\.\w+/,
    homes: ["assembly/simd.ts", "assembly/team.ts"],
    what: "memory access",
  },
  { pattern: /\batomic\.\w+/, homes: ["assembly/team.ts"], what: "atomic operation" },
] as const;

/** Raw memory accesses and atomics outside of the file that is meant for them. */
export function assemblyViolations(path: string, source: string): string[] {
  return withoutComments(source).split("\n").flatMap((line, index) =>
    reserved.filter(({ pattern, homes }) => !homes.some((home) => home === path) && pattern.test(line))
      .map(({ homes, what }) => `${path}:${index + 1}: raw ${what}; use what ${homes.join(" or ")} exports`)
  );
}

/** The files of the project and their imports of each other. AssemblyScript leaves out the ending `.ts`. */
function readGraph(root: string): { graph: Graph; sources: Map<string, string> } {
  const sources = new Map<string, string>();
  const graph = new Map<string, { target: string; line: number }[]>();
  const folders = ["assembly", "src", "scripts", "bench", "tests"];
  for (const folder of folders) {
    for (const file of filesBelow(join(root, folder), [".ts"])) {
      const path = file.slice(root.length).replaceAll("\\", "/");
      const source = Deno.readTextFileSync(file);
      sources.set(path, source);
      const imports = importsOf(source).filter(({ specifier }) => specifier.startsWith(".") || specifier === "?");
      graph.set(
        path,
        imports.map(({ specifier, line }) => {
          if (specifier === "?") return { target: "?", line };
          const target = normalize(join(dirname(path), specifier)).replaceAll("\\", "/");
          return { target: /\.\w+$/.test(target) && !target.endsWith(".gen") ? target : `${target}.ts`, line };
        }),
      );
    }
  }
  return { graph, sources };
}

if (import.meta.main) {
  const { graph, sources } = readGraph(fileURLToPath(new URL("..", import.meta.url)));
  const assembly = [...sources].filter(([path]) => path.startsWith("assembly/"));
  const violations = [
    ...layerViolations(graph),
    ...cycles(graph),
    ...assembly.flatMap(([path, source]) => assemblyViolations(path, source)),
  ];
  for (const violation of violations) console.error(violation);
  if (violations.length > 0) Deno.exit(1);
  console.log(`layers: ${graph.size} files, all imports point down`);
}
