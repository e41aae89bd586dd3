/**
 * A generator that writes one character after the other, a recurrent network. Taught to predict the next character, it
 * follows the corpus; then a discriminator of whole texts rewards what it writes (after SeqGAN, Yu et al. 2017, without
 * its Monte Carlo search). Choosing a character has no gradient, hence the policy gradient.
 */
import * as duel from "../../mod.ts";
import { gumbel } from "../gumbel.ts";
import type { Stage } from "../experiment.ts";
import { minimise, rateAt, type Rates, repeat } from "../training.ts";
import type { Letters } from "./letters.ts";
import { textModel } from "./text_gan.ts";

const {
  add,
  concat,
  constant,
  detach,
  mean,
  mul,
  neg,
  oneHot,
  reshape,
  sigmoid,
  slice,
  softplus,
  sub,
  sum,
  tanh,
} = duel.ops;

const BATCH = 64;
const WIDTH = 128;
/** Learning rate of G when D rewards it, and of the prediction that goes on instead. */
const REWARD_RATE = 3e-4;
/** D's updates for each reward of G, and their learning rate. */
const JUDGE = { updates: 3, rate: Float32Array.of(5e-4) };

/** A step of a gated recurrent unit (Cho et al. 2014): input [batch, in], state [batch, WIDTH] → new state. */
function recurrent(x: duel.Tensor, state: duel.Tensor): duel.Tensor {
  const gates = sigmoid(duel.linear("gates", concat([x, state], 1), 2 * WIDTH));
  const [batch] = x.shape;
  const update = slice(gates, [0, 0], [batch, WIDTH]);
  const reset = slice(gates, [0, WIDTH], [batch, WIDTH]);
  const candidate = tanh(duel.linear("candidate", concat([x, mul(reset, state)], 1), WIDTH));
  return add(mul(update, state), mul(sub(1, update), candidate));
}

/** What the writer does at each place. */
interface Writing {
  /** One-hot characters, [batch, length, alphabet]. */
  readonly texts: duel.Tensor;
  /** log p of each character that was written, [batch, length]. */
  readonly logs: duel.Tensor;
}

/** log softmax over the last axis of [batch, alphabet]. */
function logShares(logits: duel.Tensor): duel.Tensor {
  return sub(logits, duel.ops.logSumExp(logits, 1));
}

/**
 * Writes texts, or, where there are some already, says how likely they are.
 * @param given one-hot characters, [batch, length, alphabet].
 */
export function write(letters: Letters, given?: duel.Tensor): Writing {
  const [length, width] = [letters.language.length, letters.alphabet.length];
  return duel.scope(duel.GENERATOR, () => {
    let state: duel.Tensor = duel.ops.broadcast(constant(0), [BATCH, WIDTH]);
    let last: duel.Tensor = duel.ops.broadcast(constant(0), [BATCH, width]);
    const characters: duel.Tensor[] = [];
    const logs: duel.Tensor[] = [];
    for (let place = 0; place < length; place++) {
      state = recurrent(last, state);
      const shares = logShares(duel.linear("character", state, width));
      // #region A character is chosen by its probability: the largest of log p + Gumbel noise | 依機率選字：log p 加上 Gumbel 雜訊後最大的那個
      const chosen = given
        ? reshape(slice(given, [0, place, 0], [BATCH, 1, width]), [BATCH, width])
        : oneHot(duel.ops.argmax(detach(add(shares, gumbel(`choose.${place}`, [BATCH, width]))), 1), width);
      // #endregion
      characters.push(reshape(chosen, [BATCH, 1, width]));
      logs.push(reshape(sum(mul(shares, chosen), [1]), [BATCH, 1]));
      last = chosen;
    }
    return { texts: concat(characters, 1), logs: concat(logs, 1) };
  });
}

