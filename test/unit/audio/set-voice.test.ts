import { beforeEach, expect, test } from "vitest";
import { peakOf } from "#audio/level.ts";
import { PLAIN_VOLUME } from "#audio/protocol-words.ts";
import { build } from "./built-pipeline.ts";

let unit: ReturnType<typeof build>;
beforeEach(() => {
  unit = build();
});

test("an answer is listened for under its own grammar, once, and a wake word goes back to all commands", async () => {
  unit.pipeline.listen(2_000, { jsgf: "digits", waitMs: 1_500 });
  await unit.run(50);
  expect(unit.recogniser.only).toBe("digits");
  unit.wake.wake();
  await unit.run(50);
  expect(unit.recogniser.only).toBeNull();
});

test("the volume is that of all sound, and comes without a click", async () => {
  unit.farEnd.sounds = true;
  await unit.run(100);
  const before = peakOf(unit.playback);
  unit.pipeline.setVoice(PLAIN_VOLUME - 2, 450);
  await unit.run(10);
  const steps = Array.from(unit.playback, (sample, at) => Math.abs(sample - (unit.playback[at - 1] ?? sample)));
  expect(Math.max(...steps)).toBeLessThan(before / 50);
  await unit.run(20);
  expect(peakOf(unit.playback)).toBeCloseTo(before * 10 ** (-6 / 20), -1);
});

test("whoever needs time to speak is waited for as long as they asked", async () => {
  for (const [waitMs, count] of [
    [450, 1],
    [1_500, 0],
  ] as const) {
    unit.heard.length = 0;
    unit.pipeline.setVoice(PLAIN_VOLUME, waitMs);
    unit.pipeline.listen(2_000);
    await unit.run(20);
    await unit.speak(500, 900);
    expect(unit.heard).toHaveLength(count);
    await unit.run(2_000);
  }
});
