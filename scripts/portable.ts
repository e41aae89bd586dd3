/** Makes one executable file of a Deno executable and a bundled program: portable.sh, program, compressed Deno. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { InternalError } from "../src/core/errors.ts";

const templatePath = fileURLToPath(new URL("portable.sh", import.meta.url));

/** `dd` copies whole blocks only (one byte at a time would take seconds), so script and program are padded to them. */
const BLOCK = 4096;

/** What goes into a portable executable. */
export interface Parts {
  /** Path of the Deno executable. */
  readonly deno: string;
  /** Text of the bundled program, one self-contained JavaScript module. */
  readonly program: string;
  readonly version: string;
  /** Effort of gzip, 1 to 9. */
  readonly level: number;
}

/** Writes the executable to `output`, replacing what is there only when the new file is complete. */
export async function makePortable(output: string, { deno, program, version, level }: Parts): Promise<void> {
  const denoBytes = await Deno.readFile(deno);
  const programBytes = padded(new TextEncoder().encode(program));
  const denoSha = sha256(denoBytes);
  const programSha = sha256(programBytes);
  const facts: Record<string, string | number> = {
    VERSION: version,
    ID: sha256(new TextEncoder().encode(denoSha + programSha)).slice(0, 16),
    BLOCK,
    DENO_SHA256: denoSha,
    DENO_CKSUM: cksum(denoBytes),
    DENO_BYTES: denoBytes.length,
    PROGRAM_SHA256: programSha,
    PROGRAM_CKSUM: cksum(programBytes),
    PROGRAM_BYTES: programBytes.length,
    PROGRAM_BLOCKS: programBytes.length / BLOCK,
  };
  const script = fillIn(Deno.readTextFileSync(templatePath), facts, programBytes.length);
  const temporary = `${output}.${crypto.randomUUID()}.tmp`;
  try {
    const file = createWriteStream(temporary, { mode: 0o755 });
    file.write(script);
    file.write(programBytes);
    await pipeline(createReadStream(deno), createGzip({ level }), file);
    Deno.chmodSync(temporary, 0o755); // whatever the umask
    Deno.renameSync(temporary, output);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/** Replaces `@NAME@` in the script, whose own length decides where the other parts begin. */
function fillIn(template: string, facts: Record<string, string | number>, programLength: number): Uint8Array {
  for (let blocks = 1;; blocks++) {
    const all: typeof facts = { ...facts, PROGRAM_BLOCK: blocks, DENO_FROM: blocks * BLOCK + programLength + 1 };
    const text = template.replace(/@([A-Z0-9_]+)@/g, (_, name: string) => {
      if (!(name in all)) throw new InternalError(`portable.sh asks for @${name}@, which portable.ts does not know`);
      return String(all[name]);
    });
    const script = padded(new TextEncoder().encode(text));
    if (script.length === blocks * BLOCK) return script;
  }
}

/** Appends line feeds, which change neither a shell script nor JavaScript, up to a whole number of blocks. */
function padded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK).fill(10);
  result.set(bytes);
  return result;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The checksum of the POSIX utility `cksum`: CRC-32 with the bits in order, over the bytes and then their number. */
export function cksum(bytes: Uint8Array): number {
  let crc = 0;
  const add = (byte: number) => crc = (crc << 8) ^ table[(crc >>> 24) ^ byte];
  for (const byte of bytes) add(byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) add(length & 0xff);
  return ~crc >>> 0;
}

const POLYNOMIAL = 0x04c11db7;
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc;
});
