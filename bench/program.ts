/** A program under measurement, seen from the benchmark. */
import { DuelError } from "../src/core/errors.ts";
import { readLines } from "./lines.ts";
import type { Hello, Replies, Reply, RequestName, Requests } from "./protocol.ts";

/** How to start a program. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A started program that has said hello. */
export class BenchProgram {
  private constructor(
    readonly implementation: string,
    readonly child: Deno.ChildProcess,
    readonly lines: AsyncGenerator<string>,
    readonly requests: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>,
  ) {}

  /** Starts a program. @returns why it cannot run, if so: the last line of its complaints. */
  static async start({ command, args, env }: Start): Promise<BenchProgram | string> {
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(command, { args: [...args], env, stdin: "piped", stdout: "piped", stderr: "piped" })
        .spawn();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return `there is no ${command}`;
      throw error;
    }
    const complaints = tail(child.stderr);
    const lines = readLines(child.stdout);
    const { value } = await lines.next();
    if (value === undefined) {
      await child.stdin.close();
      return await complaints || `${command} ended at once`;
    }
    const { implementation }: Hello = JSON.parse(value);
    return new BenchProgram(implementation, child, lines, child.stdin.getWriter());
  }

  /** Sends a request and waits for its reply. @throws DuelError if the program fails. */
  async ask<N extends RequestName>(request: N, details: Requests[N]): Promise<Replies[N]> {
    await this.requests.write(new TextEncoder().encode(`${JSON.stringify({ request, ...details })}\n`));
    const { value } = await this.lines.next();
    if (value === undefined) throw new DuelError(`${this.implementation} ended during ${request}; run it alone`);
    const reply: Reply<N> = JSON.parse(value);
    if ("error" in reply) throw new DuelError(`${this.implementation} failed in ${request}: ${reply.error}`);
    return reply;
  }

  /** Ends the program. */
  async close(): Promise<void> {
    await this.requests.close();
    await this.child.status;
  }
}

/** The last line of a stream that is not empty. */
async function tail(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let last = "";
  for await (const line of readLines(stream)) if (line.trim() !== "") last = line.trim();
  return last;
}
