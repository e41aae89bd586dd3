/** What a sample costs. */

/** Makes so many samples; which numbers are possible, each source says. */
export type Source = (count: number) => Promise<Float32Array>;

/** Milliseconds that a sample takes in a pack of `count`: the median of three packs, after one to warm up. */
export async function costOf(source: Source, count: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 4; i++) {
    const start = performance.now();
    await source(count);
    times.push((performance.now() - start) / count);
  }
  return times.slice(1).sort((a, b) => a - b)[1];
}
