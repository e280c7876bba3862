import { beforeEach, expect, test } from "vitest";
import { peakOf } from "#audio/level.ts";
import { build, PRE_ROLL_MS } from "./built-pipeline.ts";

let unit: ReturnType<typeof build>;
beforeEach(() => {
  unit = build();
});

test("while nothing plays the loudspeaker is at digital zero", async () => {
  expect(await unit.run(500)).toBe(0);
});

test("after the wake word one command is taken in, from shortly before the word was recognised to the end of the voice", async () => {
  await unit.run(1_000);
  unit.wake.wake();
  expect(unit.recogniser.frames).toEqual(Array.from({ length: PRE_ROLL_MS / 10 }, (_, index) => 71 + index));
  const startedMs = unit.clock.nowMs();
  await unit.speak(800, 900);
  expect(unit.heard).toHaveLength(1);
  expect(unit.heard[0]).toMatchObject({ text: "call ben", score: 1.5, spoke: true });
  expect(Math.abs((unit.heard[0]?.endOfSpeechMs ?? 0) - (startedMs + 800))).toBeLessThanOrEqual(40);
  // 450 ms of silence were heard, and nothing of what came after.
  expect(unit.recogniser.frames.length * 10 - PRE_ROLL_MS).toBeGreaterThanOrEqual(800 + 430);
  expect(unit.recogniser.frames.length * 10 - PRE_ROLL_MS).toBeLessThanOrEqual(800 + 520);
});

test("a pause within a command does not end it", async () => {
  unit.wake.wake();
  await unit.speak(400, 350);
  await unit.speak(400, 200);
  expect(unit.heard).toEqual([]);
  await unit.run(400);
  expect(unit.heard).toHaveLength(1);
});

test("where nobody speaks, listening ends after four seconds and says so", async () => {
  unit.wake.wake();
  await unit.run(3_900);
  expect(unit.heard).toEqual([]);
  await unit.run(200);
  expect(unit.heard).toMatchObject([{ text: null, spoke: false }]);
});

test("a cough is not a command", async () => {
  unit.wake.wake();
  await unit.speak(60, 4_100);
  expect(unit.heard).toMatchObject([{ text: null, spoke: false }]);
});

test("whoever talks on and on is cut off after eight seconds", async () => {
  unit.wake.wake();
  unit.voice.probability = 0.9;
  await unit.run(7_900);
  expect(unit.heard).toEqual([]);
  await unit.run(200);
  expect(unit.heard).toMatchObject([{ text: "call ben", spoke: true }]);
});

test("a voice detector that stops answering does not leave the unit listening for ever", async () => {
  unit.voice.answering = false;
  unit.wake.wake();
  await unit.run(8_700);
  expect(unit.heard).toMatchObject([{ text: null, spoke: false }]);
});

test("a recogniser that fails or never answers is told of, and the command counts as not understood", async () => {
  for (const answer of [new Error("broken"), "never"] as const) {
    unit = build();
    unit.recogniser.answer = answer;
    unit.wake.wake();
    await unit.speak(500, 4_000);
    expect(unit.heard).toMatchObject([{ text: null, spoke: true }]);
    expect(unit.failures).toEqual(["engine-failed"]);
  }
});

test("on the wake word a ring pauses at once, and comes back when the brain had time to act", async () => {
  unit.pipeline.startTone("ring");
  expect(await unit.run(500)).toBeGreaterThan(3_000);
  unit.wake.wake();
  await unit.run(20);
  unit.voice.probability = 0.9;
  expect(await unit.run(1_500)).toBe(0);
  unit.voice.probability = 0;
  await unit.run(600);
  expect(unit.heard).toHaveLength(1);
  expect(await unit.run(4_000)).toBeGreaterThan(3_000);
});

test("on the wake word the far end goes down by 20 dB", async () => {
  unit.farEnd.sounds = true;
  expect(await unit.run(100)).toBe(4_000);
  unit.wake.wake();
  await unit.run(20);
  expect(await unit.run(500)).toBe(400);
});

test("the wake word hushes what the unit was saying and what waited to be said", async () => {
  unit.pipeline.say(1, "a long sentence");
  unit.pipeline.say(2, "and another");
  expect(await unit.run(200)).toBe(6_000);
  unit.wake.wake();
  await unit.run(10);
  expect(unit.said).toEqual([1, 2]);
  await unit.run(20);
  expect(await unit.run(300)).toBe(0);
});

test("the far end hears the cleaned microphone, but no command spoken to the unit", async () => {
  await unit.run(100);
  expect(unit.farEnd.sent).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  unit.wake.wake();
  unit.farEnd.sent.length = 0;
  await unit.speak(500, 400);
  expect(new Set(unit.farEnd.sent)).toEqual(new Set([null]));
  await unit.run(400);
  expect(unit.heard).toHaveLength(1);
  expect(unit.farEnd.sent.at(-1)).toBe(unit.counts().ticks);
});

