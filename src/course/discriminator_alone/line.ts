/** D alone on a line, where argmax D(x) is found by trying all x. */
import * as duel from "../../mod.ts";
import type { Figure, Measure, Stage } from "../experiment.ts";
import { repeat } from "../training.ts";

const { add, mean, mul, square, sub } = duel.ops;
const { input } = duel;

const toy = duel.toys["mixture-1d"];
const [LOW, HIGH] = toy.box[0];
/** Places that are tried. */
const PLACES = 512;
const WIDTH = (HIGH - LOW) / PLACES;
const places = Float32Array.from({ length: PLACES }, (_, i) => LOW + (i + 0.5) * WIDTH);
const BATCH = 512;
/** Updates of D between two sets of negatives. */
const LESSON = 5;
/** The learning rate fades: at the end D is to come to rest, not to chase the negatives from side to side. */
const RATE = { shape: "cosine", from: 3e-3, to: 1e-4 } as const;
/** Where the first negatives are: far from the data, as random numbers are from images. */
const FIRST = { mean: -3.6, sd: 0.2 };

// #region D learns: high scores for real samples, low ones for negatives
function lesson(store: duel.Store, judge: (x: duel.Tensor) => duel.Tensor): duel.Program {
  return duel.trace(store, "lesson", () => {
    const real = judge(input("real", [BATCH, 1]));
    const negative = judge(input("negative", [BATCH, 1]));
    // The second term keeps scores from growing for ever where real samples and negatives are far apart.
    const loss = add(sub(mean(negative), mean(real)), mul(mean(add(square(real), square(negative))), 0.005));
    const parameters = duel.slotsOf(duel.DISCRIMINATOR, "parameter");
    duel.adam(parameters, duel.grad(loss, parameters.map(duel.read)), { learningRate: input("rate", []), beta1: 0 });
    return { loss };
  });
}
// #endregion

// #region D generates: the more it likes a place, the more samples are put there
function generate(scores: Float32Array, count: number, seed: number, draw: number): Float32Array {
  const shares = sharesOf(scores);
  const random = duel.random.uniforms(2 * count, seed, "generate", draw);
  const ends = shares.map(((total) => (share) => total += share)(0));
  return Float32Array.from({ length: count }, (_, i) => {
    const place = ends.findIndex((end) => end >= random[2 * i]);
    return LOW + ((place < 0 ? PLACES - 1 : place) + random[2 * i + 1]) * WIDTH;
  });
}
// #endregion

