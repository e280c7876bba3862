import { Random } from "./random.ts";
import type { Target } from "./target.ts";

export type Plan = Readonly<{ seed: number; inputs: number; from?: number }>;
/** `tally`: how many inputs came to which end. `slowest`: the one that took longest. */
export type Run = Readonly<{
  name: string;
  seed: number;
  inputs: number;
  seconds: number;
  slowest: Readonly<{ index: number; ms: number }>;
  tally: Readonly<Record<string, number>>;
}>;

/** Throws at the first input that breaks a promise, with all that it takes to make that input again. */
export async function run(target: Target, { seed, inputs, from = 0 }: Plan): Promise<Run> {
  const tally: Record<string, number> = {};
  const startedMs = performance.now();
  let slowest = { index: from, ms: 0 };
  let beganMs = startedMs;
  await using attacked = await target.open();
  for (let index = from; index < from + inputs; index += 1) {
    try {
      const end = attacked.attack(Random.ofInput(seed, index));
      const met = typeof end === "string" ? end : await end;
      tally[met] = (tally[met] ?? 0) + 1;
    } catch (error) {
      throw new Error(`${target.name}, seed ${seed}, input ${index}: ${String(error)}`, { cause: error });
    }
    const nowMs = performance.now();
    if (nowMs - beganMs > slowest.ms) slowest = { index, ms: nowMs - beganMs };
    beganMs = nowMs;
  }
  return { name: target.name, seed, inputs, seconds: (performance.now() - startedMs) / 1_000, slowest, tally };
}
