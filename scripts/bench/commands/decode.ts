import { cpus } from "node:os";
import { Worker } from "node:worker_threads";
import type { CommandDecoder } from "#audio/engines/command-decoder.ts";

/** One utterance for a decoder: mono, 16 kHz. */
export type Task = Readonly<{ jsgf: string; sound: () => Promise<Int16Array> }>;
/** `cpuMs`: what all of it took; `endCpuMs`: of that, after the end of the sound. `soundMs`: how long that is. */
export type Decoded = ReturnType<CommandDecoder["finish"]> & Readonly<{ cpuMs: number; endCpuMs: number }>;
export type Answered = Decoded & Readonly<{ soundMs: number }>;
/** What crosses to `decode-worker.ts`. */
export type Asked = Readonly<{ jsgf: string; samples: Int16Array }>;

/** The recogniser of a unit, once for each core. */
export class Decoders implements AsyncDisposable {
  readonly #workers: readonly Worker[];

  constructor() {
    this.#workers = cpus().map(() => new Worker(new URL("./decode-worker.ts", import.meta.url)));
  }

  /** The answers stand in the order of the tasks. Each thread takes every so many of them: the same in each run. */
  async decode(tasks: readonly Task[]): Promise<Answered[]> {
    const answers: Answered[] = [];
    const threads = this.#workers.map(async (worker, thread) => {
      for (let at = thread; at < tasks.length; at += this.#workers.length) {
        const task = tasks[at];
        if (task === undefined) return;
        const samples = await task.sound();
        const decoded = await ask(worker, { jsgf: task.jsgf, samples });
        answers[at] = { ...decoded, soundMs: samples.length / 16 };
      }
    });
    await Promise.all(threads);
    return answers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, asked: Asked): Promise<Decoded> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (answer: Decoded) => {
      worker.off("error", reject);
      resolve(answer);
    });
    worker.postMessage(asked, []);
  });
}
