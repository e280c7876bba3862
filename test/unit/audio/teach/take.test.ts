import { expect, test } from "vitest";
import { FRAME_SAMPLES } from "#audio/frame.ts";
import { TAKE_MS } from "#audio/protocol-teach.ts";
import { build } from "../built-pipeline.ts";

const UNTIL_TAKEN_MS = TAKE_MS + 1_500;

test("a word is recorded after a tone, whole, and wakes and commands nothing meanwhile", async () => {
  const unit = build();
  await unit.run(200);
  unit.pipeline.take("one");
  const loudest = await unit.run(500);
  expect(loudest).toBeGreaterThan(1_000);
  const before = unit.wake.frames10ms;
  await unit.run(2_000);
  expect(unit.wake.frames10ms).toBe(before);
  await unit.run(UNTIL_TAKEN_MS);
  expect(unit.taken).toMatchObject([{ id: "one", why: "whole" }]);
  const samples = unit.taken[0]?.samples ?? new Int16Array();
  expect(samples.length).toBe((TAKE_MS / 10) * FRAME_SAMPLES);
  // Each frame of the microphone once, and in order.
  expect((samples.at(-1) ?? 0) - (samples[0] ?? 0)).toBe(TAKE_MS / 10 - 1);
  expect(unit.wake.frames10ms).toBeGreaterThan(before);
});

test("what is being said is said before the tone", async () => {
  const unit = build();
  unit.pipeline.say(1, "say the word");
  unit.pipeline.take("one");
  await unit.run(20);
  expect(unit.said).toEqual([]);
  await unit.run(UNTIL_TAKEN_MS + 3_000);
  expect(unit.said).toEqual([1]);
  expect(unit.taken).toMatchObject([{ id: "one", why: "whole" }]);
});

test("a muted microphone records nothing, before and during", async () => {
  const unit = build();
  unit.pipeline.setMute(true);
  unit.pipeline.take("muted");
  expect(unit.taken).toMatchObject([{ id: "muted", why: "deaf", samples: new Int16Array() }]);
  unit.pipeline.setMute(false);
  unit.pipeline.take("then muted");
  await unit.run(1_500);
  unit.pipeline.setMute(true);
  expect(unit.taken[1]).toMatchObject({ id: "then muted", why: "deaf", samples: new Int16Array() });
});

test.each(["ring", "ring-back"] as const)(
  "a call (%s) comes before a recording, of which nothing is kept",
  async (tone) => {
    const unit = build();
    unit.pipeline.take("one");
    await unit.run(1_500);
    unit.pipeline.startTone(tone);
    expect(unit.taken).toMatchObject([{ id: "one", why: "interrupted", samples: new Int16Array() }]);
    const before = unit.wake.frames10ms;
    await unit.run(100);
    expect(unit.wake.frames10ms).toBe(before + 10);
  },
);

test("a newer recording ends the older one, and one whose turn never comes ends by itself", async () => {
  const unit = build();
  unit.pipeline.take("one");
  unit.pipeline.take("two");
  expect(unit.taken).toMatchObject([{ id: "one", why: "interrupted" }]);
  unit.pipeline.listen(60_000);
  unit.voice.probability = 0.9;
  unit.pipeline.hush();
  unit.pipeline.take("three");
  await unit.run(30_000);
  expect(unit.taken.map(({ id }) => id)).toEqual(["one", "two", "three"]);
});
