/**
 * The errors a user of duel can meet. Each message is one line: what is wrong, what was expected, what to do.
 * The class says whose mistake it is, which is also what the commands' exit codes tell.
 */

/** Base of every error that duel raises on purpose. `exitCode` is what a command ends with. */
export class DuelError extends Error {
  override readonly name: string = this.constructor.name;
  readonly exitCode: number = 1;
}

/** The command line or an argument of the public API is wrong: exit code 2. */
export class UsageError extends DuelError {
  override readonly exitCode = 2;
}

/** A file from outside (image, idx, safetensors, config …) is missing, damaged or of the wrong kind. */
export class DataError extends DuelError {}

/** Shapes that do not fit, found while tracing; names the layer and the axes. */
export class ShapeError extends DuelError {}

/** A program that can't be planned, for instance because it needs more memory than there is. */
export class PlanError extends DuelError {}

/** A program that the verifier refuses to run. */
export class VerifyError extends DuelError {}

/** Training left the finite numbers and could not be brought back. */
export class DivergenceError extends DuelError {}

/** An unreachable state: a bug in duel, never the user's mistake. */
export class InternalError extends DuelError {}
