/** Settings of `train` that come from a file, a preset or flags, and the schema of the file. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder, refuse, succeed } from "./support/duel.ts";

type Schema = {
  readonly properties?: Record<string, Schema>;
  readonly additionalProperties?: boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly exclusiveMaximum?: number;
  readonly description?: string;
};

/** Whether a value fits a schema, as far as this one has keywords. */
function fits(value: unknown, schema: Schema): boolean {
  if (schema.anyOf) return schema.anyOf.some((one) => fits(value, one));
  if (schema.enum && !schema.enum.includes(value)) return false;
  switch (schema.type) {
    case undefined:
      return true;
    case "object": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
      const { properties = {}, required = [] } = schema;
      return required.every((name) => name in value) &&
        Object.entries(value).every(([name, inner]) =>
          Object.hasOwn(properties, name) ? fits(inner, properties[name]) : schema.additionalProperties !== false
        );
    }
    case "array":
      return Array.isArray(value) && value.every((item) => fits(item, schema.items!));
    case "integer":
    case "number": {
      const { minimum = -Infinity, exclusiveMaximum = Infinity } = schema;
      return typeof value === "number" && (schema.type === "number" || Number.isInteger(value)) &&
        value >= minimum && value < exclusiveMaximum;
    }
    case "null":
      return value === null;
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    default:
      throw new TypeError(`a schema of the type ${schema.type}`);
  }
}

/** Flags of a run on points that takes no time. */
const tiny = ["train", "--data", "ring", "--batch", "8", "--hidden", "4", "--steps", "2", "--threads", "1"];
const configOf = (run: string) => JSON.parse(Deno.readTextFileSync(join(run, "config.json")));

Deno.test(
  "the schema that is printed accepts the config of a run and refuses what --config refuses",
  inFolder(async (folder) => {
    const schema: Schema = JSON.parse((await succeed(["train", "--schema"], folder)).stdout);
    const run = join(folder, "run");
    const game = [
      "--penalty",
      "r1=1..0.1",
      "--condition",
      "infogan",
      "--continuous",
      "1",
      "--beta2",
      "linear:0.9..0.99",
    ];
    await succeed([...tiny, ...game, "--out", run], folder);
    const { samples: _samples, plan: _plan, machine: _machine, ...settings } = configOf(run);
    assert.ok(fits(settings, schema), JSON.stringify(settings));
    assert.ok(fits({}, schema) && fits({ data: { name: "mnist" } }, schema));
    for (
      const wrong of [
        { stepz: 1 },
        { steps: "1" },
        { steps: 0 },
        { data: { sizes: 32 } },
        { loss: { name: "hinje" } },
        { penalties: [{ name: "r1", weight: 1, lazy: true }] },
        { condition: { ...settings.condition, label: [] } },
        { optimizer: { beta1: 1 } },
        { view: { noise: { shape: "cosine", from: 1, to: 0 } } },
      ]
    ) {
      assert.ok(!fits(wrong, schema), JSON.stringify(wrong));
      Deno.writeTextFileSync(join(folder, "wrong.json"), JSON.stringify(wrong));
      await refuse([...tiny, "--config", "wrong.json"], folder, 1, /^duel: cannot use .*wrong\.json: \w+/);
    }
    const described = (inner: Schema): number =>
      Number(inner.description !== undefined) +
      Object.values(inner.properties ?? {}).reduce((count, one) => count + described(one), 0);
    assert.ok(described(schema) > 25, "most settings say what they are");
  }),
);

Deno.test(
  "a config file that can't be meant is refused in one line, and nothing is written",
  inFolder(async (folder) => {
    const cases: [text: string, code: number, message: RegExp][] = [
      ['{"optimiser": {}}', 1, /optimiser: there is no such setting\. Did you mean optimizer\?$/],
      ['{"model": {"latentt": 3}}', 1, /model\.latentt: there is no such setting\. Did you mean latent\?$/],
      ['{"condition": {"kind": "concat", "codes": [], "continuous": 0}}', 1, /condition\.labels: it is missing$/],
      ['{"steps": "many"}', 1, /steps: .*Expected number but received "many"$/],
      ['{"view": {"noise": {"from": 1}}}', 1, /view\.noise: expected a number from 0, or a schedule such as \{.*\}$/],
      ['{"average": 1.5}', 1, /average: 1\.5 is no decay; expected numbers from 0 and below 1$/],
      ["{", 1, /config\.json: it is not JSON; mend it, or see --schema$/],
      ["[]", 1, /config\.json: it is not an object of settings; mend it/],
      ['{"data": {"name": "ring", "size": 32}}', 2, /ring are points, without a size; leave out data\.size/],
      ['{"data": {"name": "mnist", "faces": 100}}', 2, /mnist is not drawn; leave out data\.faces/],
      ['{"view": {"adaptive": true}}', 2, /nothing is augmented; leave out view\.adaptive/],
      ['{"loss": {"name": "hinge", "labelSmoothing": 0.1}}', 2, /hinge has no target to smooth/],
      ['{"batch": 6, "view": {"packed": 4}}', 2, /a batch of 6 does not split into packs of 4/],
      ['{"penalties": [{"name": "r1", "weight": 1}, {"name": "r1", "weight": 2}]}', 2, /penalty r1 is given twice/],
    ];
    for (const [text, code, message] of cases) {
      Deno.writeTextFileSync(join(folder, "config.json"), text);
      await refuse(["train", "--config", "config.json"], folder, code, message);
    }
    await refuse(["train", "--config", "none.json"], folder, 1, /cannot read .*none\.json: there is no such file/);
    await refuse(["train", "--preset", "facez"], folder, 2, /--preset is "facez".*Did you mean faces/);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["config.json"]);
  }),
);

