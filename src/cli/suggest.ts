/** Finds what the user may have meant. */

/**
 * Optimal string alignment distance (Levenshtein with transpositions of neighbours): the number of inserted, deleted,
 * replaced or swapped letters between two words.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) distance = Math.min(distance, beforeLast[column - 2] + 1);
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length];
}

/** The candidate that `word` abbreviates or misspells, or undefined when none is near. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length >= 2) {
    const longer = candidates.filter((candidate) => candidate.startsWith(word));
    if (longer.length > 0) return longer[0];
  }
  const tolerance = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = tolerance + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** ` Did you mean X?` for an error message, or nothing. */
export function hint(word: string, candidates: readonly string[], prefix = ""): string {
  const candidate = closest(word, candidates);
  return candidate === undefined ? "" : ` Did you mean ${prefix}${candidate}?`;
}
