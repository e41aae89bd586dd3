import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { encodeSafetensors } from "../../src/checkpoint/safetensors.ts";
import { inFolder, refuse, small, succeed } from "./support/duel.ts";

Deno.test(
  "info describes the machine",
  inFolder(async (folder) => {
    const { stdout } = await succeed(["info"], folder);
    assert.match(stdout, /^program +duel \d+\.\d+\.\d+ \(Deno .*, V8 .*\)$/m);
    assert.match(stdout, new RegExp(`^cores    ${navigator.hardwareConcurrency}$`, "m"));
    assert.match(stdout, /^mode +(native speed|safe, slower) \(.+\)$/m);
    assert.match(stdout, /^roof +\d+(\.\d+)? GFLOP\/s a thread/m);
    assert.ok(stdout.includes(`cache    ${join(folder, "cache")}`), stdout);
    assert.match((await succeed(["info", "--safe"], folder)).stdout, /^mode +safe, slower \(--safe\)$/m);
  }),
);

Deno.test(
  "info describes a run, its checkpoints, and files of other tools",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    await succeed([...small(folder), "--steps", "5", "--checkpoint-every", "2", "--seed", "12", "--out", run], folder);
    const about = (await succeed(["info", run], folder)).stdout;
    assert.match(about, /^seed +12$/m);
    assert.match(about, /^model\.name +dcgan$/m);
    assert.match(about, /^G\.0 +transposed conv 4×4 +4×4×8 +1,024$/m);
    assert.match(about, /^step +5 of 5$/m);
    assert.match(about, /^checkpoints +4, 5$/m);
    const checkpoint = join(run, "checkpoints", "step-000005.safetensors");
    const digest = createHash("sha256").update(Deno.readFileSync(checkpoint)).digest("hex");
    assert.ok(about.includes(digest));

    const file = (await succeed(["info", checkpoint], folder)).stdout;
    assert.match(file, /^average\.G\.0\.weight +8×8×4×4 +1,024$/m);
    assert.match(file, /^step +5$/m);
    assert.match(file, /^sealed +yes/m);
    assert.ok(file.includes(digest));

    const foreign = join(folder, "foreign.safetensors");
    // Other tools write no digests: a header without metadata.
    const header = '{"x":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}';
    const bytes = new Uint8Array(8 + header.length + 8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    Deno.writeFileSync(foreign, bytes);
    const other = (await succeed(["info", foreign], folder)).stdout;
    assert.match(other, /^x +2×1 +2$/m);
    assert.match(other, /^sealed +no/m);

    const sealed = encodeSafetensors(new Map([["x", { shape: [1], data: Float32Array.of(1) }]]), {});
    Deno.writeFileSync(foreign, sealed.map((byte, i) => i === sealed.length - 1 ? byte ^ 1 : byte));
    await refuse(["info", foreign], folder, 1, /foreign\.safetensors: the file is damaged/);
    await refuse(["info", join(folder, "none")], folder, 1, /none: there is no such file/);
    await refuse(["info", "--speed"], folder, 2, /unknown flag --speed/);
  }),
);
