import assert from "node:assert/strict";
import fc from "fast-check";
import type { FileTensor } from "../../src/checkpoint/layout.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/checkpoint/safetensors.ts";
import { DataError } from "../../src/core/errors.ts";
import { sizeOf } from "../../src/core/shape.ts";

type Tensors = Map<string, FileTensor>;

/** Names and bit patterns of all kinds: `__proto__`, lone surrogates, NaNs with a payload, empty tensors, scalars. */
const name = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "a.b", "\ud800", '"{}:\\'),
);
const tensor = fc.array(fc.nat(4), { maxLength: 4 }).chain((shape) =>
  fc.uint32Array({ minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((bits): FileTensor => ({
    shape,
    data: new Float32Array(bits.slice().buffer),
  }))
);
const file = fc.record({
  tensors: fc.uniqueArray(fc.tuple(name.filter((text) => text !== "__metadata__"), tensor), {
    selector: ([key]) => key,
    maxLength: 6,
  }),
  metadata: fc.uniqueArray(fc.tuple(name.filter((text) => !/^(digest|headerDigest)$/.test(text)), fc.string()), {
    selector: ([key]) => key,
    maxLength: 4,
  }),
});

/** Tensors with their bits, in an order of their own: what two files have to share to be equal. */
function bits(tensors: Tensors): unknown {
  return [...tensors].sort(([a], [b]) => a < b ? -1 : 1).map(([key, { shape, data }]) => [
    key,
    shape,
    [...new Uint32Array(data.buffer, data.byteOffset, data.length)],
  ]);
}

/** A file with this header text, unchecked, and this many bytes of data. */
function handMade(header: string, dataLength: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

function refused(bytes: Uint8Array, pattern: RegExp): void {
  assert.throws(() => decodeSafetensors(bytes), (error) => {
    assert(error instanceof DataError);
    assert.match(error.message, pattern);
    assert(!error.message.includes("\n"));
    return true;
  });
}

const small = (): Tensors =>
  new Map([
    ["G.weight", { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, NaN, 1e-40) }],
    ["D.bias", { shape: [], data: Float32Array.of(7) }],
  ]);

Deno.test("a file gives back every name, shape, bit and metadata entry", () => {
  fc.assert(
    fc.property(file, (content) => {
      const tensors = new Map(content.tensors);
      const metadata = Object.fromEntries(content.metadata);
      const read = decodeSafetensors(encodeSafetensors(tensors, metadata));
      assert.deepEqual(bits(read.tensors), bits(tensors));
      assert.deepEqual(Object.entries(read.metadata).sort(), Object.entries(metadata).sort());
      assert.equal(read.sealed, true);
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("equal contents in any order give equal bytes", () => {
  fc.assert(
    fc.property(file, (content) => {
      const bytes = encodeSafetensors(new Map(content.tensors), Object.fromEntries(content.metadata));
      const reversed = encodeSafetensors(
        new Map(content.tensors.toReversed()),
        Object.fromEntries(content.metadata.toReversed()),
      );
      assert.deepEqual(reversed, bytes);
    }),
    { seed: 2, numRuns: 200 },
  );
});

Deno.test("the header is padded with spaces to a multiple of 8, and the digest is the SHA-256 of what follows", async () => {
  for (let length = 0; length < 8; length++) {
    const bytes = encodeSafetensors(small(), { note: "x".repeat(length) });
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    assert.equal(headerLength % 8, 0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.subarray(8 + headerLength))).toHex();
    assert.equal(header.__metadata__.digest, digest);
    assert.deepEqual(header["D.bias"], { dtype: "F32", shape: [], data_offsets: [0, 4] });
    assert.deepEqual(header["G.weight"], { dtype: "F32", shape: [2, 3], data_offsets: [4, 28] });
  }
});

Deno.test("views on shared memory and at odd places of a buffer are written and read", () => {
  const shared = new Float32Array(new SharedArrayBuffer(64), 8, 3);
  shared.set([1, 2, 3]);
  const bytes = encodeSafetensors(new Map([["a", { shape: [3], data: shared }]]), {});
  const moved = new Uint8Array(bytes.length + 3);
  moved.set(bytes, 3);
  assert.deepEqual([...decodeSafetensors(moved.subarray(3)).tensors.get("a")!.data], [1, 2, 3]);
});

Deno.test("every changed byte of a file is found, or changes nothing", () => {
  const bytes = encodeSafetensors(small(), { step: "12", rate: "0.5" });
  const original = decodeSafetensors(bytes);
  let found = 0;
  for (let position = 0; position < bytes.length; position++) {
    for (const mask of [1, 2, 4, 8, 16, 32, 64, 128, 255, 0x29, 0x2a]) {
      const damaged = bytes.slice();
      damaged[position] ^= mask;
      let read;
      try {
        read = decodeSafetensors(damaged);
      } catch (error) {
        assert(error instanceof DataError, `byte ${position} mask ${mask}: ${error}`);
        found++;
        continue;
      }
      assert.deepEqual(bits(read.tensors), bits(original.tensors), `byte ${position} mask ${mask}`);
      if (!read.sealed) continue; // the name of a digest was hit: a checkpoint is refused for it
      assert.deepEqual(read.metadata, original.metadata, `byte ${position} mask ${mask}`);
    }
  }
  assert(found > bytes.length * 10, `only ${found} changes were found`);
});

Deno.test("a file that is cut off anywhere, or too long, is refused", () => {
  const bytes = encodeSafetensors(small(), {});
  for (let length = 0; length < bytes.length; length++) refused(bytes.subarray(0, length), /header|cut off|ends/);
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  refused(longer, /29 bytes of data, expected 28/);
});

Deno.test("damaged headers are refused with what is wrong", () => {
  const entry = (offsets: string, shape = "[1]", dtype = "F32") =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
  const cases: [header: string, dataLength: number, pattern: RegExp][] = [
    ["", 0, /not JSON/],
    ["{", 0, /not JSON/],
    [`{"a":NaN}`, 0, /not JSON/],
    [` {}`, 0, /begin with/],
    ["[]", 0, /begin with/],
    ["[".repeat(200_000), 0, /not JSON/],
    [`{"a":${entry("[0,4]")},"a":${entry("[0,4]")}}`, 4, /"a" is there twice/],
    [`{"a":${entry("[0,4]")},"\\u0061":${entry("[0,4]")}}`, 4, /"a" is there twice/],
    [`{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}`, 4, /"shape" is there twice/],
    [`{"a":null}`, 0, /at "a"/],
    [`{"a":{"dtype":"F32","shape":[1]}}`, 4, /at "a"/],
    [`{"a":${entry("[0,4,8]")}}`, 4, /at "a"/],
    [`{"a":${entry("[0,4]", "[-1]")}}`, 4, /at "a"/],
    [`{"a":${entry("[0,4]", "[1.5]")}}`, 4, /at "a"/],
    [`{"a":${entry("[0,4]", "[9007199254740992]")}}`, 4, /at "a"/],
    [`{"a":${entry("[0,4]", '"1"')}}`, 4, /at "a"/],
    [`{"a":${entry("[0,8]")}}`, 8, /has 8 bytes, expected 4/],
    [`{"a":${entry("[0,4]", "[4503599627370496,4503599627370496]")}}`, 4, /expected/],
    [`{"a":${entry("[4,8]")}}`, 8, /begins at 4, expected 0/],
    [`{"a":${entry("[0,4]")},"b":${entry("[8,12]")}}`, 12, /begins at 8, expected 4/],
    [`{"a":${entry("[0,8]", "[2]")},"b":${entry("[4,8]")}}`, 8, /begins at 4, expected 8/],
    [`{"a":${entry("[4,0]")}}`, 4, /begins at 4/],
    [`{"a":${entry("[0,4]")}}`, 3, /3 bytes of data, expected 4/],
    [`{"a":${entry("[0,4]", "[4]", "F8_E4M3")}}`, 4, /"F8_E4M3", expected one of F32, F64/],
    [`{"a":${entry("[0,4]", "[1]", "toString")}}`, 4, /"toString"/],
    [`{"__metadata__":{"a":1}}`, 0, /strings in __metadata__/],
    [`{"__metadata__":["a"]}`, 0, /strings in __metadata__/],
    [`{"__metadata__":{"digest":"00"}}`, 0, /data does not match/],
    [`{"__metadata__":{"headerDigest":"00"}}`, 0, /header does not match/],
  ];
  for (const [header, dataLength, pattern] of cases) refused(handMade(header, dataLength), pattern);
  const notText = handMade("{}", 0);
  notText[8] = 0xff;
  refused(notText, /UTF-8/);
  const huge = handMade("{}", 0);
  new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true);
  refused(huge, /9223372036854775808 bytes/);
});

Deno.test("a very long string in a header does not overflow the stack", () => {
  const text = 'x\\"{}:'.repeat(1_000_000);
  assert.equal(decodeSafetensors(encodeSafetensors(new Map(), { text })).metadata.text, text);
});

Deno.test("other element types are read as float32", () => {
  const cases: [dtype: string, values: ArrayBufferView<ArrayBuffer>, expected: number[]][] = [
    ["F64", Float64Array.of(0.1, -2), [Math.fround(0.1), -2]],
    ["F16", Float16Array.of(0.5, -65504), [0.5, -65504]],
    ["BF16", Uint16Array.of(0x3f80, 0xc000), [1, -2]],
    ["I64", BigInt64Array.of(-5n, 2n ** 40n), [-5, 2 ** 40]],
    ["I32", Int32Array.of(-1, 9), [-1, 9]],
    ["U8", Uint8Array.of(0, 255), [0, 255]],
  ];
  for (const [dtype, values, expected] of cases) {
    const header = `{"a":{"dtype":"${dtype}","shape":[2],"data_offsets":[0,${values.byteLength}]}}`;
    const bytes = handMade(header, values.byteLength);
    bytes.set(new Uint8Array(values.buffer), bytes.length - values.byteLength);
    const read = decodeSafetensors(bytes);
    assert.deepEqual([...read.tensors.get("a")!.data], expected, dtype);
    assert.equal(read.sealed, false);
  }
});

Deno.test("all golden vectors are read", () => {
  const directory = new URL("../golden/", import.meta.url);
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) =>
    name.endsWith(".safetensors")
  );
  assert.equal(names.length, 68);
  for (const name of names) {
    const { tensors, metadata } = decodeSafetensors(Deno.readFileSync(new URL(name, directory)));
    assert(metadata.op.length > 0, name);
    JSON.parse(metadata.attrs);
    assert(tensors.size > 1, name);
    for (const [key, { shape, data }] of tensors) {
      assert.equal(data.length, sizeOf(shape), `${name} ${key}`);
      assert(data.every(Number.isFinite), `${name} ${key}`);
    }
  }
});
