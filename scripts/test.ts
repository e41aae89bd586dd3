/**
 * `deno task test [files or folders] [flags of deno test]`: each test file in a process of its own, as many at a time
 * as there are cores, and a summary at the end. What depends on V8's flags runs twice, without and with them.
 */
import { availableParallelism } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../src/cli/cache.ts";
import { guarded } from "../src/cli/dispatch.ts";
import { UsageError } from "../src/core/errors.ts";
import { flagsAccepted } from "../src/cli/launch.ts";
import { nativeFlags } from "../src/cli/mode.ts";
import { build } from "./build.ts";
import { filesBelow } from "./imports.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Tests of WebAssembly: kernels, and every backend but the reference, which has none. */
const inBothModes = /^tests\/(?:kernels\/|backend\/(?!reference))/;

/** A file that takes longer hangs; it is ended and counts as failed. */
const LONGEST_MS = 600_000;

const usage = `Run tests, those of the kernels in both V8 modes.

Usage  deno task test [FILE or FOLDER...] [flags of \`deno test\`]

  deno task test                                  all of them
  deno task test tests/kernels --filter "pack"    some of them`;

/** One process to start. */
interface Job {
  /** Test file, relative to the project's root. */
  readonly file: string;
  readonly native: boolean;
}

/** Tests passed and failed; skipped ones count as neither. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Reads the first line of numbers of a JUnit report; a failed process without failed tests counts as one. */
export function countTests(junit: string, succeeded: boolean): Counts {
  const count = (pattern: RegExp) => [...junit.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);
  const tests = count(/<testsuites [^>]*\btests="(\d+)"/g);
  const bad = count(/<testsuites [^>]*\bfailures="(\d+)"/g) + count(/<testsuites [^>]*\berrors="(\d+)"/g);
  const skipped = count(/<testsuite [^>]*\bdisabled="(\d+)"/g);
  return { passed: tests - bad - skipped, failed: succeeded || bad > 0 ? bad : 1 };
}

async function runJob({ file, native }: Job, options: readonly string[]): Promise<Counts> {
  const report = Deno.makeTempFileSync({ suffix: ".xml" });
  const started = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      ...["--allow-all", "--no-check", "--quiet", `--junit-path=${report}`],
      ...(native ? [`--v8-flags=${nativeFlags.join(",")}`] : []),
      ...options,
      file,
    ],
    cwd: root,
    env: { DUEL_TEST_MODE: native ? "native" : "plain", NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(LONGEST_MS),
  }).output();
  const counts = countTests(Deno.readTextFileSync(report), success);
  Deno.removeSync(report);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const verdict = counts.failed > 0 ? "FAILED" : "ok";
  console.log(
    `${verdict.padEnd(7)}${file}${native ? " (native-speed mode)" : ""}  ${counts.passed} passed  ${seconds}s`,
  );
  if (!success) { for (const bytes of [stdout, stderr]) console.log(new TextDecoder().decode(bytes).trimEnd()); }
  return counts;
}

/** The test files among the arguments, or all; what is no file or folder goes to `deno test`. */
function select(args: readonly string[]): { files: string[]; options: string[] } {
  const caller = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  const files = new Set<string>();
  const options: string[] = [];
  for (const [i, arg] of args.entries()) {
    const path = resolve(caller, arg);
    const stat = arg.startsWith("-") ? undefined : statOrNothing(path);
    if (!stat && !arg.startsWith("-") && !args[i - 1]?.startsWith("-")) {
      throw new UsageError(
        `there is no file or folder ${arg}; expected test files, folders of them, or flags of deno test`,
      );
    }
    if (!stat) options.push(arg);
    else for (const file of stat.isDirectory ? filesBelow(path, ["_test.ts"]) : [path]) files.add(file);
  }
  const all = files.size > 0 ? [...files] : filesBelow(join(root, "tests"), ["_test.ts"]);
  return { files: all.map((file) => relative(root, file).replaceAll("\\", "/")), options };
}

function statOrNothing(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined; // a value of a flag, such as that of --filter
  }
}

if (import.meta.main) {
  Deno.exit(
    await guarded(async () => {
      if (Deno.args.includes("--help")) {
        console.log(usage);
        return 0;
      }
      await build();
      const { files, options } = select(Deno.args);
      const native = Deno.build.arch === "x86_64" && await flagsAccepted(join(cacheFolder(), "v8-flags.json"));
      const jobs = files.flatMap((file): Job[] =>
        native && inBothModes.test(file) ? [{ file, native: false }, { file, native: true }] : [{ file, native: false }]
      );
      let [passed, failed, next] = [0, 0, 0];
      const worker = async () => {
        while (next < jobs.length) {
          const counts = await runJob(jobs[next++], options);
          passed += counts.passed;
          failed += counts.failed;
        }
      };
      await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism()) }, worker));
      if (!native) {
        console.log(`${basename(Deno.execPath())} ${Deno.version.deno} has no native-speed mode; tested without`);
      }
      if (passed + failed === 0) throw new UsageError("no test ran; expected files, folders or flags that choose some");
      console.log(`${passed} passed, ${failed} failed`);
      return failed > 0 ? 1 : 0;
    }),
  );
}
