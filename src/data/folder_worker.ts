/** A thread that decodes pictures. Bundled to text by `scripts/build_data.ts`; the files' bytes are sent to it. */
import { decodeSquare } from "./decode.ts";
import { serve } from "./pool.ts";

export interface FolderSetup {
  readonly size: number;
}

/** Pictures `first`, `first + 1` … of the set. */
export interface FolderJob {
  readonly first: number;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }[];
}

export interface FolderAnswer {
  readonly first: number;
  readonly count: number;
  /** count×size×size×3 */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

serve<FolderSetup, FolderJob, FolderAnswer>(({ size }) =>
  Promise.resolve(({ first, files }) => {
    const imageBytes = size * size * 3;
    const pixels = new Uint8Array(files.length * imageBytes);
    files.forEach(({ path, bytes }, i) => pixels.set(decodeSquare(bytes, path, size), i * imageBytes));
    return { message: { first, count: files.length, pixels }, transfer: [pixels.buffer] };
  })
);
