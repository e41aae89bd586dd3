/** How fast steps are made, smoothed over the last few. */
export class Pace {
  /** Weight of the latest step in the mean time of a step. */
  static readonly #weight = 0.05;
  readonly #batch: number;
  readonly #before: number;
  #start = 0;
  #last = 0;
  #mean: number | undefined;

  /**
   * @param batch images a step.
   * @param before seconds of training in earlier processes.
   */
  constructor(batch: number, before: number) {
    this.#batch = batch;
    this.#before = before;
  }

  /** Training begins now. */
  start(): void {
    this.#start = this.#last = performance.now();
  }

  /** A step has been made. */
  step(): void {
    const now = performance.now();
    const time = (now - this.#last) / 1000;
    this.#last = now;
    this.#mean = this.#mean === undefined ? time : this.#mean + Pace.#weight * (time - this.#mean);
  }

  /** 0 before the first step. */
  get stepsPerSecond(): number {
    return 1 / (this.#mean ?? Infinity);
  }

  /** Real images that training sees in a second, samples and checkpoints included. */
  get imagesPerSecond(): number {
    return this.#batch * this.stepsPerSecond;
  }

  /** Of training, from the first start of the run to its latest step. */
  get seconds(): number {
    return this.#before + (this.#last - this.#start) / 1000;
  }
}
