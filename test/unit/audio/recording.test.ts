import { beforeEach, expect, test } from "vitest";
import { AudioError } from "#audio/audio-error.ts";
import { build } from "./built-pipeline.ts";

let unit: ReturnType<typeof build>;
beforeEach(() => {
  unit = build();
});

/** The record tone and its echo. */
const TONE_MS = 360;
const line = () => {
  const [recording] = unit.codec.recordings;
  if (recording === undefined) throw new Error("nothing is recorded");
  return recording;
};
const lengthMs = ([from, until]: readonly [number, number]) => until - from;

async function begin(maxMs = 120_000): Promise<void> {
  unit.pipeline.record("a", maxMs);
  await unit.run(TONE_MS);
  expect(unit.codec.recordings).toHaveLength(1);
}

test("a recording waits for what is being said, begins with a tone, and holds nothing of either", async () => {
  unit.pipeline.say(1, "speak now");
  unit.pipeline.record("a", 10_000);
  await unit.run(400);
  expect(unit.codec.recordings).toHaveLength(0);
  await unit.run(80);
  expect(unit.said).toEqual([1]);
  expect(await unit.run(200)).toBeGreaterThan(2_000);
  expect(unit.codec.recordings).toHaveLength(0);
  await unit.run(200);
  expect(unit.codec.recordings).toHaveLength(1);
  expect(line().frames10ms).toBeLessThan(20);
});

test("a recording ends two and a half seconds after the voice, and keeps the voice with 300 ms on either side", async () => {
  await begin();
  await unit.run(1_000);
  await unit.speak(3_000, 2_300);
  expect(unit.recorded).toEqual([]);
  await unit.run(400);
  expect(unit.recorded[1]).toMatch(/^a: silence 3[56]\d\d$/);
  expect(unit.recorded[0]).toBe("a: part 0, the last");
});

test("where nobody speaks it ends after five seconds, with nothing, and a cough is nothing", async () => {
  await begin();
  await unit.speak(60, 4_800);
  expect(unit.recorded).toEqual([]);
  await unit.run(300);
  expect(unit.recorded).toEqual(["a: nothing 0"]);
  expect(line().dropped).toBe(true);
});

test("it ends at the limit, and is no longer", async () => {
  await begin(10_000);
  unit.voice.probability = 0.9;
  await unit.run(9_900);
  expect(unit.recorded).toEqual([]);
  await unit.run(300);
  expect(unit.recorded).toEqual(["a: part 0, the last", "a: limit 10000"]);
});

test("a voice detector that stops answering does not leave it open for ever", async () => {
  await begin(10_000);
  unit.voice.answering = false;
  await unit.run(17_000);
  expect(unit.recorded).toEqual(["a: limit 0"]);
});

test("the word stop, alone after a pause, ends it and is no part of it", async () => {
  await begin();
  await unit.speak(2_000, 700);
  await unit.speak(500, 500);
  expect(line().asked).toHaveLength(1);
  const [asked] = line().asked;
  expect(lengthMs(asked ?? [0, 0])).toBeLessThan(1_400);
  // The answer may take its time.
  await unit.run(1_500);
  line().listener.onWord(true);
  expect(unit.recorded[1]).toMatch(/^a: stop 2[23]\d\d$/);
  // Nothing of the word had gone to the encoder before.
  for (const [, until] of line().kept) expect(until).toBeLessThanOrEqual(2_400);
});

test("a stop inside a sentence is not even asked about, nor one that somebody speaks on after", async () => {
  await begin();
  await unit.speak(2_000, 200);
  await unit.speak(400, 200);
  await unit.speak(2_000, 1_000);
  expect(line().asked).toEqual([]);
  await unit.speak(500, 450);
  expect(line().asked).toHaveLength(1);
  await unit.speak(600, 100);
  line().listener.onWord(true);
  expect(unit.recorded).toEqual([]);
});

test("another word alone stays in the message", async () => {
  await begin();
  await unit.speak(2_000, 700);
  await unit.speak(500, 500);
  line().listener.onWord(false);
  await unit.run(2_500);
  expect(unit.recorded[1]).toMatch(/^a: silence 3[56]\d\d$/);
});

