/** The clock of peers that run in JavaScript. */

/** Milliseconds of each of `count` calls of `once`, one after the other. */
export async function measured(once: () => Promise<void>, count: number): Promise<{ readonly ms: number[] }> {
  const ms: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await once();
    ms.push(performance.now() - start);
  }
  return { ms };
}
