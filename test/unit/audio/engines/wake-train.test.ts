import { expect, test } from "vitest";
import { EMBEDDING_FLOATS } from "#audio/engines/speech-embedding.ts";
import { HEAD_INPUTS, HEAD_STEPS, scoreWindow } from "#audio/engines/wake-head.ts";
import { Trainer, type Window, windowsOf } from "#audio/engines/wake-train.ts";
import { seeded } from "#audio/teach/vary.ts";

const STEPS = 4;
const random = seeded(9);

/** So many embeddings drawn by chance; `word`: the newest of the last window say so, in one float each. */
function stream(count: number, word: boolean): Float32Array {
  const floats = Float32Array.from({ length: (HEAD_STEPS + count) * EMBEDDING_FLOATS }, () => 4 * random() - 2);
  if (word) for (let back = 1; back <= 2; back += 1) floats[floats.length - back * EMBEDDING_FLOATS + 7] = 6;
  return floats;
}

function last(floats: Float32Array): Window {
  return { stream: floats, step: floats.length / EMBEDDING_FLOATS - 1 };
}

const others = windowsOf(stream(600, false));
const words = Array.from({ length: 30 }, () => last(stream(1, true)));

function score(network: ReturnType<Trainer["train"]>, { stream: floats, step }: Window): number {
  const end = (step + 1) * EMBEDDING_FLOATS;
  const thresholds = { low: 0, normal: 0, high: 0, played: 0 };
  return scoreWindow({ networks: [network], smoothedSteps: 1, thresholds }, floats.subarray(end - HEAD_INPUTS, end));
}

test("what was learned tells words that it has not heard from other speech that it has not heard", () => {
  const network = new Trainer(others, STEPS).train(words);
  const heard = Array.from({ length: 20 }, () => score(network, last(stream(1, true))));
  const other = windowsOf(stream(60, false)).map((window) => score(network, window));
  expect(Math.min(...heard)).toBeGreaterThan(Math.max(...other));
});

test("what is older than the word weighs nothing", () => {
  const network = new Trainer(others, STEPS).train(words);
  const [layer] = network;
  const old = layer?.weights.subarray(0, HEAD_INPUTS - STEPS * EMBEDDING_FLOATS) ?? [];
  expect(old.length).toBeGreaterThan(0);
  expect(old.every((weight) => weight === 0)).toBe(true);
  expect(network).toHaveLength(1);
});

test("floats that never change are no reason to divide by nothing", () => {
  const still = windowsOf(new Float32Array((HEAD_STEPS + 50) * EMBEDDING_FLOATS).fill(3));
  const [layer] = new Trainer(still, STEPS).train(words);
  expect([...(layer?.weights ?? []), ...(layer?.bias ?? [])].every(Number.isFinite)).toBe(true);
});
