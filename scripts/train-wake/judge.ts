import { STEP_MS } from "#audio/engines/speech-embedding.ts";
import { scoreWindow, type WakeHead } from "#audio/engines/wake-head.ts";
import { type Features, windowAt } from "./features.ts";

/** As in the detector: the mean of three steps, and no second detection within 1.5 s. */
const SMOOTHED_STEPS = 3;
const REFRACTORY_STEPS = 19;

/** The smoothed score of every step. */
export function scores(head: WakeHead, features: Features): number[] {
  const raw: number[] = [];
  for (let step = 0; step < features.steps; step++) {
    const window = windowAt(features, step);
    if (window !== null) raw.push(scoreWindow(head, window));
  }
  return raw.map((_, i) => {
    const recent = raw.slice(Math.max(0, i - SMOOTHED_STEPS + 1), i + 1);
    return recent.reduce((sum, one) => sum + one, 0) / SMOOTHED_STEPS;
  });
}

/** Which part of the streams, each with one wake word, has a score above the threshold. */
export function detected(scored: readonly number[][], threshold: number): number {
  return scored.filter((stream) => Math.max(...stream) > threshold).length / scored.length;
}

export function falseAccepts(scored: readonly number[][], threshold: number): { count: number; hours: number } {
  let count = 0;
  for (const stream of scored) {
    let quietUntil = 0;
    stream.forEach((score, step) => {
      if (score <= threshold || step < quietUntil) return;
      count++;
      quietUntil = step + REFRACTORY_STEPS;
    });
  }
  return { count, hours: (scored.reduce((sum, stream) => sum + stream.length, 0) * STEP_MS) / 3_600_000 };
}