Deno.test(
  "flags come before the file, the file before the preset, and the config of a run repeats it",
  inFolder(async (folder) => {
    const settings = {
      data: { name: "ring", size: null, faces: null, flip: false },
      model: { name: "mlp", hidden: [4], latent: 3 },
      optimizer: { discriminatorRate: 0.01, beta1: 0.25 },
      penalties: [{ name: "r2", weight: 3 }],
      batch: 8,
      steps: 3,
      seed: 5,
    };
    Deno.mkdirSync(join(folder, "recipes"));
    Deno.writeTextFileSync(join(folder, "recipes", "ring.json"), JSON.stringify(settings));
    const from = ["train", "--preset", "faces", "--config", "recipes/ring.json", "--threads", "1"];
    const flags = ["--latent", "2", "--learning-rate-g", "0.5", "--seed", "6", "--penalty", "r1"];
    await succeed([...from, ...flags, "--out", join(folder, "first")], folder);
    const config = configOf(join(folder, "first"));
    assert.deepEqual(
      [config.data.name, config.model.latent, config.model.hidden, config.batch, config.steps, config.seed],
      ["ring", 2, [4], 8, 3, 6],
    );
    const { discriminatorRate, generatorRate, beta1, beta2 } = config.optimizer;
    assert.deepEqual([discriminatorRate, generatorRate, beta1, beta2], [0.01, 0.5, 0.25, 0.999]);
    assert.deepEqual(config.penalties, [{ name: "r1", weight: 1 }], "a list is given as a whole");

    await succeed(["train", "--config", join(folder, "first", "config.json"), "--out", join(folder, "again")], folder);
    const final = (run: string) => Deno.readFileSync(join(folder, run, "checkpoints", "step-000003.safetensors"));
    assert.deepEqual(final("again"), final("first"));
    for (const flag of [["--preset", "faces"], ["--config", "recipes/ring.json"]]) {
      await refuse(["train", "--resume", join(folder, "first"), ...flag], folder, 2, /leave out --(preset|config)$/);
    }
  }),
);

Deno.test(
  "flags that mean nothing beside the others are refused",
  inFolder(async (folder) => {
    const cases: [flags: string[], message: RegExp][] = [
      [["--labels", "digit"], /--labels belongs to --condition with a kind that takes labels; leave it out, or add/],
      [["--condition", "acgan", "--codes", "4"], /--codes belongs to --condition infogan/],
      [["--condition", "acgan"], /these data have no labels to condition on/],
      [["--condition", "infogan", "--continuous", "2"], /2 continuous codes leave none of 2 latent numbers/],
      [["--augment", "all"], /--augment belongs to data of images/],
      [["--adaptive"], /--adaptive belongs to --augment/],
      [["--flip"], /--flip belongs to data of images/],
      [["--loss", "hinge", "--label-smoothing", "0.1"], /--label-smoothing belongs to losses with a target/],
      [["--burn-in", "10"], /--burn-in belongs to a schedule, such as --noise 0\.1\.\.0/],
      [["--base", "4"], /--base belongs to --model /],
      [["--penalty", "r3"], /--penalty: there is no r3; expected one of .*Did you mean r1\?/],
      [["--noise", "1..1e999"], /--noise is "1\.\.1e999"; expected a number, or a schedule such as/],
      [["--penalty", "r1=1e39"], /--penalty is "1e39"; expected a number/],
      [["--model", "r3gan", "--base", "8"], /r3gan takes its channels from --hidden or from --base; leave one of them/],
      [["--minibatch-deviation", "--batch", "9"], /a batch of 9 does not split into the groups of 4/],
      [["--data", "faces", "--augment", "all,all", "--model", "mlp"], /--augment\) has brightness twice/],
      [["--noise", "loud"], /--noise is "loud"; expected a number, or a schedule such as/],
      [["--beta2", "0.9..1"], /--beta2 is "0.9..1"; expected numbers below 1/],
      [["--average", "1"], /--average is "1"; expected numbers below 1/],
    ];
    for (const [flags, message] of cases) await refuse([...tiny, ...flags], folder, 2, message);
  }),
);
