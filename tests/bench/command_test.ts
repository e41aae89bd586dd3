import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchRecord } from "../../bench/records.ts";

const script = fileURLToPath(new URL("../../scripts/bench.ts", import.meta.url));

async function run(...args: string[]): Promise<{ code: number; text: string; complaint: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-all", script, ...args],
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout), complaint: decode(stderr) };
}

Deno.test("a quick benchmark writes records and a page", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [json, html] = [join(folder, "records.json"), join(folder, "page.html")];
    const { code, text, complaint } = await run(
      ...["kernels", "--quick", "--alone", "--safe", "--filter", "gemm 256", "--json", json, "--html", html],
    );
    assert.equal(code, 0, complaint);
    assert.match(text, /roofs of a thread, plain Deno: \d+ GFLOP\/s in registers/);
    const records: BenchRecord[] = JSON.parse(await Deno.readTextFile(json));
    assert.deepEqual(
      records.map(({ suite, name, mode, threads, implementation }) => [suite, name, mode, threads, implementation]),
      [
        ["roofs", "multiply and add", "safe", 1, "duel"],
        ["roofs", "copy", "safe", 1, "duel"],
        ["kernels", "gemm 256", "safe", 1, "duel"],
        ["kernels", "gemm 256", "safe", 2, "duel"],
      ],
    );
    for (const { bestMs, medianMs, gflops, shareOfRoof } of records.slice(2)) {
      assert.ok(0 < bestMs && bestMs <= medianMs && gflops > 0 && shareOfRoof > 0);
    }
    assert.equal((await Deno.readTextFile(html)).match(/<circle /g)?.length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("flags that do not fit, and work that is not there, are refused with what there is", async () => {
  for (
    const [args, message] of [
      [["kernels", "--filter", "gem 1"], /no such work has "gem 1" in its name; there are\s+gemm 256 and /],
      [["steps", "--filter", "gemm"], /there are\s+dcgan-32 and 1 more like it/],
      [["kernels", "--trace", "t.json"], /--trace belongs to `bench profile`/],
      [["profile", "--json", "r.json"], /a profile is written with --trace/],
      [["peers", "--alone"], /--alone leaves out the peers/],
    ] as const
  ) {
    const { code, complaint } = await run(...args);
    assert.equal(code, 2);
    assert.match(complaint, message);
  }
});
