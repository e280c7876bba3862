import { beforeEach, expect, test } from "vitest";
import { build, PRE_ROLL_MS } from "./built-pipeline.ts";

let unit: ReturnType<typeof build>;
beforeEach(() => {
  unit = build();
});

const LIKENESS_MS = 320;

test("what may be the word is heeded where the recogniser finds it, and not where it does not", async () => {
  await unit.run(5_000);
  unit.wake.doubt(LIKENESS_MS);
  await unit.run(10);
  expect(unit.recogniser.asked).toEqual([26_400]);
  expect(unit.counts().wakes).toBe(0);
  unit.recogniser.isWake = Promise.resolve(true);
  unit.wake.doubt(LIKENESS_MS);
  await unit.run(10);
  expect(unit.counts().wakes).toBe(1);
});

test("while the recogniser looks, the command is not lost: it is heard from as long before the word as ever", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  unit.recogniser.isWake = promise;
  await unit.run(2_000);
  unit.wake.doubt(LIKENESS_MS);
  await unit.run(600);
  expect(unit.recogniser.frames).toEqual([]);
  resolve(true);
  await unit.run(0);
  expect(unit.recogniser.frames).toHaveLength((PRE_ROLL_MS + LIKENESS_MS + 600) / 10);
});

test("a command that was over before the recogniser knew is heard all the same", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  unit.recogniser.isWake = promise;
  await unit.run(2_000);
  unit.wake.doubt(LIKENESS_MS);
  const soundMs = 640;
  await unit.run(soundMs);
  // What a voice detector says of the past.
  unit.voice.probability = 0.9;
  resolve(true);
  await unit.run(0);
  expect(unit.voice.frames10ms).toBe((160 + soundMs) / 10);
  unit.voice.probability = 0.05;
  await unit.run(600);
  expect(unit.heard).toMatchObject([{ text: "call ben", spoke: true }]);
  const lateByMs = unit.clock.nowMs() - (unit.heard[0]?.endOfSpeechMs ?? 0);
  expect(lateByMs).toBeGreaterThanOrEqual(600);
  expect(lateByMs).toBeLessThanOrEqual(664);
});

test("a word that is clear meanwhile is heeded at once, and what was in doubt before it wakes nobody", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  unit.recogniser.isWake = promise;
  await unit.run(2_000);
  unit.wake.doubt(LIKENESS_MS);
  await unit.run(100);
  unit.wake.wake();
  expect(unit.counts().wakes).toBe(1);
  resolve(true);
  await unit.run(100);
  expect(unit.counts().wakes).toBe(1);
});

test("while something is played, while a command is heard and while muted nobody is asked", async () => {
  unit.recogniser.isWake = Promise.resolve(true);
  unit.farEnd.sounds = true;
  await unit.run(500);
  unit.wake.doubt(LIKENESS_MS);
  unit.farEnd.sounds = false;
  await unit.run(2_600);
  unit.wake.wake();
  unit.wake.doubt(LIKENESS_MS);
  unit.pipeline.setMute(true);
  unit.wake.doubt(LIKENESS_MS);
  expect(unit.recogniser.asked).toEqual([]);
  expect(unit.search.searches).toEqual([]);
});

test("what was in doubt before the switch is forgotten after it", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  unit.recogniser.isWake = promise;
  await unit.run(2_000);
  unit.wake.doubt(LIKENESS_MS);
  unit.pipeline.setMute(true);
  unit.pipeline.setMute(false);
  resolve(true);
  await unit.run(100);
  expect(unit.counts().wakes).toBe(0);
});

test("a far end hears on while something is in doubt: it mostly is nothing", async () => {
  unit.recogniser.isWake = new Promise(() => undefined);
  await unit.run(2_000);
  unit.wake.doubt(LIKENESS_MS);
  expect(unit.recogniser.asked).toHaveLength(1);
  unit.farEnd.sounds = true;
  await unit.run(200);
  expect(unit.farEnd.sent.at(-1)).not.toBeNull();
});

test("where the recogniser fails, or does not say in 1.8 s, the word is not heeded; the next one is", async () => {
  await unit.run(2_000);
  unit.recogniser.isWake = Promise.reject(new Error("no inference"));
  unit.wake.doubt(LIKENESS_MS);
  await unit.run(10);
  expect(unit.failures).toEqual(["engine-failed"]);
  const late = Promise.withResolvers<boolean>();
  unit.recogniser.isWake = late.promise;
  unit.wake.doubt(LIKENESS_MS);
  await unit.run(1_810);
  late.resolve(true);
  await unit.run(10);
  expect(unit.counts().wakes).toBe(0);
  unit.recogniser.isWake = Promise.resolve(true);
  unit.wake.doubt(LIKENESS_MS);
  await unit.run(10);
  expect(unit.counts().wakes).toBe(1);
});
