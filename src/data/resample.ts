/**
 * Pictures of other sizes. Shrinking averages over areas (a box filter with exact fractional coverage, so nothing
 * aliases), enlarging interpolates linearly between pixel centres. Both are separable: rows first, then columns.
 */

/** One picture in bytes: height×width×channels, row-major. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** Output position p is the sum of `weights[i]` times input position `first[p] + i − start[p]`, start[p] ≤ i < start[p + 1]. */
interface AxisWeights {
  readonly first: Int32Array;
  readonly start: Int32Array;
  /** Those of one output position add up to 1. */
  readonly weights: Float32Array;
}

function axisWeights(from: number, to: number): AxisWeights {
  const ratio = from / to;
  const first = new Int32Array(to);
  const start = new Int32Array(to + 1);
  const weights: number[] = [];
  for (let position = 0; position < to; position++) {
    if (ratio > 1) {
      const begin = position * ratio;
      const end = Math.min((position + 1) * ratio, from);
      first[position] = Math.floor(begin);
      for (let input = first[position]; input < end; input++) {
        weights.push((Math.min(end, input + 1) - Math.max(begin, input)) / (end - begin));
      }
    } else {
      const center = Math.min(Math.max((position + 0.5) * ratio - 0.5, 0), from - 1);
      first[position] = Math.floor(center);
      const fraction = center - first[position];
      weights.push(1 - fraction);
      if (fraction > 0) weights.push(fraction);
    }
    start[position + 1] = weights.length;
  }
  return { first, start, weights: Float32Array.from(weights) };
}

/**
 * A function that resamples pictures of one size (`height`×`width`×`channels` bytes) to another.
 * The result has `toHeight`×`toWidth`×`channels` bytes.
 */
export function resampler(
  { width, height, channels }: Omit<Picture, "data">,
  toWidth: number,
  toHeight: number,
): (data: Uint8Array) => Uint8Array {
  const columns = axisWeights(width, toWidth);
  const rows = axisWeights(height, toHeight);
  const stride = toWidth * channels;
  const narrowed = new Float32Array(height * stride);
  const sums = new Float32Array(stride);
  return (data) => {
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0; x < toWidth; x++) {
        const at = (y * width + columns.first[x] - columns.start[x]) * channels;
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let i = columns.start[x]; i < columns.start[x + 1]; i++) {
            sum += columns.weights[i] * data[at + i * channels + c];
          }
          narrowed[to++] = sum;
        }
      }
    }
    const result = new Uint8Array(toHeight * stride);
    for (let y = 0; y < toHeight; y++) {
      sums.fill(0.5); // halves are rounded up
      for (let i = rows.start[y]; i < rows.start[y + 1]; i++) {
        const at = (rows.first[y] + i - rows.start[y]) * stride;
        for (let x = 0; x < stride; x++) sums[x] += rows.weights[i] * narrowed[at + x];
      }
      for (let x = 0; x < stride; x++) result[y * stride + x] = sums[x];
    }
    return result;
  };
}

/** The `size`×`size` picture in the middle, after the shorter side has been brought to `size`. */
export function coverSquare(picture: Picture, size: number): Picture {
  const scale = size / Math.min(picture.width, picture.height);
  const width = Math.max(Math.round(picture.width * scale), size);
  const height = Math.max(Math.round(picture.height * scale), size);
  const scaled = width === picture.width && height === picture.height
    ? picture.data
    : resampler(picture, width, height)(picture.data);
  const left = (width - size) >> 1;
  const top = (height - size) >> 1;
  const rowLength = size * picture.channels;
  const data = new Uint8Array(size * rowLength);
  for (let y = 0; y < size; y++) {
    const start = ((top + y) * width + left) * picture.channels;
    data.set(scaled.subarray(start, start + rowLength), y * rowLength);
  }
  return { width: size, height: size, channels: picture.channels, data };
}

/**
 * Brings a stack of equal pictures (N×height×width×channels bytes, on a ground of zeros such as MNIST's digits) to
 * `size`×`size`: zeros around them up to `size`, or up to the next power of two if `size` is not between, then
 * resampled. So 28 → 32 is padding alone, 28 → 64 is 32 doubled, 28 → 16 is 32 halved, and 28 → 28 changes nothing.
 */
export function fitStack(pixels: Uint8Array, count: number, from: Omit<Picture, "data">, size: number): Uint8Array {
  const { width, height, channels } = from;
  const longer = Math.max(width, height);
  const nextPowerOfTwo = 2 ** Math.ceil(Math.log2(longer));
  const padded = size >= longer && size <= nextPowerOfTwo ? size : nextPowerOfTwo;
  const left = (padded - width) >> 1;
  const top = (padded - height) >> 1;
  const ground = new Uint8Array(padded * padded * channels);
  const resize = padded === size ? undefined : resampler({ width: padded, height: padded, channels }, size, size);
  const result = new Uint8Array(count * size * size * channels);
  const rowLength = width * channels;
  for (let n = 0; n < count; n++) {
    for (let y = 0; y < height; y++) {
      const start = (n * height + y) * rowLength;
      ground.set(pixels.subarray(start, start + rowLength), ((top + y) * padded + left) * channels);
    }
    result.set(resize ? resize(ground) : ground, n * size * size * channels);
  }
  return result;
}
