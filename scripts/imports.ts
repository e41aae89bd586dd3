/** Finds the imports of a source file, of any kind: static, type-only, dynamic, re-exports. */

/** One import, as written. */
export interface Import {
  readonly specifier: string;
  /** Line in the file, from 1. */
  readonly line: number;
}

/** Blanks out comments, keeping line numbers and strings. */
export function withoutComments(source: string): string {
  const token = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`|\/\/[^\n]*|\/\*[^]*?\*\//g;
  return source.replace(token, (text) => text.startsWith("/") ? text.replace(/[^\n]/g, " ") : text);
}

/**
 * The imports of TypeScript or AssemblyScript in the format of `deno fmt`, which puts statements at the start of a
 * line. A dynamic import whose argument is no plain string is returned with the specifier `?`.
 */
export function importsOf(source: string): Import[] {
  const text = withoutComments(source);
  const found: Import[] = [];
  const patterns = [
    /^(?:import|export)\s[^;"'`]*?\sfrom\s*["']([^"']+)["']/gm,
    /^import\s*["']([^"']+)["']/gm,
    /\bimport\s*\(\s*(?:["']([^"'`]+)["']\s*[,)])?/g,
  ];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      found.push({ specifier: match[1] ?? "?", line: text.slice(0, match.index).split("\n").length });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

/** All files below `folder` whose name ends in one of `endings`, sorted. */
export function filesBelow(folder: string, endings: readonly string[]): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return filesBelow(path, endings);
    return endings.some((ending) => name.endsWith(ending)) ? [path] : [];
  }).sort();
}
