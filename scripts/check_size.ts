/**
 * Holds source files to a readable length: `deno run --allow-read scripts/check_size.ts`. A file has one subject, in
 * about 300 lines; past 350 it surely has two.
 */
import { fileURLToPath } from "node:url";
import { filesBelow } from "./imports.ts";

const MOST_LINES = 350;

if (import.meta.main) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const files = ["assembly", "src", "scripts", "bench", "tests"]
    .flatMap((folder) => filesBelow(root + folder, [".ts", ".sh"]))
    .filter((file) => !file.endsWith(".gen.ts"));
  const tooLong = files.filter((file) => Deno.readTextFileSync(file).split("\n").length - 1 > MOST_LINES);
  for (const file of tooLong) {
    console.error(`${file.slice(root.length)}: more than ${MOST_LINES} lines; split it by subject`);
  }
  if (tooLong.length > 0) Deno.exit(1);
  console.log(`size: ${files.length} files, none over ${MOST_LINES} lines`);
}
