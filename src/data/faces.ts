/** The default data set: drawn faces, made once on all cores and kept in the cache. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { InternalError } from "../core/errors.ts";
import { FACE_ATTRIBUTES } from "./faces_parts.ts";
import type { FacesAnswer, FacesJob, FacesSetup } from "./faces_worker.ts";
import { throughCache } from "./pack.ts";
import { type Parcel, runPool } from "./pool.ts";
import type { Dataset, SourceOptions } from "./types.ts";

/** To be raised with every change that makes face i another picture, so that old packs are not taken for new ones. */
const FACES_VERSION = 1;
/** SHA-256 of resvg's WebAssembly module, version 2.6.2: no other one is compiled. */
const RESVG_SHA256 = "22bf6e9f9a100d972da0411a69c5ba504367fc1fa87b3b64e3f35e53926d2d70";
/** Faces a job: some hundred milliseconds of work. */
const JOB_FACES = 64;

export interface FacesOptions extends SourceOptions {
  /** Face i is a function of this and i. Default 0. */
  readonly seed?: number;
  /** Default 8,192. */
  readonly count?: number;
}

/**
 * Draws `count` faces of size×size×3 with their labels (hair, style, skin, glasses, beard), or reads them from the
 * cache. Draws about 700 a second on two cores at 32 pixels.
 */
export async function loadFaces(options: FacesOptions): Promise<Dataset> {
  const { size, cacheDir, seed = 0, count = 8192 } = options;
  const key = JSON.stringify({ faces: FACES_VERSION, size, seed, count });
  const path = join(cacheDir, `faces-${size}px-${count}-seed${seed}.pack`);
  return await throughCache(path, key, options.onNotice, () => drawFaces(seed, count, options));
}

async function drawFaces(seed: number, count: number, options: SourceOptions): Promise<Dataset> {
  const { size } = options;
  const { resvgGzip, facesWorker } = await import("./workers.gen.ts");
  const imageBytes = size * size * 3;
  const pixels = new Uint8Array(count * imageBytes);
  const labels = FACE_ATTRIBUTES.map((attribute) => ({ ...attribute, indices: new Uint16Array(count) }));
  let given = 0;
  let done = 0;
  options.onProgress?.(0, count, "draw faces");
  await runPool<FacesSetup, FacesJob, FacesAnswer>({
    source: facesWorker,
    workers: Math.min(options.threads ?? navigator.hardwareConcurrency, Math.ceil(count / JOB_FACES)),
    setup: { resvg: await compileResvg(resvgGzip), seed, size },
    next: () => {
      if (given === count) return Promise.resolve(undefined);
      const job: Parcel<FacesJob> = {
        message: { first: given, count: Math.min(JOB_FACES, count - given) },
        transfer: [],
      };
      given += job.message.count;
      return Promise.resolve(job);
    },
    onAnswer: (answer) => {
      pixels.set(answer.pixels, answer.first * imageBytes);
      answer.classes.forEach((classes, attribute) => labels[attribute].indices.set(classes, answer.first));
      done += answer.classes[0].length;
      options.onProgress?.(done, count, "draw faces");
    },
  });
  return { name: "faces", count, size, channels: 3, pixels, labels };
}

/** Compiles resvg's module (base64 of its gzip), after a look at its digest. */
export async function compileResvg(base64: string): Promise<WebAssembly.Module> {
  const bytes = new Uint8Array(gunzipSync(Uint8Array.fromBase64(base64)));
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== RESVG_SHA256) {
    throw new InternalError(`resvg's module has the SHA-256 ${digest}, expected ${RESVG_SHA256}; build again`);
  }
  return await WebAssembly.compile(bytes);
}
