import { beforeEach, expect, test } from "vitest";
import { build, PRE_ROLL_MS } from "./built-pipeline.ts";

let unit: ReturnType<typeof build>;
beforeEach(() => {
  unit = build();
});

test("a wake word that the loudspeaker said lately wakes nobody", async () => {
  unit.farEnd.sounds = true;
  await unit.run(5_000);
  unit.search.answer = Promise.resolve(true);
  unit.wake.wake();
  await unit.run(2_000);
  expect(unit.counts().wakes).toBe(0);
  unit.search.answer = Promise.resolve(false);
  unit.wake.wake();
  await unit.run(10);
  expect(unit.counts().wakes).toBe(1);
});

test("what was played, two seconds and as much before, is looked through when the word is heard, and at no other time", async () => {
  unit.wake.wake();
  expect(unit.counts().wakes).toBe(1);
  unit.farEnd.sounds = true;
  await unit.run(10_000);
  expect(unit.search.searches).toEqual([]);
  unit.wake.wake();
  await unit.run(10);
  expect(unit.search.searches).toEqual([{ samples: 64_000, from: 32_000 }]);
  unit.farEnd.sounds = false;
  await unit.run(2_490);
  unit.wake.wake();
  expect(unit.search.searches).toHaveLength(2);
  await unit.run(20);
  unit.wake.wake();
  expect(unit.search.searches).toHaveLength(2);
});

test("while that is looked through the command is not lost: it is heard from as long before the word as ever", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  unit.search.answer = promise;
  unit.farEnd.sounds = true;
  await unit.run(2_000);
  unit.wake.wake();
  await unit.run(80);
  expect(unit.recogniser.frames).toEqual([]);
  resolve(false);
  await unit.run(0);
  expect(unit.counts().wakes).toBe(1);
  expect(unit.recogniser.frames).toHaveLength(PRE_ROLL_MS / 10 + 8);
});

test("while that is looked through the far end hears nothing of what may be a command", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  unit.search.answer = promise;
  unit.farEnd.sounds = true;
  await unit.run(500);
  unit.wake.wake();
  await unit.run(80);
  expect(unit.farEnd.sent.slice(-8)).toEqual(Array.from({ length: 8 }, () => null));
  resolve(true);
  await unit.run(20);
  expect(unit.farEnd.sent.at(-1)).not.toBeNull();
});

test("where that cannot be told, or not in a second, the word is not heeded; the next one is", async () => {
  unit.farEnd.sounds = true;
  await unit.run(500);
  unit.search.answer = Promise.reject(new Error("no inference"));
  unit.wake.wake();
  await unit.run(10);
  expect(unit.failures).toEqual(["engine-failed"]);
  const late = Promise.withResolvers<boolean>();
  unit.search.answer = late.promise;
  unit.wake.wake();
  await unit.run(1_010);
  late.resolve(false);
  await unit.run(10);
  expect(unit.counts().wakes).toBe(0);
  unit.search.answer = Promise.resolve(false);
  unit.wake.wake();
  await unit.run(10);
  expect(unit.counts().wakes).toBe(1);
});
