import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { run } from "./run.ts";
import { PLAN } from "./targets.ts";

/** One share of the attack in a thread of its own: says each piece as it is done. */
export type Share = Readonly<{ name: string; seed: number; from: number; inputs: number; pieces: number }>;

/** A thread cannot be started with `--expose-gc`; what is garbage already is nobody's memory. */
function heapHeld(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  return process.memoryUsage().heapUsed;
}

async function attack({ name, seed, from, inputs, pieces }: Share): Promise<void> {
  const planned = PLAN.find(({ target }) => target.name === name);
  if (!planned) throw new Error(`there is no target called ${name}`);
  const length = Math.ceil(inputs / pieces);
  for (let start = from; start < from + inputs; start += length) {
    const done = await run(planned.target, { seed, from: start, inputs: Math.min(length, from + inputs - start) });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and no window
    parentPort?.postMessage({ done, heapBytes: heapHeld() });
  }
}

for (const share of workerData as readonly Share[]) await attack(share);
