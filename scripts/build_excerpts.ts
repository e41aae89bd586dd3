/**
 * Collects the parts of the course's sources that its reports show, `// #region TITLE | TITLE IN CHINESE` to
 * `// #endregion`, into `src/course/excerpts.gen.ts`: at run time no source has to be found on disk.
 */
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InternalError } from "../src/core/errors.ts";
import type { Excerpt } from "../src/course/article.ts";
import { importsOf } from "./imports.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "src/course");
const output = join(folder, "excerpts.gen.ts");

/**
 * The regions of a source. @throws InternalError if one does not end, or has no title in one of the languages.
 * @param path of the source, from the project's folder on.
 */
export function regionsOf(source: string, path: string): Excerpt[] {
  const excerpts: Excerpt[] = [];
  let open: { title: string; lines: string[] } | undefined;
  for (const line of source.split("\n")) {
    const [, title] = /^\s*\/\/ #region (.+)$/.exec(line) ?? [];
    if (title !== undefined) {
      if (open) throw new InternalError(`${path}: the region ${title} begins inside of ${open.title}; end that first`);
      open = { title, lines: [] };
    } else if (/^\s*\/\/ #endregion/.test(line)) {
      if (!open) throw new InternalError(`${path}: a region ends that has not begun`);
      const [en, zh, ...rest] = open.title.split(" | ");
      if (!zh || rest.length > 0) {
        throw new InternalError(`${path}: the region ${open.title} wants two titles: EN | ZH`);
      }
      excerpts.push({ title: { "en": en, "zh-TW": zh }, file: path, code: dedented(open.lines) });
      open = undefined;
    } else open?.lines.push(line);
  }
  if (open) throw new InternalError(`${path}: the region ${open.title} does not end; add // #endregion`);
  return excerpts;
}

/** Lines without the space that all of them begin with. */
function dedented(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const least = Math.min(...indents);
  return lines.map((line) => line.slice(least)).join("\n").trim();
}

/** A file of the course and those of the course that it imports, each once, in the order of imports. */
function filesOf(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path) || !path.startsWith(folder)) return seen;
  seen.add(path);
  for (const { specifier } of importsOf(Deno.readTextFileSync(path))) {
    if (specifier.startsWith(".")) filesOf(resolve(dirname(path), specifier), seen);
  }
  return seen;
}

/** The excerpts of each experiment: those of its file, and of what it imports from the course. */
function collect(): Record<string, Excerpt[]> {
  const experiments = [...Deno.readDirSync(folder)].filter(({ name }) =>
    name.endsWith(".ts") && /^export const experiment\b/m.test(Deno.readTextFileSync(join(folder, name)))
  );
  return Object.fromEntries(
    experiments.map(({ name }) => [
      name.slice(0, -".ts".length).replaceAll("_", "-"),
      [...filesOf(join(folder, name))].flatMap((path) =>
        path === output ? [] : regionsOf(Deno.readTextFileSync(path), relative(root, path))
      ),
    ]).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

/**
 * Brings `src/course/excerpts.gen.ts` up to date.
 * @returns whether anything had to be made.
 */
export function buildExcerpts(): boolean {
  const text = "// Written by scripts/build_excerpts.ts; do not edit.\n" +
    'import type { Excerpt } from "./article.ts";\n\n' +
    `export const excerpts: Readonly<Record<string, readonly Excerpt[]>> = ${JSON.stringify(collect(), null, 2)};\n`;
  try {
    if (Deno.readTextFileSync(output) === text) return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const temporary = `${output}.${Deno.pid}`;
  Deno.writeTextFileSync(temporary, text);
  Deno.renameSync(temporary, output);
  return true;
}

if (import.meta.main) console.log(buildExcerpts() ? "excerpts collected" : "excerpts are up to date");
