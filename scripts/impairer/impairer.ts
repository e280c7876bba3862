import { Worker } from "node:worker_threads";
import type { IceServer } from "#audio/protocol.ts";
import type { Answer, Counts, Order, Start } from "./orders.ts";
import type { Conditions } from "./path.ts";

type ImpairerOptions = Readonly<{
  /** What it forwards to, on this machine. */
  toHost?: string;
  toPort: number;
  /** The same seed, the same packets lost. */
  seed?: number;
  out?: Conditions;
  /** As `out` where it is not given. */
  back?: Conditions;
}>;

/**
 * A bad network between a unit and its relay, on loopback and without root: a UDP forwarder in a thread of its own,
 * which loses, delays, reorders and doubles real packets both ways, and cuts or moves the unit's end of them. The unit
 * is told to find its relay at `port`.
 */
export class Impairer implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #answers: ((answer: Answer) => void)[] = [];
  #port = 0;

  private constructor(start: Start) {
    this.#worker = new Worker(new URL("./thread.ts", import.meta.url), { workerData: start });
    this.#worker.on("message", (answer: Answer) => this.#answers.shift()?.(answer));
    this.#worker.on("error", (error) => {
      for (const resolve of this.#answers.splice(0)) resolve({ type: "failed", message: String(error) });
    });
  }

  static async start({ toHost = "127.0.0.1", toPort, seed = 1, out = {}, back = out }: ImpairerOptions) {
    const impairer = new Impairer({ toHost, toPort, seed, out, back });
    const answer = await impairer.#next();
    if (answer.type !== "ready") throw new Error("the impairer did not start");
    impairer.#port = answer.port;
    return impairer;
  }

  get port(): number {
    return this.#port;
  }

  /** The same relay, found through here. */
  before(servers: readonly IceServer[]): IceServer[] {
    return servers.map((server) => ({ ...server, urls: server.urls.replace(/:\d+\?/, `:${this.#port}?`) }));
  }

  async impair(out: Conditions, back: Conditions = out): Promise<void> {
    await this.#ask({ type: "impair", out, back });
  }

  async cut(isDown: boolean): Promise<void> {
    await this.#ask({ type: "cut", isDown });
  }

  /** The near side has another address from now on, as a unit that changed its network; one of 127.0.0.0/8. */
  async move(address: string): Promise<void> {
    await this.#ask({ type: "move", address });
  }

  count(): Promise<Counts> {
    return this.#ask({ type: "count" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    const close: Order = { type: "close" };
    this.#worker.postMessage(close, []);
    await gone;
  }

  async #ask(order: Order): Promise<Counts> {
    this.#worker.postMessage(order, []);
    const answer = await this.#next();
    if (answer.type === "done") return answer.counts;
    throw new Error(answer.type === "failed" ? `the impairer failed: ${answer.message}` : "the impairer is confused");
  }

  #next(): Promise<Answer> {
    return new Promise((resolve) => this.#answers.push(resolve));
  }
}
