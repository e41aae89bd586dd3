/** Runs on pictures in classes, and samples on demand. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { decode } from "fast-png";
import { encodePng } from "../../src/report/image.ts";
import { inFolder, refuse, succeed } from "./support/duel.ts";

/** Grey pictures, dark ones and light ones, in a folder for each class. */
function writeClasses(folder: string): string {
  const data = join(folder, "pictures");
  for (const [index, name] of ["dark", "light", "mid grey"].entries()) {
    Deno.mkdirSync(join(data, name), { recursive: true });
    for (let i = 0; i < 6; i++) {
      const bytes = new Uint8Array(256).map((_, at) => 20 + 100 * index + 5 * i + at % 7);
      const png = encodePng({ count: 1, width: 16, height: 16, channels: 1, bytes });
      Deno.writeFileSync(join(data, name, `${i}.png`), png);
    }
  }
  return data;
}

/** Flags of a conditional run that takes no time. */
function conditional(folder: string, kind: string): string[] {
  const size = ["--size", "16", "--base", "2", "--latent", "4", "--batch", "4"];
  return ["train", "--data", writeClasses(folder), ...size, "--condition", kind, "--checkpoint-every", "4"];
}

Deno.test(
  "sub-folders are labels to make samples of: one class, all of them, or what the seed draws",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    const { stdout } = await succeed([
      ...conditional(folder, "projection"),
      "--learning-rate",
      "0.02",
      "--steps",
      "8",
      "--out",
      run,
    ], folder);
    assert.match(stdout, /^labels +folder \(3\); projection$/m);
    const rows = async (name: string, ...args: string[]) => {
      await succeed(["sample", run, ...args, "--out", join(folder, name)], folder);
      return Deno.readTextFileSync(join(folder, name, "labels.csv")).trimEnd().split("\r\n");
    };
    const pixels = (name: string, file: string) => decode(Deno.readFileSync(join(folder, name, file))).data;
    assert.deepEqual(await rows("one", "--seeds", "4,9", "--label", "folder=mid grey"), [
      "file,seed,folder",
      "0.png,4,mid grey",
      "1.png,9,mid grey",
    ]);
    assert.deepEqual(await rows("all", "--seeds", "4,9", "--label", "folder=all"), [
      "file,seed,folder",
      ...["0.png,4,dark", "1.png,4,light", "2.png,4,mid grey", "3.png,9,dark", "4.png,9,light", "5.png,9,mid grey"],
    ]);
    assert.deepEqual(pixels("all", "2.png"), pixels("one", "0.png"));
    assert.notDeepEqual(pixels("all", "0.png"), pixels("all", "1.png"));
    const drawn = await rows("drawn", "--n", "12");
    assert.equal(new Set(drawn.slice(1).map((row) => row.split(",")[2])).size, 3, `${drawn}`);
    // A new file beside the run's samples, a row for each seed.
    const { stdout: said } = await succeed(
      ["sample", run, "--n", "5", "--label", "folder=all", "--scale", "1"],
      folder,
    );
    const grid = decode(Deno.readFileSync(/: (.*step-000008-seeds-0-4-folder-all\.png)$/m.exec(said)![1]));
    assert.ok(grid.height > 1.5 * grid.width, `${grid.width}×${grid.height}: 3 columns, 5 rows`);

    const cases: [label: string, message: RegExp][] = [
      ["foldr=dark", /--label: there is no "foldr"; it knows folder\. Did you mean folder\?$/],
      [
        "folder=drak",
        /--label: folder cannot be "drak"; expected dark, light, mid grey, or all\. Did you mean dark\?$/,
      ],
      ["folder", /--label: folder cannot be ""; expected dark/],
    ];
    for (const [label, message] of cases) await refuse(["sample", run, "--label", label], folder, 2, message);
    await refuse(["train", "--resume", run, "--labels", "folder"], folder, 2, /--labels belongs to --condition/);
    await refuse(["train", "--resume", run, "--condition", "acgan"], folder, 2, /condition\.kind \("projection" there/);
    const wrong = [...conditional(folder, "concat"), "--labels", "hair"];
    await refuse(wrong, folder, 2, /--labels: pictures have no labels called hair; they have folder/);
  }),
);

Deno.test(
  "a conditional run that is resumed ends as the one that ran through, with labels or codes",
  inFolder(async (folder) => {
    for (const kind of ["acgan", "infogan"]) {
      const flags = [...conditional(folder, kind), "--loss", "relativistic", "--noise", "0.2..0", "--burn-in", "6"];
      const out = (name: string) => join(folder, `${kind} ${name}`);
      await succeed([...flags, "--steps", "8", "--threads", "1", "--out", out("whole")], folder);
      await succeed([...flags, "--steps", "4", "--out", out("parts")], folder);
      await succeed(["train", "--resume", out("parts"), "--steps", "8"], folder);
      const final = (name: string) => Deno.readFileSync(join(out(name), "checkpoints", "step-000008.safetensors"));
      assert.deepEqual(final("parts"), final("whole"));
    }
    await succeed(["sample", join(folder, "infogan whole"), "--n", "2", "--label", "code=all"], folder);
  }),
);

Deno.test(
  "a config file may lie beside the pictures that it names, wherever it is called from",
  inFolder(async (folder) => {
    writeClasses(folder);
    const settings = {
      data: { name: "pictures", size: 16 },
      model: { base: 2, latent: 4 },
      condition: { kind: "concat", labels: ["folder"], codes: [], continuous: 0 },
      batch: 4,
      steps: 1,
    };
    Deno.writeTextFileSync(join(folder, "settings.json"), JSON.stringify(settings));
    const elsewhere = join(folder, "elsewhere");
    Deno.mkdirSync(elsewhere);
    const { stdout } = await succeed(["train", "--config", "../settings.json"], elsewhere);
    assert.match(stdout, /^data +pictures, 18 images of 16×16×1/m);
    assert.match(stdout, /^labels +folder \(3\); concat$/m);
  }),
);
