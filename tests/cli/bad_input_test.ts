/** Everything wrong that `train` can be given: one clear line, the right exit code, and nothing written. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { encodePng } from "../../src/report/image.ts";
import { withSmallDisk } from "../checkpoint/temporary.ts";
import { contents, duel, inFolder, refuse, small, succeed, writeImages } from "./support/duel.ts";

/** A PNG picture of one colour, grey or not. */
function picture(width: number, height: number, channels: 1 | 3, shade: number): Uint8Array {
  const bytes = new Uint8Array(width * height * channels).map((_, i) => (shade + 40 * (i % channels)) % 256);
  return encodePng({ count: 1, width, height, channels, bytes });
}

/** Makes a folder of `count` pictures that are neither square nor of one size, every second one grey. */
function writePictures(folder: string, count: number): string {
  Deno.mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    Deno.writeFileSync(join(folder, `${i}.png`), picture(20 + i, 31, i % 2 === 0 ? 1 : 3, 9 * i));
  }
  return folder;
}

/** Refuses each, and sees that the folder is as before. */
async function refuseAll(folder: string, cases: readonly (readonly [string[], number, RegExp])[]): Promise<void> {
  await duel(["info"], folder); // the launcher remembers in the cache what this Deno accepts
  const before = contents(folder);
  for (const [args, code, message] of cases) await refuse(["train", ...args], folder, code, message);
  assert.deepEqual([...contents(folder).keys()], [...before.keys()]);
  assert.deepEqual(contents(folder), before);
}

const lacking = (what: string, ...args: string[]): [string[], number, RegExp] => [args, 2, new RegExp(what)];

Deno.test(
  "numbers and words that can't be meant",
  inFolder(async (folder) => {
    Deno.mkdirSync(join(folder, "taken"));
    await refuseAll(folder, [
      lacking('--steps is "-5"; expected a whole number from 1 to', "--steps", "-5"),
      lacking('--steps is "1e99"', "--steps", "1e99"),
      lacking('--batch is "2.5"', "--batch", "2.5"),
      lacking('--size is "4"; expected a whole number from 8 to 1024', "--size", "4"),
      lacking("dcgan makes images of 16, 32, 64, 128 pixels, not 48", "--size", "48"),
      lacking('--learning-rate is "NaN"', "--learning-rate", "NaN"),
      lacking('--beta1 is "1"', "--beta1", "1"),
      lacking("--beta1 belongs to --optimizer adam or adamw", "--optimizer", "sgd", "--beta1", "0.9"),
      lacking('--threads is "0"', "--threads", "0"),
      lacking("--steps needs a value", "--steps"),
      lacking("unknown flag --stepz. Did you mean --steps?", "--stepz", "5"),
      lacking('unexpected argument "mnist"', "mnist"),
      lacking('--loss is "hinje".*Did you mean hinge', "--loss", "hinje"),
      lacking("there is no .*facez; .*Did you mean faces", "--data", "facez"),
      lacking("taken exists already; choose another --out", "--out", join(folder, "taken")),
      [["--batch", "65536", "--dry-run"], 1, /GiB; use a smaller batch.*; the largest batch that fits is \d{4,5}$/],
      // A multiple of 8, as packs and their groups need.
      [
        ["--preset", "stacked-mnist", "--minibatch-deviation", "--batch", "65536", "--dry-run"],
        1,
        /GiB; use a smaller batch.*; the largest batch that fits is \d+([02468][048]|[13579][26])$/,
      ],
    ]);
  }),
);

