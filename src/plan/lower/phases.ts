/** The phases of a strided convolution's input: positions with the same remainder by the stride, which share their taps. */

/** The taps of one axis that meet the input positions ≡ phase (mod stride), and where the first of them looks. */
export interface Phase {
  /** Positions of the input in this phase. */
  readonly positions: number;
  readonly taps: number;
  /** The tap that looks furthest ahead in the kernel, hence furthest back in dy; the following ones come before it. */
  readonly firstTap: number;
  readonly tapStep: number;
  /** Position `a` of the phase sees dy at a + firstOffset, a + firstOffset + offsetStep, … */
  readonly firstOffset: number;
  readonly offsetStep: number;
}

/** The phases of one axis, the first position's first. */
export function phasesOf(extent: number, kernel: number, stride: number, pad: number, dilation: number): Phase[] {
  const step = stride / greatestCommonDivisor(stride, dilation);
  return Array.from({ length: Math.min(stride, extent) }, (_, phase) => {
    const taps = Array.from({ length: kernel }, (_, tap) => tap)
      .filter((tap) => (phase + pad - tap * dilation) % stride === 0);
    const firstTap = taps.at(-1) ?? 0;
    return {
      positions: Math.ceil((extent - phase) / stride),
      taps: taps.length,
      firstTap,
      tapStep: step,
      firstOffset: (phase + pad - firstTap * dilation) / stride,
      offsetStep: step * dilation / stride,
    };
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
