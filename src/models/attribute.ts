/** What samples are told apart by. */

/** One thing that samples differ in, and the names of its classes. */
export interface Attribute {
  readonly name: string;
  readonly classes: readonly string[];
}
