/** D alone on a line, where argmax D(x) is found by trying all x. */
import * as duel from "../../mod.ts";
import type { Findings, Stage } from "../experiment.ts";
import { gumbel } from "../gumbel.ts";
import { joinedPictures } from "../images.ts";
import { percent, share } from "../numbers.ts";
import { minimise, rateAt, repeat } from "../training.ts";
import { scoreLoss } from "./loss.ts";

const { add, argmax } = duel.ops;

const toy = duel.toys["mixture-1d"];
const [LOW, HIGH] = toy.box[0];
/** Places that are tried. */
const PLACES = 512;
const WIDTH = (HIGH - LOW) / PLACES;
const places = Float32Array.from({ length: PLACES }, (_, i) => LOW + (i + 0.5) * WIDTH);
const BATCH = 512;
/** Updates of D between two sets of negatives. */
const LESSON = 2;
/** The learning rate fades: at the end D is to come to rest, not to chase the negatives from side to side. */
const RATES = { from: 3e-3, to: 1e-4 };
const RESTRAINT = 0.005;
/** Noise at the left edge: far from the data, as random numbers are from images. */
const EDGE = { mean: -3.6, sd: 0.2 };

/** Writes a batch of noise; a pure function of seed and draw. */
type Noise = (seed: number, draw: number) => Float32Array;

const atTheEdge: Noise = (seed, draw) =>
  Float32Array.from(duel.random.normals(BATCH, seed, "noise", draw), (value) => EDGE.mean + EDGE.sd * value);
const everywhere: Noise = (seed, draw) =>
  Float32Array.from(duel.random.uniforms(BATCH, seed, "noise", draw), (share) => LOW + (HIGH - LOW) * share);

/** A way to teach D. */
interface Method {
  readonly label: string;
  /** Of the scores of real samples and of negatives. */
  readonly loss: (real: duel.Tensor, negative: duel.Tensor) => duel.Tensor;
  readonly noise: Noise;
  /** Whether D's own samples take the place of noise after the first lesson. */
  readonly iterated: boolean;
}

interface Round {
  readonly scores: Float32Array;
  /** What D has learned from. */
  readonly negatives: Float32Array;
  readonly overlap: number;
}

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

/** Samples by D, as indices of places. */
function generator(store: duel.Store, judge: (x: duel.Tensor) => duel.Tensor): duel.Program {
  return duel.trace(store, "generate", () => {
    // #region D generates: x̃ = argmax of D(x) + noise over all x; each sample has its own noise | D 生成：x̃ = argmax（D(x) + 雜訊），所有 x 都試一遍；每個樣本各有自己的雜訊
    const scores = judge(duel.input("x", [PLACES, 1]));
    const best = argmax(add(scores, gumbel("try", [BATCH, PLACES])), 1);
    // #endregion
    return { best };
  });
}

