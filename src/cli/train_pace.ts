/** How fast steps are made, smoothed over the last few. */
export class Pace {
  /** Weight of the latest step in the mean time of a step. */
  static readonly #weight = 0.05;
  readonly #batch: number;
  readonly #before: number;
  readonly #now: () => number;
  #start = 0;
  #last = 0;
  #mean: number | undefined;

  /**
   * @param batch images a step.
   * @param before seconds of training in earlier processes.
   * @param now a clock that never goes back, in milliseconds.
   */
  constructor(batch: number, before: number, now = () => performance.now()) {
    this.#batch = batch;
    this.#before = before;
    this.#now = now;
  }

  /** Training begins now. */
  start(): void {
    this.#start = this.#last = this.#now();
  }

  /** A step has been made. */
  step(): void {
    const now = this.#now();
    const time = (now - this.#last) / 1000;
    this.#last = now;
    this.#mean = this.#mean === undefined ? time : this.#mean + Pace.#weight * (time - this.#mean);
  }

  /** Does what is no part of training, between two steps: its time does not count. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    const begin = this.#now();
    const result = await work();
    const taken = this.#now() - begin;
    this.#start += taken;
    this.#last += taken;
    return result;
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