test("stop alone before anything else was said leaves nothing", async () => {
  await begin();
  await unit.speak(500, 500);
  line().listener.onWord(true);
  expect(unit.recorded).toEqual(["a: stop 0"]);
});

test("the wake word ends it, is no part of it, and the unit listens", async () => {
  await begin();
  await unit.speak(4_000, 700);
  unit.voice.probability = 0.9;
  await unit.run(800);
  unit.wake.wake();
  expect(unit.recorded[1]).toMatch(/^a: wake 4[23]\d\d$/);
  await unit.speak(500, 700);
  expect(unit.heard).toHaveLength(1);

  unit = build();
  await begin();
  unit.voice.probability = 0.9;
  await unit.run(5_000);
  unit.wake.wake();
  // In one breath: the last 1.2 s go.
  expect(unit.recorded[1]).toMatch(/^a: wake 3[678]\d\d$/);
});

test("muting ends it as deaf and keeps what was said before; nothing is recorded while muted", async () => {
  await begin();
  await unit.speak(1_000, 100);
  unit.pipeline.setMute(true);
  expect(unit.recorded[1]).toMatch(/^a: deaf 1[0-3]\d\d$/);
  unit.pipeline.record("b", 10_000);
  expect(unit.recorded[2]).toBe("b: deaf 0");
  await unit.run(3_000);
  expect(unit.codec.recordings).toHaveLength(1);
});

test("whoever asks for it ends it, kept or thrown away, and a newer recording ends the older one", async () => {
  await begin();
  await unit.speak(1_000, 100);
  unit.pipeline.record("b", 10_000);
  expect(unit.recorded[1]).toMatch(/^a: asked 1/);
  unit.recorder.stop("a", true);
  unit.recorder.stop("b", true);
  expect(unit.recorded[2]).toBe("b: asked 0");
  unit.pipeline.record("c", 10_000);
  await unit.run(TONE_MS);
  await unit.speak(1_000, 100);
  unit.recorder.stop("c", false);
  expect(unit.recorded.slice(3)).toEqual(["c: asked 0"]);
  expect(unit.codec.recordings[1]).toMatchObject({ dropped: true, finished: null });
});

test("an encoder that fails ends it as broken, once, and the next recording is tried", async () => {
  await begin();
  await unit.speak(1_000, 100);
  line().listener.onFailure(new AudioError("engine-missing", "no codec"));
  expect(unit.recorded).toEqual(["a: broken 0"]);
  expect(unit.failures).toEqual(["engine-missing"]);
  await unit.run(3_000);
  expect(unit.recorded).toHaveLength(1);
  unit.pipeline.record("b", 10_000);
  await unit.run(TONE_MS);
  expect(unit.codec.recordings).toHaveLength(2);
});

test("while a message is recorded the far end hears nothing of it, and nothing new is said", async () => {
  await begin();
  unit.farEnd.sent.length = 0;
  unit.pipeline.say(5, "by the way");
  await unit.speak(1_000, 500);
  expect(new Set(unit.farEnd.sent)).toEqual(new Set([null]));
  expect(unit.synthesiser.spoken).toEqual([]);
  unit.recorder.stop("a", true);
  await unit.run(600);
  expect(unit.said).toEqual([5]);
});

test("what waits to be decided on stays short, however long the message", async () => {
  await begin();
  let waitedMs = 0;
  for (let sentence = 0; sentence < 15; sentence += 1) {
    await unit.speak(sentence % 3 === 0 ? 6_000 : 700, 1_000);
    if (line().asked.length > 0) line().listener.onWord(false);
    const [, kept] = line().kept.at(-1) ?? [0, 0];
    waitedMs = Math.max(waitedMs, line().frames10ms * 10 - kept);
  }
  expect(waitedMs).toBeLessThan(5_000);
  // What was kept follows on without a gap, and nothing twice.
  for (const [index, [from, until]] of line().kept.entries()) {
    expect(from).toBeLessThan(until);
    expect(until).toBeGreaterThan(line().kept[index - 1]?.[1] ?? 0);
  }
});
