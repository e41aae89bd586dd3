/**
 * `course` with real processes. Each experiment is run on a quick stage, and has to show there what can be seen there;
 * with DUEL_NIGHTLY=1 also as a whole, which takes most of an hour.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXPERIMENT_NAMES, loadExperiment } from "../../src/course/experiments.ts";
import { command, duel, inFolder, refuse, succeed } from "../cli/support/duel.ts";
import { type Lesson, lessons, type Numbers } from "./lessons.ts";

const mnist = fileURLToPath(new URL("../../../shared/data/mnist", import.meta.url));
const withoutDigits = !existsSync(mnist);
if (withoutDigits) console.warn("experiments with digits are left out: the folder ../shared/data/mnist is missing");
const nightly = Deno.env.get("DUEL_NIGHTLY") === "1";

async function needsDigits(name: (typeof EXPERIMENT_NAMES)[number]): Promise<boolean> {
  return (await loadExperiment(name)).data.includes("mnist");
}

/** Runs an experiment. @returns its numbers, and what it printed. */
async function run(name: string, folder: string, ...flags: readonly string[]): Promise<[Numbers, string]> {
  const args = ["course", name, "--threads", "1", "--data-dir", mnist, "--out", join(folder, "out"), ...flags];
  const { stdout } = await succeed(args, folder);
  return [JSON.parse(Deno.readTextFileSync(join(folder, "out", name, "numbers.json"))).measures, stdout];
}

/** What can be read on a page. */
function textOf(page: string): string {
  return page.replaceAll(/<(style|script|pre)>[^]*?<\/\1>/g, "").replaceAll(/<[^>]*>/g, " ");
}

function requireLessons(expected: readonly Lesson[], numbers: Numbers): void {
  for (const [claim, holds] of expected) assert.ok(holds(numbers), `${claim}: ${JSON.stringify(numbers)}`);
}

Deno.test("every experiment has lessons, and every lesson an experiment", () => {
  assert.deepEqual(Object.keys(lessons), [...EXPERIMENT_NAMES]);
});

for (const name of EXPERIMENT_NAMES) {
  const ignore = withoutDigits && await needsDigits(name);
  Deno.test(
    `${name}: a quick run says what it found, writes a page that loads nothing, and shows its lesson`,
    { ignore },
    inFolder(async (folder) => {
      const [numbers, stdout] = await run(name, folder, "--quick");
      const { title } = await loadExperiment(name);
      const lines = stdout.trimEnd().split("\n");
      assert.ok(lines[0].startsWith(title.en) && lines.length >= 3 && lines.length <= 6, stdout);
      const report = join(folder, "out", name, "report.html");
      assert.equal(lines.at(-1)!.trim(), report);
      const page = Deno.readTextFileSync(report);
      const addresses = [...page.matchAll(/(?:src|href)="([^"]{0,20})/g)].map(([, address]) => address);
      assert.ok(addresses.length > 0 || page.includes("<svg") || page.includes("<table"));
      for (const address of addresses) assert.match(address, /^data:image\/png/);
      assert.deepEqual(
        (stdout + textOf(page)).match(/NaN|undefined|\[object/g),
        null,
        "values that no reader should see",
      );
      for (const [measure, value] of Object.entries(numbers)) assert.ok(Number.isFinite(value), `${measure}: ${value}`);
      for (const { name: file } of Deno.readDirSync(join(folder, "out", name))) {
        assert.match(file, /^[a-z0-9-]+\.(html|json|png|gif)$/);
      }
      requireLessons(lessons[name].quick, numbers);
    }),
  );
  Deno.test(
    `${name}: the whole experiment shows its lesson`,
    { ignore: ignore || !nightly },
    inFolder(async (folder) => requireLessons(lessons[name].whole, (await run(name, folder))[0])),
  );
}

Deno.test(
  "all experiments: without data none starts; each says what it found, and one that fails does not keep the others from it",
  { ignore: withoutDigits },
  inFolder(async (folder) => {
    Deno.writeTextFileSync(join(folder, "verses.txt"), "春眠不覺曉\n".repeat(64)); // for the one that learns from texts
    const flags = ["--quick", "--steps", "1", "--threads", "2", "--out", "out", "--data", "verses.txt", "--data-dir"];
    await succeed(["info"], folder); // the launcher remembers in the cache what this Deno accepts
    await refuse(["course", "all", ...flags, join(folder, "nowhere")], folder, 2, /nowhere/);
    assert.ok(!existsSync(join(folder, "out")));
    Deno.mkdirSync(join(folder, "out/vae/report.html"), { recursive: true }); // where its page should go
    const { code, stdout, stderr } = await duel(["course", "all", ...flags, mnist], folder);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^vae failed: cannot write .*report\.html/m);
    assert.match(stderr, /\nduel: vae failed; .*out\/logs has what they said\n$/);
    for (const name of EXPERIMENT_NAMES) {
      assert.equal(new RegExp(`^ {2}.*out/${name}/report.html$`, "m").test(stdout), name !== "vae", stdout);
    }
    const index = join(folder, "out/index.html");
    assert.equal(stdout.trimEnd().split("\n").at(-1), index);
    const links = Deno.readTextFileSync(index).match(/<a href="[a-z0-9-]+\/report\.html"><img/g);
    assert.equal(links?.length, EXPERIMENT_NAMES.length - 1);
  }),
);

