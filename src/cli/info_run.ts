/** A call of `info`. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { listCheckpoints } from "../checkpoint/checkpoints.ts";
import { decodeSafetensors } from "../checkpoint/safetensors.ts";
import { DataError } from "../core/errors.ts";
import { fileError, readFile } from "../core/files.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import { cacheFolder } from "./cache.ts";
import type { Context } from "./command.ts";
import { defaultThreads, measureRoof } from "./engine.ts";
import { layerTable } from "./layer_table.ts";
import { isCheckpointPath } from "./run_argument.ts";
import { openRunInput } from "./run_input.ts";
import { bytesText, countText, short, table } from "./text.ts";
import { ganOf, generatorOf } from "./train_networks.ts";
import { versions } from "./version.ts";

/** Prints what is known of this machine, or of the run or file at the path `run`. */
export async function info(run: string | undefined, context: Context): Promise<void> {
  const text = run === undefined
    ? await describeMachine(context)
    : isCheckpointPath(run)
    ? await describeFile(run)
    : await describeRun(run, context);
  console.log(text);
}

async function describeMachine({ mode }: Context): Promise<string> {
  const threads = defaultThreads();
  const roof = await measureRoof();
  const files = await cachedFiles(cacheFolder());
  return [
    `program  ${versions()}`,
    `cores    ${threads}`,
    `mode     ${mode.native ? "native speed" : "safe, slower"} (${mode.reason})`,
    `roof     ${short(roof)} GFLOP/s a thread, of multiply-adds in registers`,
    `cache    ${cacheFolder()}, ${bytesText([...files.values()].reduce((sum, size) => sum + size, 0))}`,
    ...[...files].sort().map(([name, size]) => `         ${name}, ${bytesText(size)}`),
  ].join("\n");
}

/** The data sets in the cache and what else lies there, with their bytes. */
async function cachedFiles(root: string): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  const walk = async (path: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(join(root, path))) {
      const inside = join(path, name);
      if (isDirectory) await walk(inside);
      else {
        const [first] = inside.split(/[\\/]/);
        const item = first === "data" ? inside : first;
        files.set(item, (files.get(item) ?? 0) + (await Deno.stat(join(root, inside))).size);
      }
    }
  };
  try {
    await walk("");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, "list", root);
  }
  return files;
}

async function describeRun(run: string, { cwd }: Context): Promise<string> {
  const { paths, config, checkpoint } = await openRunInput(run, cwd);
  const checkpoints = await listCheckpoints(paths.checkpoints);
  const { rollbacks, rateFactor } = checkpoint.metadata;
  return [
    table(["setting", "value"], fields(config)),
    layerTable(ganOf(config, generatorOf(config, config.samples))),
    [
      `step         ${countText(checkpoint.step)} of ${countText(config.steps)}`,
      `rollbacks    ${rollbacks}, learning rates × ${rateFactor}`,
      `checkpoints  ${checkpoints.map(({ step }) => countText(step)).join(", ")}`,
      `SHA-256      ${await digestOfFile(checkpoint.path)} (${checkpoint.path})`,
    ].join("\n"),
  ].join("\n\n");
}

async function describeFile(path: string): Promise<string> {
  const bytes = await readFile(path);
  let file: ReturnType<typeof decodeSafetensors>;
  try {
    file = decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`cannot use ${path}: ${error.message}`);
    throw error;
  }
  const sizes = [...file.tensors].map(([name, { shape }]) => [name, showShape(shape), countText(sizeOf(shape))]);
  const values = [...file.tensors.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return [
    table(["tensor", "shape", "values"], sizes),
    [
      `values   ${countText(values)} in ${countText(file.tensors.size)} tensors, ${bytesText(bytes.length)}`,
      ...Object.entries(file.metadata).sort().map(([name, value]) => `${name.padEnd(8)} ${value}`),
      `sealed   ${file.sealed ? "yes, and its digests are right" : "no, the file carries no digests"}`,
      `SHA-256  ${digestOf(bytes)}`,
    ].join("\n"),
  ].join("\n\n");
}

/** Dotted names and values of nested settings. */
function fields(value: unknown, prefix = ""): string[][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [[prefix, value === null ? "none" : String(value)]];
  }
  return Object.entries(value).flatMap(([key, item]) => fields(item, prefix === "" ? key : `${prefix}.${key}`));
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function digestOfFile(path: string): Promise<string> {
  return digestOf(await readFile(path));
}
