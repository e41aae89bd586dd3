/** Starts duel in processes of its own, on data that is made in no time. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { uniforms } from "../../../src/core/random.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const launcher = path("../../../scripts/launch.ts");
const engine = path("../../../src/cli/main.ts");

/** What a process left behind. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line in the folder `cwd`; the launcher in front, or the engine alone, which then is all there is to kill. */
export function command(args: readonly string[], cwd: string, entry: "launcher" | "engine" = "launcher"): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", entry === "launcher" ? launcher : engine, ...args],
    cwd,
    env: { NO_COLOR: "1", INIT_CWD: cwd, DUEL_CACHE: join(cwd, "cache") },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs duel in the folder `cwd`, as `deno task` would. */
export async function duel(args: readonly string[], cwd: string): Promise<Ended> {
  const { code, stdout, stderr } = await command(args, cwd).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs duel and fails unless all goes well. */
export async function succeed(args: readonly string[], cwd: string): Promise<Ended> {
  const ended = await duel(args, cwd);
  assert.equal(ended.code, 0, `${args.join(" ")}\n${ended.stdout}${ended.stderr}`);
  return ended;
}

/** Runs duel and expects one line on standard error (besides progress) that matches, and the exit code. */
export async function refuse(args: readonly string[], cwd: string, code: number, message: RegExp): Promise<void> {
  const ended = await duel(args, cwd);
  const aside = /^(duel: native-speed mode is off|(draw|decode|download) .*\d+\/\d+)/;
  const lines = ended.stderr.trimEnd().split("\n").filter((line) => !aside.test(line));
  assert.deepEqual([ended.code, lines.length], [code, 1], `${args.join(" ")}\n${ended.stdout}${ended.stderr}`);
  assert.match(lines[0], message);
  assert.match(lines[0], /^duel: /);
}

/** Gives `body` a fresh folder, gone afterwards. */
export function inFolder(body: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "duel cli " }));
    try {
      await body(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

/** Writes an idx file of `count` grey images of 16×16 random pixels. @returns its path. */
export function writeImages(folder: string, count = 40): string {
  const file = join(folder, "noise-images-idx3-ubyte");
  const pixels = Uint8Array.from(uniforms(count * 256, 1, "pixels", 0), (value) => 256 * value);
  const bytes = new Uint8Array(16 + pixels.length);
  new DataView(bytes.buffer).setUint32(0, 0x0803);
  [count, 16, 16].forEach((extent, axis) => new DataView(bytes.buffer).setUint32(4 + 4 * axis, extent));
  bytes.set(pixels, 16);
  Deno.writeFileSync(file, bytes);
  return file;
}

/** Flags of a network that is trained in no time, on the images that `writeImages` makes in `folder`. */
export function small(folder: string): string[] {
  const data = ["--data", "idx", "--data-dir", writeImages(folder), "--size", "16"];
  return ["train", ...data, "--base", "4", "--latent", "8", "--batch", "4"];
}

/** All files under a folder with what they hold, to see whether anything was written. */
export function contents(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  const walk = (directory: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(directory)) {
      const file = join(directory, name);
      if (isDirectory) {
        files.set(`${file}/`, "");
        walk(file);
      } else files.set(file, Deno.readFileSync(file).toHex());
    }
  };
  walk(folder);
  return files;
}
