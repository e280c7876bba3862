import { encodeWakeHead, HEAD_INPUTS } from "#audio/engines/wake-head.ts";

/** A word as it is kept once it was learned; its head never fires. */
export function taughtWord(word: string) {
  const layer = { inputs: HEAD_INPUTS, weights: new Float32Array(HEAD_INPUTS), bias: new Float32Array(1) };
  const thresholds = { low: 3, normal: 2, high: 1, played: 0.5 };
  const head = encodeWakeHead({ judges: [{ thresholds, smoothedSteps: 2, networks: [[layer]] }] });
  return { word, atMs: Date.UTC(2026, 10, 23), recordings: 6, heardPercent: 97, head: head.toString("base64") };
}
