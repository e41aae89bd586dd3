import assert from "node:assert/strict";
import { listChoices } from "../../src/cli/choices_text.ts";
import { trainFlags } from "../../src/cli/train_flags.ts";
import { penalties } from "../../src/gan/penalties.ts";

Deno.test("train --list has a line on every preset, model, loss, penalty and condition", () => {
  const lines = listChoices().split("\n");
  const { preset, model, loss, condition } = trainFlags;
  const conditions = condition.choices.filter((name) => name !== "none");
  const names = [...preset.choices, ...model.choices, ...loss.choices, ...Object.keys(penalties), ...conditions];
  for (const name of names) assert.ok(lines.some((line) => line.match(new RegExp(`^${name} +\\S`))), name);
});
