import { beforeEach, expect, test } from "vitest";
import { AudioError } from "#audio/audio-error.ts";
import type { SoundPart } from "#audio/sound-parts.ts";
import { PartCutter, PartJoiner } from "#audio/sound-parts.ts";
import { build } from "./built-pipeline.ts";

let unit: ReturnType<typeof build>;
beforeEach(() => {
  unit = build();
});

const part = (index: number, last: boolean, text = "sound"): SoundPart => {
  return { index, last, data: Buffer.from(text).toString("base64") };
};

test("a message plays when its last part has come, all of it, and says so once", async () => {
  unit.player.take("a", part(0, false), 1_000);
  expect(await unit.run(200)).toBe(0);
  unit.player.take("a", part(1, true), 1_000);
  expect(await unit.run(1_000)).toBe(2_000);
  expect(Buffer.from(unit.codec.files[0] ?? []).toString()).toBe("soundsound");
  await unit.run(100);
  expect(unit.played).toEqual(["a: whole"]);
  expect(await unit.run(100)).toBe(0);
});

test("a message waits for what is being said, and what is said next waits for the message", async () => {
  unit.pipeline.say(1, "from ana");
  unit.player.take("a", part(0, true), 1_000);
  expect(await unit.run(300)).toBe(6_000);
  unit.pipeline.say(2, "next");
  await unit.run(100);
  expect(await unit.run(300)).toBe(6_000);
  await unit.run(1_200);
  expect(unit.played).toEqual(["a: whole"]);
  expect(unit.said).toEqual([1, 2]);
  expect(unit.failures).toEqual([]);
});

test.each<[string, (unit: ReturnType<typeof build>) => void]>([
  ["the wake word", ({ wake }) => wake.wake()],
  ["a ring", ({ pipeline }) => pipeline.startTone("ring")],
  ["the mute switch", ({ pipeline }) => pipeline.setMute(true)],
  ["a hush", ({ pipeline }) => pipeline.hush()],
  ["being asked", ({ player }) => player.stop("a")],
  ["another message", ({ player }) => player.take("b", part(0, false), 1_000)],
])(
  "%s stops a message within 10 ms, the wake word once it is known not to be the message's own",
  async (what, stop) => {
    unit.player.take("a", part(0, true), 1_000);
    expect(await unit.run(300)).toBe(2_000);
    stop(unit);
    await unit.run(0);
    expect(unit.played).toEqual(["a: stopped"]);
    expect(unit.codec.dropped).toBe(1);
    await unit.run(10);
    if (what !== "a ring") expect(await unit.run(300)).toBe(0);
    unit.player.take("a", part(1, true), 1_000);
    expect(unit.played).toEqual(["a: stopped"]);
  },
);

test("being asked to stop another message changes nothing", async () => {
  unit.player.take("a", part(0, true), 1_000);
  unit.player.stop("b");
  expect(await unit.run(300)).toBe(2_000);
});

test("parts out of order, twice or without an end are no message", async () => {
  unit.player.take("a", part(0, false), 1_000);
  unit.player.take("a", part(2, true), 1_000);
  unit.player.take("a", part(1, false), 1_000);
  expect(unit.played).toEqual(["a: broken"]);
  unit.player.take("b", part(0, false), 1_000);
  await unit.run(30_100);
  expect(unit.played).toEqual(["a: broken", "b: broken"]);
  expect(unit.codec.files).toEqual([]);
});

test("a file that cannot be played is broken, silently, and the next one plays", async () => {
  unit.codec.failing = new AudioError("bad-sound-file", "no sound");
  unit.player.take("a", part(0, true), 1_000);
  expect(await unit.run(100)).toBe(0);
  expect(unit.played).toEqual(["a: broken"]);
  unit.codec.failing = null;
  unit.player.take("b", part(0, true), 1_000);
  expect(await unit.run(300)).toBe(2_000);
});

test("a message does not begin while somebody speaks a command or a message", async () => {
  unit.pipeline.record("r", 10_000);
  await unit.run(400);
  unit.player.take("a", part(0, true), 1_000);
  expect(await unit.run(500)).toBe(0);
  unit.recorder.stop("r", false);
  await unit.run(20);
  expect(await unit.run(300)).toBe(2_000);
});

test("a file cut into parts is the same file when it is put together, and too much of it is refused", () => {
  for (const length of [1, 24_575, 24_576, 24_577, 100_000]) {
    const file = Buffer.from(Array.from({ length }, (_, index) => index % 251));
    const parts: SoundPart[] = [];
    const cutter = new PartCutter((each) => parts.push(each));
    for (let at = 0; at < length; at += 4_000) cutter.add(file.subarray(at, at + 4_000));
    cutter.finish();
    const joiner = new PartJoiner();
    expect(parts.map(({ last }) => last)).toEqual(parts.map((_, index) => index === parts.length - 1));
    for (const each of parts) expect(each.data.length).toBeLessThanOrEqual(32_768);
    expect(Buffer.from(parts.map((each) => joiner.add(each)).at(-1) ?? [])).toEqual(file);
  }
  const joiner = new PartJoiner();
  const big = Buffer.alloc(24_576).toString("base64");
  const answers = Array.from({ length: 31 }, (_, index) => joiner.add({ index, last: false, data: big }));
  expect(answers.at(29)).toBeNull();
  expect(answers.at(30)).toBe("broken");
});
