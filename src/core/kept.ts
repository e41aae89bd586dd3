/** What takes long to make, kept in a file for the next time. */
import { dirname } from "node:path";
import { fileError, writeFileAtomic } from "./files.ts";

/** How something is kept. */
export interface Form<Thing extends object> {
  /** What it is, for people. */
  readonly what: string;
  encode(thing: Thing): Uint8Array;
  /** "other" if these bytes hold another thing of the kind, "damaged" if they are not whole and unchanged. */
  decode(bytes: Uint8Array<ArrayBuffer>): Thing | "other" | "damaged";
}

/**
 * What is kept at `path`, or else `make()`, which is then kept there. Something damaged, or another thing, is made
 * again, and a place that can't be written costs no more than a notice.
 */
export async function throughFile<Thing extends object>(
  path: string,
  { what, encode, decode }: Form<Thing>,
  onNotice: ((text: string) => void) | undefined,
  make: () => Promise<Thing>,
): Promise<Thing> {
  try {
    const kept = decode(await Deno.readFile(path));
    if (typeof kept !== "string") return kept;
    if (kept === "damaged") onNotice?.(`${path} is damaged; making it again`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) onNotice?.(lineOf(fileError(error, "read", path)));
  }
  const made = await make();
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, encode(made));
  } catch (error) {
    onNotice?.(`${what} is not kept for the next time: ${lineOf(fileError(error, "write", path))}`);
  }
  return made;
}

function lineOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