/** exp(D) / Σ exp(D): which share of the samples each place gets. */
function sharesOf(scores: Float32Array): Float64Array {
  const most = Math.max(...scores);
  const weights = Float64Array.from(scores, (score) => Math.exp(score - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** How much of both densities is common: Σ min(p, q). */
function overlap(scores: Float32Array): number {
  return sharesOf(scores).reduce((sum, share, i) => sum + Math.min(share, toy.density([places[i]]) * WIDTH), 0);
}

interface Round {
  readonly round: number;
  readonly scores: Float32Array;
  readonly negatives: Float32Array;
  readonly overlap: number;
}

/** Rounds of learning and generating; without `iterate`, the negatives stay what they were at first. */
async function rounds(stage: Stage, count: number, iterate: boolean): Promise<Round[]> {
  const { seed } = stage;
  const store = new duel.Store(seed);
  const { discriminator } = duel.mlp({ sample: [1], latent: 1, hidden: [64, 64], discriminatorActivation: "silu" });
  const judge = (x: duel.Tensor) => discriminator(x, "train");
  const learn = lesson(store, judge);
  const look = duel.trace(store, "look", () => ({ scores: judge(input("x", [PLACES, 1])) }));
  const engine = await stage.compile(store, [learn, look]);
  const noise = (draw: number) =>
    Float32Array.from(duel.random.normals(BATCH, seed, "noise", draw), (value) => FIRST.mean + FIRST.sd * value);
  const real = new Float32Array(BATCH);
  const done: Round[] = [];
  const kind = iterate ? stage.say("negatives by D", "D 自己的負例") : stage.say("negatives of noise", "雜訊負例");
  let negatives: Float32Array = noise(0);
  await repeat(stage, stage.say(`line, ${kind}`, `一維，${kind}`), { steps: count }, async (round) => {
    for (let update = 0; update < LESSON; update++) {
      const draw = round * LESSON + update;
      toy.fill(seed, draw, real);
      const rate = Float32Array.of(duel.valueAt({ ...RATE, steps: count * LESSON }, draw));
      await engine.run(learn, { real, negative: negatives, rate }, { seed, draw });
    }
    const { scores } = await engine.run(look, { x: places }, { seed, draw: 0 });
    const kept = Float32Array.from(scores);
    done.push({ round: round + 1, scores: kept, negatives, overlap: overlap(kept) });
    negatives = iterate ? generate(kept, BATCH, seed, round) : noise(round + 1);
    return `overlap ${(100 * overlap(kept)).toFixed(0)} %`;
  });
  return done;
}

/** What can be seen of a round: D as a curve, the negatives that it has just learned from, the real density. */
function draw({ scores, negatives }: Round): duel.Pixels {
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const judgement = scores.map((score) => 0.05 + 0.85 * (score - low) / (high - low || 1));
  return duel.intervalPlot({ box: toy.box, density: toy.density, fake: negatives, judgement });
}

/** Rounds that are shown: the first ones, then ever fewer. */
function picked(count: number): number[] {
  const rounds = [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 64, 80, 100, 130, 160, 200, 250, 320, 400, 500];
  return [...rounds.filter((round) => round < count), count];
}

/** The experiment on a line. */
export async function onALine(stage: Stage): Promise<{ figures: Figure[]; measures: Measure[] }> {
  const { say } = stage;
  const count = Math.max(10, Math.ceil(stage.steps(5000, 2000) / LESSON));
  const own = await rounds(stage, count, true);
  const noise = await rounds(stage, Math.min(count, 50), false);
  const [last, failed] = [own[own.length - 1], noise[noise.length - 1]];
  const frames = picked(count).map((round) => ({
    caption: say(
      `round ${round}: overlap ${(100 * own[round - 1].overlap).toFixed(0)} %`,
      `第 ${round} 輪：重疊 ${(100 * own[round - 1].overlap).toFixed(0)} %`,
    ),
    picture: draw(own[round - 1]),
  }));
  return {
    figures: [
      {
        name: "line",
        title: say("D(x) on a line, round by round", "一維的 D(x)，一輪一輪看"),
        look: [
          say(
            "Orange: the real density. Blue: the negatives that D has just learned from. Dark: D(x). The first negatives " +
              "are noise at the left edge, so D likes everything else. The next negatives are where D is high; D must " +
              "go down there. Round by round the negatives come closer, until they cannot be told from real samples.",
            "橘色是真實資料的密度，藍色是 D 剛學過的負例，深色曲線是 D(x)。最初的負例只是左邊的雜訊，所以 D 覺得其他地方都很好；" +
              "下一輪的負例就取自 D 高的地方，於是 D 必須把那裡壓低。一輪一輪下來，負例越來越靠近真實資料，最後無法分辨。",
          ),
        ],
        content: { kind: "frames", frames },
      },
      {
        name: "line-noise",
        title: say("Negatives of noise alone", "只用雜訊當負例"),
        look: [
          say(
            "D has only ever seen noise at the left edge as negatives. It is right about all of them, and knows nothing " +
              "of the places between the real samples and beyond them: argmax D(x) is nowhere near the data.",
            "D 只看過左邊的雜訊當負例。它全部答對，卻對真實資料之間和之外的地方一無所知：argmax D(x) 離資料很遠。",
          ),
        ],
        content: { kind: "picture", picture: draw(failed) },
      },
    ],
    measures: [
      {
        name: "line-overlap",
        about: say("line: overlap of the generated with the real density", "一維：生成密度與真實密度的重疊"),
        value: last.overlap,
        share: true,
      },
      {
        name: "line-overlap-noise",
        about: say("the same where negatives are noise alone", "同上，但負例只有雜訊"),
        value: failed.overlap,
        share: true,
      },
    ],
  };
}