test("while muted no frame reaches wake word, voice detector, recogniser, echo canceller or far end", async () => {
  await unit.run(100);
  unit.wake.wake();
  await unit.run(100);
  unit.pipeline.setMute(true);
  // Who was listening is told that nobody spoke.
  expect(unit.heard).toMatchObject([{ text: null, spoke: false }]);
  const before = [unit.wake.frames10ms, unit.voice.frames10ms, unit.recogniser.all10ms, unit.echo.frames10ms];
  unit.farEnd.sent.length = 0;
  await unit.run(1_000);
  unit.wake.wake();
  unit.pipeline.listen(1_000);
  await unit.run(1_000);
  expect([unit.wake.frames10ms, unit.voice.frames10ms, unit.recogniser.all10ms, unit.echo.frames10ms]).toEqual(before);
  expect(new Set(unit.farEnd.sent)).toEqual(new Set([null]));
  expect(peakOf(unit.microphone)).toBe(0);
  expect(unit.counts().wakes).toBe(1);
  expect(unit.heard).toHaveLength(2);
});

test("nothing that was heard before the mute switch was used can be recognised after it", async () => {
  await unit.run(1_000);
  unit.pipeline.setMute(true);
  unit.pipeline.setMute(false);
  expect(unit.wake.resets).toBe(2);
  await unit.run(50);
  unit.wake.wake();
  expect(unit.recogniser.frames).toEqual([101, 102, 103, 104, 105]);
});

test("the echo canceller is given what the loudspeaker was playing", async () => {
  unit.pipeline.say(1, "x");
  await unit.run(200);
  expect(unit.echo.loudestPlayback).toBe(6_000);
});

test("listening without a wake word begins when what is being said is over", async () => {
  unit.pipeline.say(1, "four");
  unit.pipeline.listen(2_000);
  await unit.run(150);
  expect(unit.recogniser.starts).toBe(0);
  await unit.run(150);
  expect(unit.said).toEqual([1]);
  expect(unit.recogniser.starts).toBe(1);
  await unit.run(2_100);
  expect(unit.heard).toMatchObject([{ spoke: false }]);
});

test("who stops listening hears nothing more of it", async () => {
  unit.pipeline.listen(2_000);
  await unit.run(100);
  unit.pipeline.stopListening();
  await unit.speak(500, 1_000);
  expect(unit.heard).toEqual([]);
});

test("a second wake word begins the command anew", async () => {
  unit.wake.wake();
  await unit.speak(300, 100);
  unit.wake.wake();
  expect(unit.recogniser.starts).toBe(2);
  await unit.speak(500, 600);
  expect(unit.heard).toHaveLength(1);
});

test("what is said while a command is spoken waits until it is over", async () => {
  unit.wake.wake();
  unit.pipeline.say(7, "later");
  await unit.run(500);
  expect(unit.synthesiser.spoken).toEqual([]);
  await unit.speak(500, 600);
  expect(unit.synthesiser.spoken).toEqual(["later"]);
  await unit.run(400);
  expect(unit.said).toEqual([7]);
});

test("sentences follow one another, each reported once when it is over", async () => {
  unit.pipeline.say(1, "one");
  unit.pipeline.say(2, "two");
  await unit.run(200);
  expect(unit.said).toEqual([1]);
  await unit.run(200);
  expect(unit.said).toEqual([1, 2]);
});

test("a voice that fails is told of, and its sentence counts as said", async () => {
  unit.synthesiser.failing = true;
  unit.pipeline.say(1, "one");
  await unit.run(50);
  expect(unit.said).toEqual([1]);
  expect(unit.failures).toEqual(["engine-failed"]);
});

test("no more is kept to be said than anybody would listen to", async () => {
  for (let id = 0; id < 40; id += 1) unit.pipeline.say(id, "something");
  expect(unit.failures.length).toBeGreaterThan(0);
  expect(unit.said).toHaveLength(unit.failures.length);
});

test("hush silences tones and speech within 20 ms and leaves a call alone", async () => {
  unit.pipeline.startTone("ring");
  unit.pipeline.say(1, "somebody calls");
  await unit.run(200);
  unit.pipeline.hush();
  await unit.run(20);
  expect(await unit.run(500)).toBe(0);
  unit.farEnd.sounds = true;
  unit.pipeline.hush();
  expect(await unit.run(100)).toBe(4_000);
});

test("the ring steps back while the unit says who calls", async () => {
  unit.pipeline.startTone("ring");
  await unit.run(20);
  unit.pipeline.say(1, "somebody calls you now");
  await unit.run(60);
  expect(await unit.run(300)).toBeLessThan(7_500);
});

test("a rig can cut what is sent, and only that", async () => {
  unit.pipeline.cutUplink(true);
  await unit.run(50);
  expect(new Set(unit.farEnd.sent)).toEqual(new Set([null]));
  expect(unit.wake.frames10ms).toBe(5);
});

test("the ears hear a voice before anything is suppressed in it; the far end hears what is left afterwards", async () => {
  unit.echo.unsuppressed = new Int16Array(160).fill(7_000);
  await unit.run(100);
  expect(unit.farEnd.sent.at(-1)).toBe(10);
  unit.wake.wake();
  await unit.run(50);
  expect(unit.recogniser.frames.every((sample) => sample === 7_000)).toBe(true);
  unit.echo.unsuppressed = null;
  await unit.run(10);
  expect(unit.recogniser.frames.at(-1)).toBe(16);
});