Deno.test(
  "idx files that are missing, cut off, empty or of something else",
  inFolder(async (folder) => {
    const good = Deno.readFileSync(writeImages(folder));
    const write = (name: string, bytes: Uint8Array) => {
      Deno.mkdirSync(join(folder, name));
      Deno.writeFileSync(join(folder, name, "train-images-idx3-ubyte"), bytes);
      return join(folder, name);
    };
    const of = (name: string, bytes: Uint8Array, message: RegExp): [string[], number, RegExp] => {
      return [["--data", "idx", "--data-dir", write(name, bytes), "--size", "16"], 1, message];
    };
    Deno.mkdirSync(join(folder, "empty"));
    await refuseAll(folder, [
      of("cut", good.slice(0, 3000), /train-images-idx3-ubyte.*bytes/),
      of("nothing", new Uint8Array(), /train-images-idx3-ubyte/),
      of("text", new TextEncoder().encode("no images at all"), /train-images-idx3-ubyte/),
      of("one", changed(good, 7, 1).slice(0, 16 + 256), /one image; a GAN needs at least 16/),
      of("flat", changed(good, 15, 0).slice(0, 16), /shape 40×16×0; expected images/),
      [["--data", "idx", "--data-dir", join(folder, "empty")], 1, /has no idx files of images/],
      [["--data", "mnist", "--data-dir", join(folder, "empty")], 1, /has no train-images-idx3-ubyte/],
      [["--data", "mnist", "--data-dir", join(folder, "cut")], 1, /train-images-idx3-ubyte/],
      [["--data", "idx", "--data-dir", join(folder, "none")], 1, /none/],
      lacking("--data idx needs to know where the files are: give --data-dir", "--data", "idx"),
      lacking("faces are drawn, not read: leave out --data-dir", "--data-dir", folder),
    ]);
  }),
);

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  return bytes.map((byte, i) => i === at ? value : byte);
}

Deno.test(
  "folders with no pictures, one picture, or a damaged one",
  inFolder(async (folder) => {
    const path = (name: string) => join(folder, name);
    Deno.mkdirSync(path("empty"));
    writePictures(path("one"), 1);
    writePictures(path("damaged"), 20);
    Deno.writeFileSync(join(path("damaged"), "7.png"), picture(30, 30, 3, 7).slice(0, 60));
    writePictures(path("jpeg"), 20);
    Deno.writeTextFileSync(join(path("jpeg"), "x.jpg"), "not a picture");
    Deno.writeTextFileSync(path("file.txt"), "no data");
    await refuseAll(folder, [
      [["--data", path("empty")], 1, /empty has no PNG or JPEG pictures/],
      [["--data", path("one")], 1, /one has one image; a GAN needs at least 16/],
      [["--data", path("damaged")], 1, /7\.png/],
      [["--data", path("jpeg")], 1, /x\.jpg/],
      [["--data", path("file.txt")], 2, /file\.txt is a file that is no data set/],
      lacking("there is no .*none", "--data", path("none")),
    ]);
  }),
);

Deno.test(
  "pictures of any size, grey or coloured, are no bad input",
  inFolder(async (folder) => {
    const data = writePictures(join(folder, "pictures"), 20);
    const flags = ["--size", "16", "--base", "2", "--batch", "4", "--steps", "1"];
    const { stdout } = await succeed(["train", "--data", data, ...flags], folder);
    assert.match(stdout, /pictures, 20 images of 16×16×3/);
    const mlp = ["--model", "mlp", "--size", "19", "--hidden", "8", "--batch", "4", "--steps", "1"];
    await succeed(["train", "--data", data, ...mlp], folder);
  }),
);

Deno.test(
  "places that can't be written, and a full disk",
  inFolder(async (folder) => {
    const flags = small(folder).slice(1);
    const file = join(folder, "file");
    Deno.writeTextFileSync(file, "mine");
    await refuseAll(folder, [[[...flags, "--steps", "2", "--out", join(file, "run")], 1, /cannot make .*file/]]);

    const remount = (disk: string) => new Deno.Command("mount", { args: ["-o", "remount,ro", disk] }).output();
    await withSmallDisk(1000, async (disk) => {
      assert.ok((await remount(disk)).success);
      await refuse(["train", ...flags, "--out", join(disk, "run")], folder, 1, /read-only; write to another place/);
    });
    await withSmallDisk(300, async (disk) => {
      const run = join(disk, "run");
      const ended = await duel(["train", ...flags, "--checkpoint-every", "1", "--steps", "40", "--out", run], folder);
      assert.equal(ended.code, 1, ended.stdout + ended.stderr);
      assert.match(
        ended.stderr.trimEnd().split("\n").at(-1)!,
        /^duel: cannot write .*the disk is full; free some space/,
      );
      // What is there is whole: it can be described, and the run can go on when there is room again.
      const names = [...Deno.readDirSync(join(run, "checkpoints"))].map(({ name }) => name);
      for (const name of names) await succeed(["info", join(run, "checkpoints", name)], folder);
    });
  }),
);
