import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { duration, Progress } from "../../src/cli/progress.ts";

/** A stream that remembers, a clock that is set, a terminal of a given width. */
function stage(terminal: boolean, width = 80) {
  let text = "";
  const clock = { now: 0 };
  const stream = {
    isTerminal: () => terminal,
    writeSync: (bytes: Uint8Array) => {
      const part = bytes.subarray(0, 7); // streams may take less than they are given
      text += new TextDecoder().decode(part);
      return part.length;
    },
  };
  const options = { stream, now: () => clock.now, width: () => width };
  const written = () => {
    const all = text;
    text = "";
    return all;
  };
  return { options, clock, written };
}

Deno.test("in a pipe a plain line appears every ten seconds and at the end", () => {
  const { options, clock, written } = stage(false);
  const progress = new Progress(100, "training", options);
  for (let step = 1; step <= 100; step++) {
    clock.now += 250;
    progress.update(step, `loss ${step}`);
  }
  progress.end();
  assert.equal(
    written(),
    "training 1/100  loss 1\n" +
      "training 41/100  loss 41  15s left\n" +
      "training 81/100  loss 81  5s left\n" +
      "training 100/100  loss 100\n",
  );
});

Deno.test("on a terminal the bar is drawn at most ten times a second and cleared at the end", () => {
  const { options, clock, written } = stage(true);
  const progress = new Progress(1000, "training", options);
  for (let step = 0; step < 500; step++) {
    clock.now += 1;
    progress.update(step, "D 0.5");
  }
  const drawings = written().split("\r\x1b[2K").slice(1);
  assert.equal(drawings.length, 5);
  assert.equal(drawings[4], `training [${"#".repeat(12)}${".".repeat(18)}] 400/1000  D 0.5  1s left`);
  progress.log("checkpoint written");
  assert.equal(written(), `\r\x1b[2Kcheckpoint written\n${drawings[4]}`);
  progress.end();
  progress.end();
  progress.update(900);
  assert.equal(written(), "\r\x1b[2K");
});

Deno.test("the bar fits any width", () => {
  for (let width = 1; width < 120; width++) {
    const { options, written } = stage(true, width);
    using progress = new Progress(10, "rendering faces", options);
    progress.update(3, "12 images/s");
    const line = stripVTControlCharacters(written()).trim();
    assert.ok(line.length < Math.max(width, 1), `${line.length} columns in ${width}`);
  }
});

Deno.test("the time left follows the pace since the first update", () => {
  const { options, clock, written } = stage(false);
  const progress = new Progress(1000, "training", options);
  progress.update(900); // resumed
  clock.now = 20_000;
  progress.update(910);
  assert.match(written(), /910\/1000 {2}3m 00s left\n$/);
});

Deno.test("durations are short", () => {
  assert.equal(duration(400), "0s");
  assert.equal(duration(59_400), "59s");
  assert.equal(duration(245_000), "4m 05s");
  assert.equal(duration(7_620_000), "2h 07m");
});
