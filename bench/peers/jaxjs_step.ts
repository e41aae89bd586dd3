/** One update of D and one of G of a DCGAN on jax-js. */
import type { Gan } from "../work.ts";
import { type Arr, batchNorm, type Jax, type Tree, windows } from "./jaxjs_layers.ts";

/** A layer's filter in pieces; scale and shift of its normalisation, where it has one. */
type Layer = { readonly filter: readonly Arr[]; readonly norm: readonly Arr[] };
type Network = readonly Layer[];

const strided = { kernel: 4, stride: 2, padding: 1 } as const;
const beta = [0.5, 0.999] as const;
const LEARNING_RATE = 2e-4;

/** Normal numbers by Box and Muller. */
function normal(jax: Jax, shape: readonly number[], deviation: number): Arr {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const values = Float32Array.from(
    { length: count },
    () => deviation * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()),
  );
  return jax.numpy.array(values).reshape(shape);
}

/** Prepares the step; what it returns makes one and waits for its end. */
export function dcganStep(jax: Jax, { size, batch, base, latent }: Gan): () => Promise<void> {
  const { numpy, nn, tree, jit, grad } = jax;
  const doublings = Math.log2(size / 4);
  const widths = [3, ...Array.from({ length: doublings }, (_, i) => base * 2 ** i)];
  const widest = widths[doublings];
  const layers = widths.slice(1).map((outChannels, i) =>
    windows(jax, { batch, size: size / 2 ** i, inChannels: widths[i], outChannels, ...strided })
  );

  const product = jit((a: Arr, b: Arr) => numpy.matmul(a, b));
  const norm = batchNorm(jax);
  const relu = jit((x: Arr) => numpy.maximum(x, 0));
  const leakyRelu = jit((x: Arr) => nn.leakyRelu(x, 0.2));
  const tanh = jit((x: Arr) => numpy.tanh(x));
  const realLoss = jit((logits: Arr) => nn.softplus(logits.mul(-1)).mean());
  const fakeLoss = jit((logits: Arr) => nn.softplus(logits).mean());

  const filter = (shapes: readonly (readonly number[])[]) => shapes.map((shape) => normal(jax, shape, 0.02));
  const norms = (width: number): readonly Arr[] => [
    numpy.array(new Float32Array(width).fill(1)).reshape([1, width]),
    numpy.array(new Float32Array(width)).reshape([1, width]),
  ];
  const g: Network = [
    { filter: filter([[latent, 16 * widest]]), norm: norms(widest) },
    ...layers.map(({ adjointShapes }, i): Layer => ({
      filter: filter(adjointShapes),
      norm: i === 0 ? [] : norms(widths[i]),
    })).toReversed(),
  ];
  const d: Network = [
    ...layers.map(({ filterShapes }, i): Layer => ({
      filter: filter(filterShapes),
      norm: i === 0 ? [] : norms(widths[i + 1]),
    })),
    { filter: filter([[16 * widest, 1]]), norm: [] },
  ];

  const generate = ([first, ...rest]: Network, z: Arr): Arr => {
    let x = product(z, first.filter[0]).reshape([16 * batch, widest]);
    x = relu(norm(x, first.norm[0], first.norm[1]));
    rest.forEach(({ filter, norm: [scale, shift] }, i) => {
      x = layers[doublings - 1 - i].adjoint(x, filter);
      x = scale ? relu(norm(x, scale, shift)) : tanh(x);
    });
    return x;
  };
  const judge = (network: Network, images: Arr): Arr => {
    let x = images;
    network.slice(0, -1).forEach(({ filter, norm: [scale, shift] }, i) => {
      x = layers[i].conv(x, filter);
      x = leakyRelu(scale ? norm(x, scale, shift) : x);
    });
    return product(x.reshape([batch, 16 * widest]), network[doublings].filter[0]);
  };
  const gradD = grad((d: Network, real: Arr, fake: Arr) =>
    realLoss(judge(tree.ref(d), real)).add(fakeLoss(judge(d, fake)))
  );
  const gradG = grad((g: Network, d: Network, z: Arr) => realLoss(judge(d, generate(g, z))));

  const updateD = optimizer(jax, d);
  const updateG = optimizer(jax, g);
  const real = normal(jax, [batch * size * size, 3], 0.5);
  const latents = () => normal(jax, [batch, latent], 1);
  return async () => {
    const fake = generate(tree.ref(updateG.parameters()), latents());
    await updateD.step(gradD(tree.ref(updateD.parameters()), real.ref, fake));
    await updateG.step(gradG(tree.ref(updateG.parameters()), tree.ref(updateD.parameters()), latents()));
  };
}

/** Adam, in a jit of its own for all parameters. */
function optimizer<P extends Tree>({ numpy, tree, jit, blockUntilReady }: Jax, initial: P) {
  const zeros = () => tree.map((leaf) => numpy.zerosLike(leaf.ref), initial);
  let state = { parameters: initial, first: zeros(), second: zeros() };
  let count = 0;
  const mix = (weight: number) => (old: Arr, fresh: Arr) => old.mul(weight).add(fresh.mul(1 - weight));
  const apply = jit((old: typeof state, gradients: P, rate: Arr, correction: Arr) => {
    const first = tree.map(mix(beta[0]), old.first, tree.ref(gradients));
    const second = tree.map(mix(beta[1]), old.second, tree.map((leaf) => numpy.square(leaf), gradients));
    const parameters = tree.map(
      (value, mean, square) => value.sub(mean.mul(rate.ref).div(numpy.sqrt(square.mul(correction.ref)).add(1e-8))),
      old.parameters,
      tree.ref(first),
      tree.ref(second),
    );
    rate.dispose();
    correction.dispose();
    return { parameters, first, second };
  });
  return {
    parameters: () => state.parameters,
    async step(gradients: P): Promise<void> {
      count++;
      const scalar = (value: number) => numpy.array(Float32Array.of(value)).reshape([]);
      const rate = scalar(LEARNING_RATE / (1 - beta[0] ** count));
      state = apply(state, gradients, rate, scalar(1 / (1 - beta[1] ** count)));
      await blockUntilReady(state);
    },
  };
}
