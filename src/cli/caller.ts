/** Who gave a command. */

/** Where a command line was typed. */
export interface Caller {
  /** The folder that relative paths are taken from, absolute. */
  readonly cwd: string;
  /** What stands in front of a command there: `duel`, `deno task`. */
  readonly shell: string;
}
