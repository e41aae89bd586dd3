import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { balanced, type ExtractorFacts, type ImageSet } from "../../src/metrics/comparison.ts";
import { applicableMetrics, evaluateImages, numberNames, realFloor } from "../../src/metrics/evaluate.ts";
import { frechetDistance } from "../../src/metrics/frechet.ts";
import { type ImageMetricName, imageMetrics } from "../../src/metrics/image_metrics.ts";
import { randomOf } from "../support/random.ts";
import { cloud } from "./support.ts";

const extractor: ExtractorFacts = {
  name: "test",
  size: 2,
  channels: 1,
  features: 6,
  attributes: [{ name: "side", classes: ["left", "right"] }, { name: "digit", classes: ["0", "1", "2"] }],
};

const labels = (set: ImageSet) => new Map([["side", set.classes[0]]]);

/** Features around `shift`, classes at random, or all the first ones. */
function images(seed: string, count: number, shift = 0, collapsed = false): ImageSet {
  const random = randomOf(seed);
  const classes = extractor.attributes.map(({ classes }) =>
    Uint16Array.from({ length: count }, () => collapsed ? 0 : Math.floor(random() * classes.length))
  );
  const set = {
    count,
    features: Float32Array.from(cloud(`${seed} features`, count, 6, shift).values),
    classes,
    images: Float32Array.from(cloud(`${seed} pixels`, count, 4, shift).values, Math.tanh),
  };
  return { ...set, labels: labels(set) };
}

const real = images("real", 700);
const heldOut = images("held out", 300);
const all = Object.keys(imageMetrics) as ImageMetricName[];

Deno.test("every metric is computed, in the order asked, with a floor beside each number", () => {
  const sets = { samples: images("samples", 300, 1.5, true), real, heldOut };
  const measured = evaluateImages(all, sets, extractor);
  assert.deepEqual([...new Set(measured.map(({ metric }) => metric))], all);
  const names = all.flatMap((metric) => numberNames(metric, { labels: new Map([["side", []]]) }, extractor));
  assert.deepEqual(measured.map(({ name }) => name), names, "which numbers there will be is known before");
  for (const { metric, name, value, floor, better, count } of measured) {
    assert.ok(name === metric || name.startsWith(`${metric}-`), name);
    assert.equal(floor?.name, name);
    assert.ok(Number.isFinite(value) && Number.isFinite(floor!.value), name);
    assert.equal(count, 300);
    if (metric === "label-accuracy" || metric === "support") continue;
    // Samples that are moved away and collapsed are worse than real images by every measure.
    if (better === "lower") assert.ok(value > floor!.value, `${name}: ${value}, floor ${floor!.value}`);
    if (better === "higher") assert.ok(value < floor!.value, `${name}: ${value}, floor ${floor!.value}`);
  }
  const reversed = evaluateImages(all.toReversed(), sets, extractor);
  const byName = new Map(reversed.map((each) => [each.name, each]));
  for (const each of measured) assert.deepEqual(byName.get(each.name), each);
});

Deno.test("held-out images as samples score their own floor", () => {
  const floor = realFloor(all, { real, heldOut }, extractor);
  for (const { name, value, floor: { value: own } = { value: NaN } } of floor) assert.equal(value, own, name);
  const nearest = floor.find(({ name }) => name === "nearest-ratio");
  assert.equal(nearest?.value, 1);
});

Deno.test("metrics that say so, and no others, do not depend on the images learned from", () => {
  const samples = images("samples", 300, 1.5);
  for (const name of all) {
    if (name === "support") continue; // by how far apart real images are, of which these two sets have the same notion
    const numbers = (real: ImageSet) => JSON.stringify(evaluateImages([name], { samples, real, heldOut }, extractor));
    const same = numbers(real) === numbers(images("other real ones", 650, 0.7));
    assert.equal(same, imageMetrics[name].alone === true, name);
  }
});

Deno.test("samples and held-out images are cut to equal numbers by the seed", () => {
  const samples = images("samples", 500);
  const measure = (seed: number) =>
    evaluateImages(["frechet-distance"], { samples, real, heldOut }, extractor, { seed });
  const [first] = measure(0);
  assert.equal(first.count, 300);
  assert.deepEqual(measure(0), [first]);
  assert.notEqual(measure(1)[0].value, first.value);
  const points = ({ features, count }: ImageSet) => ({ values: features, count, length: 6 });
  assert.equal(first.floor?.value, frechetDistance(points(heldOut), points(real)));
});