/** Rounds of learning and generating. */
async function rounds(stage: Stage, count: number, { label, loss, noise, iterated }: Method): Promise<Round[]> {
  const { seed, say } = stage;
  const store = new duel.Store(seed);
  const { discriminator } = duel.mlp({ sample: [1], latent: 1, hidden: [64, 64], discriminatorActivation: "silu" });
  const judge = (x: duel.Tensor) => discriminator(x, "train");
  const learn = duel.trace(store, "lesson", () => {
    const [real, negative] = ["real", "negative"].map((name) => judge(duel.input(name, [BATCH, 1])));
    minimise(loss(real, negative), [duel.DISCRIMINATOR], 0);
    return {};
  });
  const look = duel.trace(store, "look", () => ({ scores: judge(duel.input("x", [PLACES, 1])) }));
  const generate = generator(store, judge);
  const engine = await stage.compile(store, [learn, look, generate]);
  const own = async (draw: number) => {
    const { best } = await engine.run(generate, { x: places }, { seed, draw });
    return Float32Array.from(best, (place) => places[place]);
  };
  const real = new Float32Array(BATCH);
  const done: Round[] = [];
  let negatives = noise(seed, 0);
  await repeat(stage, label, { steps: count }, async (round, way) => {
    for (let update = 0; update < LESSON; update++) {
      const draw = round * LESSON + update;
      toy.fill(seed, draw, real);
      await engine.run(learn, { real, negative: negatives, rate: rateAt(RATES, way) }, { seed, draw });
    }
    const scores = Float32Array.from((await engine.run(look, { x: places }, { seed, draw: 0 })).scores);
    const overlap = overlapOf(scores);
    done.push({ scores, negatives, overlap });
    negatives = iterated ? await own(round) : noise(seed, round + 1);
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
  const decade = [10, 13, 16, 20, 25, 32, 40, 50, 64, 80];
  const rounds = [1, 2, 3, 4, 5, 6, 8, ...[1, 10, 100].flatMap((unit) => decade.map((round) => round * unit))];
  return [...rounds.filter((round) => round < count), count];
}

/** Up to five rounds: the first, the last, and between them each as many times later as the one before. */
function panels(count: number): number[] {
  return [...new Set(Array.from({ length: 5 }, (_, i) => Math.round(count ** (i / 4))))];
}

/** How D is taught, by name. */
function methods({ say }: Stage) {
  const loss: Method["loss"] = (real, negative) => scoreLoss(real, negative, RESTRAINT);
  // The loss of a GAN's D, whose best scores against noise of density q are log p − log q.
  const crossEntropy: Method["loss"] = (real, negative) =>
    duel.losses["non-saturating"].discriminator(real, negative, 1);
  return {
    own: { label: say("line", "一維"), loss, noise: atTheEdge, iterated: true },
    edge: { label: say("line, noise at the edge", "一維，邊緣的雜訊"), loss, noise: atTheEdge, iterated: false },
    everywhere: {
      label: say("line, noise everywhere", "一維，到處都是雜訊"),
      ...{ loss, noise: everywhere, iterated: false },
    },
    crossEntropy: {
      label: say("line, noise everywhere, cross-entropy", "一維，到處都是雜訊，交叉熵"),
      ...{ loss: crossEntropy, noise: everywhere, iterated: false },
    },
  } as const satisfies Record<string, Method>;
}

/** The experiment on a line. */
export async function onALine(stage: Stage): Promise<Pick<Findings, "figures" | "measures">> {
  const { say } = stage;
  const count = Math.ceil(stage.steps(5000, 1200) / LESSON);
  const countOfNoise = Math.ceil(stage.steps(5000, 400) / LESSON);
  const by = methods(stage);
  const own = await rounds(stage, count, by.own);
  const last = async (method: Method) => (await rounds(stage, countOfNoise, method))[countOfNoise - 1];
  const edge = await last(by.edge);
  const everywhere = await last(by.everywhere);
  const crossEntropy = await last(by.crossEntropy);
  // A D that says the same of all places.
  const flat = overlapOf(new Float32Array(PLACES));
  const highest = Math.max(...everywhere.scores).toFixed(0);
  return {
    measures: [
      share(
        "line-overlap",
        say("line: overlap of the generated with the real density", "一維：生成的密度與真實密度的重疊"),
        own[count - 1].overlap,
      ),
      share(
        "line-overlap-edge",
        say("the same where negatives are noise at the left edge", "同上，但負樣本只有最左邊的雜訊"),
        edge.overlap,
      ),
      share("line-overlap-flat", say("the same of a D that is the same everywhere", "同上，D 處處相同"), flat),
      share(
        "line-overlap-everywhere",
        say("the same where negatives are noise all over the line", "同上，但負樣本是整條線上的雜訊"),
        everywhere.overlap,
      ),
      share(
        "line-overlap-cross-entropy",
        say("the same noise, and cross-entropy as the loss", "同樣的雜訊，但損失函數是交叉熵"),
        crossEntropy.overlap,
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
              "negatives are where D is high; D must go down there. Round by round the negatives come closer to the data.",
            "橘色是真實資料的密度，藍色是 D 剛學過的負樣本，深色曲線是 D(x)（每張圖各自拉伸到圖高）。最初的負樣本是最左邊的雜訊，所以 D 覺得其他地方都很好；" +
              "下一輪的負樣本就在 D 值高的地方，於是 D 必須把那裡壓低。一輪一輪下來，負樣本越來越靠近真實資料。",
          ),
          say(
            `All ${PLACES} places are tried. argmax D(x) is a single place, the same for every sample; so each sample adds ` +
              "noise of its own to all D(x) first. With Gumbel noise a place is then the highest with a probability in " +
              "proportion to exp(D(x)), and many samples show D as a density. The overlap is that of this density with the real " +
              `one, after the round; a D that is the same everywhere has ${percent(flat)}.`,
            `${PLACES} 個位置全都試一遍。argmax D(x) 只是一個位置，每個樣本都一樣；所以每個樣本先在所有的 D(x) 上加上自己的雜訊。` +
              "用 Gumbel 雜訊的話，每個位置成為最高的機率就與 exp(D(x)) 成正比，許多樣本合起來就把 D 顯示成一個密度。重疊指的是這一輪之後，這個密度與真實密度的重疊；處處相同的 D 是 " +
              `${percent(flat)}。`,
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
        title: say("Some of these rounds", "其中幾輪"),
        look: [
          say(
            `Rounds ${
              panels(count).join(", ")
            }. The negatives of each round but the first are where D was high in the round before it.`,
            `第 ${panels(count).join("、")} 輪。除了第一輪，每一輪的負樣本都取自前一輪 D 值高的地方。`,
          ),
        ],
        content: {
          kind: "picture",
          picture: joinedPictures(panels(count).map((round) => draw(own[round - 1], 256)), panels(count).length),
        },
      },
      {
        name: "line-noise",
        title: say("Negatives of noise alone", "只用雜訊當負樣本"),
        look: [
          say(
            `D learns ${countOfNoise} rounds, with noise as negatives all the time. Left: noise at the left edge. D has ` +
              `seen no negatives elsewhere; overlap ${
                percent(edge.overlap)
              }, where a D that is the same everywhere has ` +
              `${percent(flat)}. Middle: noise all over the ` +
              `line. D is high where there are more real samples than noise, but with this loss it rises there to ${highest}: ` +
              "it says that there are more, not how many, and exp(D) is on its highest peaks alone; overlap " +
              `${
                percent(everywhere.overlap)
              }. Right: the same noise, and the loss that a GAN's D has, cross-entropy. The ` +
              "best D is then log p − log q, and as q is the same everywhere, exp(D) is the density (noise-contrastive " +
              `estimation, Gutmann & Hyvärinen 2010); overlap ${percent(crossEntropy.overlap)}.`,
            `D 學了 ${countOfNoise} 輪，負樣本始終是雜訊。左：最左邊的雜訊。其他地方 D 沒有看過負樣本；重疊 ${
              percent(edge.overlap)
            }，而處處相同的 D 是 ${
              percent(flat)
            }。中：整條線上的雜訊。真實樣本比雜訊多的地方 D 就高，但用這個損失函數，D 在那裡會升到 ${highest}，只說得出比較多，說不出多多少：exp(D) 只落在最高的峰上；重疊 ${
              percent(everywhere.overlap)
            }。右：同樣的雜訊，改用 GAN 的 D 所用的損失函數，交叉熵。這時最佳的 D 是 log p − log q；q 到處都一樣，所以 exp(D) 就是密度（noise-contrastive estimation，Gutmann & Hyvärinen 2010）；重疊 ${
              percent(crossEntropy.overlap)
            }。`,
          ),
          say(
            "A line can be covered by noise, and with the loss for it D need not look for its negatives itself. Images of 1,024 " +
              "pixels cannot be covered: noise there never comes near a digit (see the digits below).",
            "雜訊可以蓋住一條線，用適合它的損失函數，D 就不必自己去找負樣本。1,024 個像素的圖是蓋不住的：雜訊永遠不會靠近任何一個數字（見下面的手寫數字）。",
          ),
        ],
        content: {
          kind: "picture",
          picture: joinedPictures([edge, everywhere, crossEntropy].map((round) => draw(round, 320)), 3),
        },
      },
    ],
  };
}
