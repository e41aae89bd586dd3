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

/** For each output position: the first input position, and the weights of it and its successors (their sum is 1). */
type Weights = readonly { readonly first: number; readonly weights: readonly number[] }[];

function axisWeights(from: number, to: number): Weights {
  const ratio = from / to;
  return Array.from({ length: to }, (_, position) => {
    if (ratio > 1) {
      const begin = position * ratio;
      const end = Math.min((position + 1) * ratio, from);
      const first = Math.floor(begin);
      const weights = Array.from(
        { length: Math.ceil(end) - first },
        (_, i) => (Math.min(end, first + i + 1) - Math.max(begin, first + i)) / (end - begin),
      );
      return { first, weights };
    }
    const center = Math.min(Math.max((position + 0.5) * ratio - 0.5, 0), from - 1);
    const first = Math.floor(center);
    return { first, weights: center === first ? [1] : [1 - (center - first), center - first] };
  });
}

/**
 * A function that resamples pictures of one size (`height`×`width`×`channels` bytes) to another.
 * The result has `toHeight`×`toWidth`×`channels` bytes.
 */
export function resampler(
  { width, height, channels }: { width: number; height: number; channels: number },
  toWidth: number,
  toHeight: number,
): (data: Uint8Array) => Uint8Array {
  const columns = axisWeights(width, toWidth);
  const rows = axisWeights(height, toHeight);
  const between = new Float32Array(height * toWidth * channels);
  return (data) => {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < toWidth; x++) {
        const { first, weights } = columns[x];
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let i = 0, at = (y * width + first) * channels + c; i < weights.length; i++, at += channels) {
            sum += weights[i] * data[at];
          }
          between[(y * toWidth + x) * channels + c] = sum;
        }
      }
    }
    const result = new Uint8Array(toHeight * toWidth * channels);
    const stride = toWidth * channels;
    for (let y = 0; y < toHeight; y++) {
      const { first, weights } = rows[y];
      for (let x = 0; x < stride; x++) {
        let sum = 0;
        for (let i = 0, at = first * stride + x; i < weights.length; i++, at += stride) sum += weights[i] * between[at];
        result[y * stride + x] = Math.floor(sum + 0.5);
      }
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