Deno.test("pixels of as many samples as held-out images are compared, where there are fewer pixels than images too", () => {
  const withPixels = (set: ImageSet, pictured: number): ImageSet => ({
    ...set,
    images: set.images.slice(0, pictured * 4),
  });
  const samples = withPixels(images("samples", 400), 350);
  const cases = [[300, 300, 300], [500, 500, 350], [500, 120, 120]] as const;
  for (const [count, pictured, expected] of cases) {
    const set = withPixels(images("held out", count), pictured);
    const sets = { samples, real, heldOut: set };
    const cut = balanced(sets, extractor, 0);
    const lengths = [cut.samples, cut.heldOut].map(({ images }) => images.length / 4);
    assert.deepEqual(lengths, [expected, expected], `${count} held-out images, pixels of ${pictured}`);
    // The first values of images are all different: none is taken twice.
    const firsts = ({ images }: ImageSet) => [...images].filter((_, i) => i % 4 === 0);
    assert.equal(new Set(firsts(cut.heldOut)).size, expected);
    assert.ok(firsts(cut.heldOut).every((value) => firsts(set).includes(value)));
    const [sliced] = evaluateImages(["sliced-wasserstein"], sets, extractor);
    assert.equal(sliced.count, expected);
    // Samples are like the held-out images here, and so are the distances of as many of them.
    const ratio = sliced.value / sliced.floor!.value;
    assert.ok(ratio > 0.6 && ratio < 1.7, `${sliced.value} and ${sliced.floor?.value}`);
  }
});

Deno.test("numbers say of how many samples they are made: some metrics look at a few thousand only", () => {
  const sets = { samples: images("many", 5200), real, heldOut: images("others", 5200) };
  const measured = evaluateImages(["nearest", "coverage", "sliced-wasserstein", "modes"], sets, extractor);
  assert.deepEqual(measured.map(({ name, count }) => [name, count]), [
    ["nearest-ratio", 2000],
    ["nearest-closer", 2000],
    ["coverage", 700], // as many as there are real images
    ["sliced-wasserstein", 5000],
    ["modes", 5200],
  ]);
});

Deno.test("of a metric's spread neither low nor high values are better", () => {
  const measured = evaluateImages(["kernel-distance"], { samples: images("samples", 300), real, heldOut }, extractor);
  assert.deepEqual(measured.map(({ name, better }) => [name, better]), [
    ["kernel-distance", "lower"],
    ["kernel-distance-deviation", "neither"],
  ]);
});

Deno.test("what cannot be computed is left out of the list, and refused with the reason", () => {
  const { labels: _, ...unlabelled } = images("samples", 300);
  assert.deepEqual(applicableMetrics(unlabelled, extractor), all.filter((name) => name !== "label-accuracy"));
  assert.deepEqual(applicableMetrics(images("samples", 300), extractor), all);
  const sets = { samples: unlabelled, real, heldOut };
  const refused = (names: string[], pattern: RegExp, facts = extractor) =>
    assert.throws(
      () => evaluateImages(names, sets, facts),
      (error: unknown) => error instanceof UsageError && pattern.test(error.message),
    );
  refused(["label-accuracy"], /label-accuracy: the samples were not made for classes/);
  refused(["fid"], /no metric fid; expected one of frechet-distance/);
  refused(["toString"], /no metric toString/);
  refused(["modes"], /not seen by other/, { ...extractor, name: "other", features: 7 });
  const classes = Array.from({ length: 1000 }, String);
  refused(["modes"], /2000 combinations/, {
    ...extractor,
    attributes: [extractor.attributes[0], { name: "many", classes }],
  });
});

Deno.test("labels are judged by the attributes that have some", () => {
  const samples = images("samples", 300);
  const asked = samples.classes[0].map((side, i) => i < 30 ? 1 - side : side);
  const sets = { samples: { ...samples, labels: new Map([["side", asked]]) }, real, heldOut };
  const measured = evaluateImages(["label-accuracy"], sets, extractor);
  assert.deepEqual(measured.map(({ name, value, floor }) => [name, value, floor?.value]), [
    ["label-accuracy-side", 0.9, 1],
  ]);
});
