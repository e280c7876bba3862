import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Ears, Heard } from "./ears.ts";

/** What crosses to `unit-ears-worker.ts`. */
export type Asked = Readonly<{ jsgf: string; samples: Int16Array }>;

/** The recogniser of a unit, in a thread of its own. */
export class UnitEars implements Ears {
  readonly #worker = new Worker(new URL("./unit-ears-worker.ts", import.meta.url));

  async hear(samples: Int16Array, jsgf: string): Promise<Heard> {
    const asked: Asked = { jsgf, samples };
    const answer = once(this.#worker, "message");
    this.#worker.postMessage(asked, []);
    const [heard]: Heard[] = await answer;
    if (heard === undefined) throw new Error("the recogniser gave no answer");
    return heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
