/** Loads the npm library of a peer. */

/**
 * The library's exports. Its name is not a literal on purpose: checking types would fetch it otherwise. Ends the
 * process with one line on standard error if it is not in Deno's cache and may not be fetched.
 */
export async function load<T>(specifier: string): Promise<T> {
  try {
    return await import(specifier);
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    console.error(line);
    Deno.exit(1);
  }
}