/** Texts after learning to predict, and after as many further updates of both kinds, each from there on. */
export interface Written {
  readonly predicted: readonly string[];
  /** By further prediction. */
  readonly further: readonly string[];
  /** By rewards. */
  readonly rewarded: readonly string[];
}

/** Trains on a language. @returns `count` texts of each kind. */
export async function playSequences(stage: Stage, letters: Letters, count: number): Promise<Written> {
  const { seed, say } = stage;
  const shape = [BATCH, letters.language.length, letters.alphabet.length];
  const judge = (texts: duel.Tensor) => textModel(letters).discriminator(reshape(texts, [BATCH, -1]), "train");
  const store = new duel.Store(seed);
  const predict = duel.trace(store, "predict", () => {
    const { logs } = write(letters, duel.input("real", shape));
    const loss = neg(mean(sum(logs, [1])));
    minimise(loss, [duel.GENERATOR], 0.5);
    return { loss };
  });
  const teach = duel.trace(store, "teach D", () => {
    const { texts } = write(letters);
    const loss = add(mean(softplus(neg(judge(duel.input("real", shape))))), mean(softplus(judge(detach(texts)))));
    minimise(loss, [duel.DISCRIMINATOR], 0.5);
    return { loss };
  });
  // #region The policy gradient: what D likes better than the average of the batch becomes likelier | 策略梯度：D 給的評價高於這一批的平均，就讓它更容易出現
  const reward = duel.trace(store, "reward G", () => {
    const { texts, logs } = write(letters);
    const rewards = sigmoid(judge(detach(texts)));
    const advantage = detach(sub(rewards, mean(rewards)));
    const loss = neg(mean(mul(advantage, sum(logs, [1]))));
    minimise(loss, [duel.GENERATOR], 0.5);
    return { loss, reward: mean(rewards) };
  });
  // #endregion
  const show = duel.trace(store, "show", () => ({ texts: write(letters).texts }));
  const engine = await stage.compile(store, [predict, teach, reward, show]);

  const real = new Float32Array(BATCH * letters.size);
  const run = async (program: duel.Program, draw: number, rate: Float32Array) => {
    letters.fill(seed, draw, real);
    return await engine.run(program, { ...program.inputs.has("real") && { real }, rate }, {
      seed,
      draw,
    });
  };
  const texts = async (from: number) => {
    const all: string[] = [];
    for (let draw = 0; all.length < count; draw++) {
      const outputs = await engine.run(show, {}, { seed, draw: from + draw });
      all.push(...letters.read(Float32Array.from(outputs.texts)));
    }
    return all.slice(0, count);
  };

  const [lessons, rounds] = [stage.steps(1500, 15), stage.steps(600, 10)];
  const learn = async (label: string, first: number, updates: number, rates: Rates) =>
    await repeat(stage, label, { steps: updates }, async (step, share) => {
      const { loss } = await run(predict, first + step, rateAt(rates, share));
      return `loss ${loss[0].toFixed(2)}`;
    });
  await learn(say("predicting the next character", "預測下一個字"), 0, lessons, { from: 3e-3, to: REWARD_RATE });
  const predicted = await texts(1e6);

  const state = store.slots().map(({ name }) => [name, Float32Array.from(engine.read(name))] as const);
  await learn(say("predicting for longer", "繼續預測"), lessons, rounds, { from: REWARD_RATE, to: REWARD_RATE });
  const further = await texts(2e6);

  for (const [name, values] of state) engine.write(name, values);
  await repeat(stage, say("rewards by D", "由 D 給獎勵"), { steps: rounds }, async (round) => {
    const draw = lessons + (JUDGE.updates + 1) * round;
    for (let i = 0; i < JUDGE.updates; i++) await run(teach, draw + i, JUDGE.rate);
    const outputs = await run(reward, draw + JUDGE.updates, Float32Array.of(REWARD_RATE));
    return `reward ${outputs.reward[0].toFixed(2)}`;
  });
  return { predicted, further, rewarded: await texts(3e6) };
}
