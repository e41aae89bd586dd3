/** D alone on a line, where argmax D(x) is found by trying all x. */
import * as duel from "../../mod.ts";
import type { Findings, Stage } from "../experiment.ts";
import { joinedPictures } from "../images.ts";
import { percent, share } from "../numbers.ts";
import { minimise, rateAt, repeat } from "../training.ts";

const { add, mean, mul, square, sub } = duel.ops;

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
const RATES = { from: 3e-3, to: 1e-4 };
/** Where the first negatives are: far from the data, as random numbers are from images. */
const FIRST = { mean: -3.6, sd: 0.2 };

// #region D learns: high scores for real samples, low ones for negatives | D 學習：真實樣本給高分，負樣本給低分
function lesson(store: duel.Store, judge: (x: duel.Tensor) => duel.Tensor): duel.Program {
  return duel.trace(store, "lesson", () => {
    const real = judge(duel.input("real", [BATCH, 1]));
    const negative = judge(duel.input("negative", [BATCH, 1]));
    // The second term keeps scores from growing for ever where real samples and negatives are far apart.
    const restraint = mul(mean(add(square(real), square(negative))), 0.005);
    const loss = add(sub(mean(negative), mean(real)), restraint);
    minimise(loss, [duel.DISCRIMINATOR], 0);
    return { loss };
  });
}
// #endregion

