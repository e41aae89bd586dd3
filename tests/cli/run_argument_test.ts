import assert from "node:assert/strict";
import { dataPaths, mirrorHosts } from "../../src/cli/run_argument.ts";
import { PUBLISHED } from "../../src/data/mnist.ts";
import { DATASET_NAMES } from "../../src/data/types.ts";

Deno.test("a data set is downloaded from the hosts that have its files, stacks from those of their digits", () => {
  const hosts = PUBLISHED.mnist.mirrors.map((mirror) => new URL(mirror).host);
  assert.equal(hosts.length, 2);
  assert.deepEqual(mirrorHosts("mnist"), hosts);
  assert.deepEqual(mirrorHosts("stacked-mnist"), hosts);
  for (const name of ["faces", "folder", "constructor", undefined]) assert.deepEqual(mirrorHosts(name), []);
});

Deno.test("a path is read, for an idx file the folder around it, and for a name nothing", () => {
  for (const name of DATASET_NAMES) assert.deepEqual(dataPaths(name, "/cwd"), []);
  assert.deepEqual(dataPaths("pictures", "/cwd"), ["/cwd/pictures"]);
  assert.deepEqual(dataPaths("a/t10k-images-idx3-ubyte.gz", "/cwd"), ["/cwd/a"]);
});