Deno.test(
  "Ctrl-C ends all experiments that run, and the index has those that were finished",
  { ignore: withoutDigits || Deno.build.os === "windows" },
  inFolder(async (folder) => {
    const flags = ["--quick", "--steps", "1", "--threads", "2", "--out", "out", "--data-dir", mnist];
    const child = command(["course", "all", ...flags], folder).spawn();
    const decoder = new TextDecoder();
    let stdout = "";
    let interrupted = false;
    const errors = new Response(child.stderr).text();
    for await (const bytes of child.stdout) {
      stdout += decoder.decode(bytes, { stream: true });
      if (!interrupted && /report\.html\n/.test(stdout)) {
        interrupted = true;
        child.kill("SIGINT");
      }
    }
    assert.equal((await child.status).code, 130);
    assert.match(await errors, /\nduel: interrupted\n$/);
    const finished = stdout.match(/report\.html$/gm)!.length;
    assert.ok(finished < EXPERIMENT_NAMES.length);
    const index = Deno.readTextFileSync(join(folder, "out/index.html"));
    assert.equal(stdout.trimEnd().split("\n").at(-1), join(folder, "out/index.html"));
    assert.equal(index.match(/report\.html"><img/g)?.length, finished);
  }),
);

Deno.test(
  "the list names all experiments in both languages; a report and the index can be read in Chinese",
  inFolder(async (folder) => {
    for (const language of ["en", "zh-TW"] as const) {
      const { stdout } = await succeed(["course", "list", "--lang", language], folder);
      const names = stdout.split("\n").slice(1).map((line) => line.split(" ")[0]).filter((word) => word !== "");
      assert.deepEqual(names.slice(0, EXPERIMENT_NAMES.length), [...EXPERIMENT_NAMES]);
      for (const name of EXPERIMENT_NAMES) {
        const { title, about } = await loadExperiment(name);
        for (const text of [title, about]) assert.ok(stdout.includes(text[language]), text[language]);
      }
    }
    const { stdout } = await succeed(["course"], folder);
    assert.match(stdout, /^experiment +what it shows\n/);
    Deno.mkdirSync(join(folder, "out/vae"), { recursive: true }); // an experiment that was cut off
    const [, said] = await run("duel-1d", folder, "--quick", "--steps", "20", "--lang", "zh-TW");
    assert.match(said, /^一維的對決 .*\n {2}G 的密度與真實密度的重疊/);
    assert.match(Deno.readTextFileSync(join(folder, "out/duel-1d/report.html")), /<html lang="zh-TW">[^]*接下來可以試/);
    assert.match(
      Deno.readTextFileSync(join(folder, "out/duel-1d/report.html")),
      /course duel-1d --quick --steps 20 --seed 0 --lang zh-TW.*[^]*快速執行/,
      "a page says how it was made, and that more was not to be expected",
    );
    const index = Deno.readTextFileSync(join(folder, "out/index.html"));
    assert.match(
      index,
      /<html lang="zh-TW">[^]*<a href="duel-1d\/report\.html"><img [^>]*src="data:image\/png;base64,/,
    );
    assert.deepEqual(index.match(/href="[^"]*report.html"/g)?.length, 2, "only what has been run is in the index");
    const numbers = join(folder, "out/duel-1d/numbers.json");
    Deno.writeTextFileSync(numbers, Deno.readTextFileSync(numbers).replace(/"quick": true/, '"quick": false'));
    for (const name of ["duel-1d", "all"]) {
      const args = ["course", name, "--quick", "--data-dir", mnist, "--out", join(folder, "out")];
      await refuse(args, folder, 2, /duel-1d holds a whole run; choose another --out for a quick one/);
    }
  }),
);

Deno.test(
  "the same seed gives the same numbers and pictures, another one others",
  inFolder(async (folder) => {
    const flags = ["--quick", "--steps", "30"];
    const contents = async (out: string, ...more: readonly string[]) => {
      const args = ["course", "duel-1d", ...flags, "--out", join(folder, out), ...more];
      await succeed(args, folder);
      const files = [...Deno.readDirSync(join(folder, out, "duel-1d"))].map(({ name }) => name).sort();
      return files.map((name) => [name, Deno.readFileSync(join(folder, out, "duel-1d", name)).toBase64()]);
    };
    const first = await contents("a", "--threads", "1");
    assert.deepEqual(await contents("b", "--threads", "2"), first);
    assert.notDeepEqual(await contents("c", "--seed", "1"), first);
  }),
);

Deno.test(
  "a text of one's own is learned; one that is too short, or no experiment, is refused in one line",
  inFolder(async (folder) => {
    const path = join(folder, "verses.txt");
    const lines = Array.from({ length: 80 }, (_, i) => `春眠不覺曉${"一二三四五六七八九十"[i % 10]}\n`);
    Deno.writeTextFileSync(path, lines.slice(0, 5).join(""));
    await succeed(["info"], folder); // the launcher remembers in the cache what this Deno accepts
    await refuse(
      ["course", "structure", "--quick", "--data", path],
      folder,
      1,
      /has 5 lines of text; expected at least 64/,
    );
    await refuse(["course", "vae", "--data", path], folder, 2, /vae learns from no text; leave out --data/);
    await refuse(["course", "vea"], folder, 2, /vea.*Did you mean vae/);
    Deno.writeTextFileSync(path, lines.join(""));
    const [numbers] = await run("structure", folder, "--quick", "--data", path, "--steps", "30");
    assert.ok(numbers["valid-wgan-gp"] >= 0);
    assert.match(Deno.readTextFileSync(join(folder, "out/structure/report.html")), /--data [^<]*verses\.txt[^]*春/);
  }),
);