// #region D generates: the more it likes a place, the more samples are put there | D 生成：越喜歡的地方放越多樣本
function generate(scores: Float32Array, count: number, seed: number, draw: number): Float32Array {
  let total = 0;
  const ends = sharesOf(scores).map((share) => total += share);
  const random = duel.random.uniforms(2 * count, seed, "generate", draw);
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
function overlapOf(scores: Float32Array): number {
  return sharesOf(scores).reduce((sum, share, i) => sum + Math.min(share, toy.density([places[i]]) * WIDTH), 0);
}

interface Round {
  readonly scores: Float32Array;
  /** What D has learned from. */
  readonly negatives: Float32Array;
  readonly overlap: number;
}

/** Rounds of learning and generating; with `noise`, the negatives stay what they were at first. */
async function rounds(stage: Stage, count: number, kind: "own" | "noise"): Promise<Round[]> {
  const { seed, say } = stage;
  const store = new duel.Store(seed);
  const { discriminator } = duel.mlp({ sample: [1], latent: 1, hidden: [64, 64], discriminatorActivation: "silu" });
  const judge = (x: duel.Tensor) => discriminator(x, "train");
  const learn = lesson(store, judge);
  const look = duel.trace(store, "look", () => ({ scores: judge(duel.input("x", [PLACES, 1])) }));
  const engine = await stage.compile(store, [learn, look]);
  const noise = (draw: number) =>
    Float32Array.from(duel.random.normals(BATCH, seed, "noise", draw), (value) => FIRST.mean + FIRST.sd * value);
  const real = new Float32Array(BATCH);
  const done: Round[] = [];
  let negatives: Float32Array = noise(0);
  const label = kind === "own" ? say("line", "一維") : say("line, noise alone", "一維，只有雜訊");
  await repeat(stage, label, { steps: count }, async (round, way) => {
    for (let update = 0; update < LESSON; update++) {
      const draw = round * LESSON + update;
      toy.fill(seed, draw, real);
      await engine.run(learn, { real, negative: negatives, rate: rateAt(RATES, way) }, { seed, draw });
    }
    const scores = Float32Array.from((await engine.run(look, { x: places }, { seed, draw: 0 })).scores);
    const overlap = overlapOf(scores);
    done.push({ scores, negatives, overlap });
    negatives = kind === "own" ? generate(scores, BATCH, seed, round) : noise(round + 1);
    return say(`overlap ${percent(overlap)}`, `重疊 ${percent(overlap)}`);
  });
  return done;
}

/** What can be seen of a round: the negatives, the real density, and D as a curve that fills the picture. */
function draw({ scores, negatives }: Round, size = 512): duel.Pixels {
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const curve = scores.map((score) => 0.05 + 0.85 * (score - low) / (high - low || 1));
  return duel.intervalPlot({ box: toy.box, density: toy.density, fake: negatives, curve, size });
}

/** Rounds that are shown: the first ones, then ever fewer. */
function pictured(count: number): number[] {
  const rounds = [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 64, 80, 100, 130, 160, 200, 250, 320, 400, 500];
  return [...rounds.filter((round) => round < count), count];
}

/** Rounds of the five panels: the first, the last, and between them each as many times later as the one before. */
function panels(count: number): number[] {
  return Array.from({ length: 5 }, (_, i) => Math.round(count ** (i / 4)));
}

/** The experiment on a line. */
export async function onALine(stage: Stage): Promise<Pick<Findings, "figures" | "measures">> {
  const { say } = stage;
  const count = Math.ceil(stage.steps(5000, 2000) / LESSON);
  const own = await rounds(stage, count, "own");
  const noise = await rounds(stage, count, "noise");
  const [last, failed] = [own[count - 1], noise[count - 1]];
  return {
    measures: [
      share(
        "line-overlap",
        say("line: overlap of the generated with the real density", "一維：生成的密度與真實密度的重疊"),
        last.overlap,
      ),
      share(
        "line-overlap-noise",
        say("the same where negatives are noise alone", "同上，但負樣本只有雜訊"),
        failed.overlap,
      ),
    ],
    figures: [
      {
        name: "line",
        title: say("D(x) on a line, round by round", "一維的 D(x)，一輪一輪看"),
        look: [
          say(
            "Orange: the real density. Blue: the negatives that D has just learned from. Dark: D(x), stretched to the height " +
              "of each picture. The first negatives are noise at the left edge, so D likes everything else. The next " +
              "negatives are where D is high; D must go down there. Round by round the negatives come closer, until they " +
              "cannot be told from real samples.",
            "橘色是真實資料的密度，藍色是 D 剛學過的負樣本，深色曲線是 D(x)（每張圖各自拉伸到圖高）。最初的負樣本是最左邊的雜訊，所以 D 覺得其他地方都很好；" +
              "下一輪的負樣本就在 D 值高的地方，於是 D 必須把那裡壓低。一輪一輪下來，負樣本越來越靠近真實樣本，直到再也分不出來。",
          ),
        ],
        content: {
          kind: "frames",
          frames: pictured(count).map((round) => ({
            caption: say(
              `round ${round}: overlap ${percent(own[round - 1].overlap)}`,
              `第 ${round} 輪：重疊 ${percent(own[round - 1].overlap)}`,
            ),
            picture: draw(own[round - 1]),
          })),
        },
      },
      {
        name: "line-panels",
        title: say("Five of these rounds", "其中五輪"),
        look: [
          say(
            `Rounds ${
              panels(count).join(", ")
            }. The negatives of each round are where D was high in the round before it.`,
            `第 ${panels(count).join("、")} 輪。每一輪的負樣本，都取自前一輪 D 值高的地方。`,
          ),
        ],
        content: {
          kind: "picture",
          picture: joinedPictures(panels(count).map((round) => draw(own[round - 1], 256)), 5),
        },
      },
      {
        name: "line-noise",
        title: say("Negatives of noise alone", "只用雜訊當負樣本"),
        look: [
          say(
            "As many lessons, but D has only ever seen noise at the left edge as negatives. It is one broad hill over " +
              "everything that is not noise, and says nothing of where in there the data are.",
            "學的次數一樣多，但 D 看過的負樣本始終只有最左邊的雜訊。D 成了一座寬廣的山丘，蓋住所有不是雜訊的地方，完全看不出資料究竟在其中哪裡。",
          ),
        ],
        content: { kind: "picture", picture: draw(failed) },
      },
    ],
  };
}
