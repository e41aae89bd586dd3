/**
 * Work spread over Deno workers. A worker's code is one bundled module in a `data:` URL, so that it needs no file and no
 * permission; it imports `serve` below. Jobs and answers are messages, and an answer can come in any order.
 */
import { DataError, InternalError } from "../core/errors.ts";

/** What a worker sends: that it is ready, the answer to its job, or why there is none. */
export type Reply<Answer> =
  | { readonly state: "ready" }
  | { readonly state: "done"; readonly answer: Answer }
  /** `expected` tells the fault of a job's data, to be shown to the user, from a bug. */
  | { readonly state: "failed"; readonly reason: string; readonly expected: boolean };

/** A message with the buffers that are handed over instead of being copied. */
export interface Parcel<T> {
  readonly message: T;
  readonly transfer: Transferable[];
}

export interface PoolOptions<Setup, Job, Answer> {
  /** The bundled worker, base64 of JavaScript. */
  readonly source: string;
  readonly workers: number;
  /** Sent to each worker first. */
  readonly setup: Setup;
  /** The next job, or undefined when there are no more. Called when a worker is free. */
  readonly next: () => Promise<Parcel<Job> | undefined>;
  readonly onAnswer: (answer: Answer) => void;
}

/** A worker that has not started after so long never will. */
const START_MS = 30_000;

/**
 * Runs all jobs. The workers have ended when it returns or throws.
 * @throws DataError if the data of a job is at fault; InternalError if a worker does not start or breaks.
 */
export async function runPool<Setup, Job, Answer>(options: PoolOptions<Setup, Job, Answer>): Promise<void> {
  const workers: Worker[] = [];
  try {
    await Promise.all(Array.from({ length: options.workers }, () => {
      const worker = new Worker(`data:text/javascript;base64,${options.source}`, { type: "module" });
      workers.push(worker);
      return runWorker(worker, options);
    }));
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

async function runWorker<Setup, Job, Answer>(
  worker: Worker,
  { setup, next, onAnswer }: PoolOptions<Setup, Job, Answer>,
): Promise<void> {
  await ask(worker, { message: setup, transfer: [] }, START_MS);
  for (let job = await next(); job !== undefined; job = await next()) {
    const reply = await ask<Job, Answer>(worker, job);
    if (reply.state === "done") onAnswer(reply.answer);
  }
}

/** Sends one message and waits for its reply. */
function ask<Message, Answer>(
  worker: Worker,
  { message, transfer }: Parcel<Message>,
  limitMs?: number,
): Promise<Reply<Answer>> {
  return new Promise((resolve, reject) => {
    const timer = limitMs === undefined ? undefined : setTimeout(() => {
      reject(new InternalError(`a data worker did not start within ${limitMs / 1000} seconds; try again`));
    }, limitMs);
    worker.onmessage = ({ data: reply }: MessageEvent<Reply<Answer>>) => {
      clearTimeout(timer);
      if (reply.state !== "failed") resolve(reply);
      else {reject(
          reply.expected ? new DataError(reply.reason) : new InternalError(`a data worker failed: ${reply.reason}`),
        );}
    };
    worker.onerror = (event) => {
      event.preventDefault();
      clearTimeout(timer);
      reject(new InternalError(`a data worker broke: ${firstLine(event.message)}`));
    };
    worker.postMessage(message, transfer);
  });
}

/** The global object of a worker, which the page's types do not know. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

/**
 * The worker's side: the first message is the setup, every further one a job.
 * @param start gets the setup and gives the function that does a job.
 */
export function serve<Setup, Job, Answer>(
  start: (setup: Setup) => Promise<(job: Job) => Parcel<Answer>>,
): void {
  const scope = self as unknown as WorkerScope;
  let work: ((job: Job) => Parcel<Answer>) | undefined;
  scope.onmessage = async ({ data }) => {
    try {
      if (work === undefined) {
        work = await start(data as Setup);
        scope.postMessage({ state: "ready" } satisfies Reply<Answer>);
      } else {
        const { message, transfer } = work(data as Job);
        scope.postMessage({ state: "done", answer: message } satisfies Reply<Answer>, transfer);
      }
    } catch (error) {
      const reason = firstLine(error instanceof Error ? error.message : String(error));
      const reply: Reply<Answer> = { state: "failed", reason, expected: error instanceof DataError };
      scope.postMessage(reply);
    }
  };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0];
}
