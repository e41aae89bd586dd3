/** Which of two numbers `argmax` and max pooling take. */

/** Whether a beats b: it is larger, or the first NaN. The first of equals is never beaten. */
export function isLarger(a: number, b: number): boolean {
  return a > b || (Number.isNaN(a) && !Number.isNaN(b));
}
