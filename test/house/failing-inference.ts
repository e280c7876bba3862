import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";

/** Loaded into an audio process: soon after it is up every inference fails, or, asked so, never comes back. */
const GOOD_RUNS = 100;

if (isMainThread) {
  const { InferenceSession } = createRequire(import.meta.url)("onnxruntime-node");
  const { prototype } = InferenceSession;
  const run = prototype.run;
  let runs = 0;
  prototype.run = function (...given: unknown[]): Promise<unknown> {
    runs += 1;
    if (runs < GOOD_RUNS) return run.apply(this, given);
    if (process.env.PORTER_INFERENCE === "hangs") return new Promise(() => undefined);
    return Promise.reject(new Error("out of memory"));
  };
}
