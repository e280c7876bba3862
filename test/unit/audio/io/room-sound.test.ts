import * as v from "valibot";
import { expect, test } from "vitest";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { RoomSound, type RoomSoundOptions } from "#audio/io/room-sound.ts";
import { xorshift } from "#audio/io/white-noise.ts";
import { levelDbfs } from "#audio/level.ts";
import { Loudspeaker, Reverb } from "#audio/protocol.ts";

const BARE = { echoDb: -6, echoDelayMs: 8, noiseDbfs: -120 };
const REVERB = v.parse(Reverb, { rt60Ms: 300 });
const SILENCE = new Int16Array(RATE_HZ);

function hiss(length: number, peak: number): Int16Array {
  const next = xorshift(77);
  return Int16Array.from({ length }, () => Math.round(next() * peak));
}

async function hear(options: RoomSoundOptions, playing: Int16Array, voices: Int16Array): Promise<Int16Array> {
  using room = await RoomSound.open(options);
  const microphone = new Int16Array(playing.length);
  for (let at = 0; at < playing.length; at += FRAME_SAMPLES) {
    const until = at + FRAME_SAMPLES;
    room.step(
      playing.subarray(at, until),
      Float64Array.from(voices.subarray(at, until)),
      microphone.subarray(at, until),
    );
  }
  return microphone;
}

test.each([0, -6, -20])("in a reverberant room too the loudspeaker reaches the microphone at %d dB", async (echoDb) => {
  const played = hiss(RATE_HZ, 8_000);
  const heard = await hear({ ...BARE, echoDb, reverb: REVERB }, played, SILENCE);
  expect(levelDbfs(heard) - levelDbfs(played)).toBeGreaterThan(echoDb - 1);
  expect(levelDbfs(heard) - levelDbfs(played)).toBeLessThan(echoDb + 1);
});

test.each([2, 8, 63])("in a reverberant room the echo's direct sound arrives after %d ms", async (echoDelayMs) => {
  const click = new Int16Array(RATE_HZ);
  click[400] = 20_000;
  const heard = await hear({ ...BARE, echoDelayMs, reverb: REVERB }, click, SILENCE);
  const loudest = heard.reduce((most, each, at) => (Math.abs(each) > Math.abs(heard[most] ?? 0) ? at : most), 0);
  expect(Math.abs(loudest - 400 - echoDelayMs * 16)).toBeLessThanOrEqual(1);
});

test("people in a reverberant room are as loud as in a dry one, and go on sounding when they are silent", async () => {
  const said = hiss(RATE_HZ, 8_000).fill(0, RATE_HZ / 2);
  const dry = await hear(BARE, SILENCE, said);
  const wet = await hear({ ...BARE, reverb: { ...REVERB, talkerM: [2.1, 1.4, 1.3] } }, SILENCE, said);
  const during = (heard: Int16Array) => levelDbfs(heard.subarray(1_600, RATE_HZ / 2));
  const after = (heard: Int16Array) => levelDbfs(heard.subarray(RATE_HZ / 2 + 800, RATE_HZ / 2 + 1_600));
  expect(dry).toEqual(said);
  expect(Math.abs(during(wet) - during(dry))).toBeLessThan(1);
  expect(after(dry)).toBe(-120);
  // 75 ms after the end a quarter of 60 dB is gone, and what the direct sound had.
  expect(after(wet) - during(wet)).toBeGreaterThan(-30);
  expect(after(wet) - during(wet)).toBeLessThan(-12);
});

test("the loudspeaker's faults are in the echo, and the stated delay is still the echo's", async () => {
  const click = new Int16Array(RATE_HZ);
  click[400] = 20_000;
  const loudspeaker = v.parse(Loudspeaker, { delayJump: { atMs: 500, byMs: -5 } });
  click[RATE_HZ / 2 + 400] = 20_000;
  for (const reverb of [undefined, REVERB]) {
    const heard = await hear({ ...BARE, reverb, loudspeaker }, click, SILENCE);
    const arrivals = [0, RATE_HZ / 2].map((from) => {
      const half = heard.subarray(from, from + RATE_HZ / 2).map(Math.abs);
      return half.indexOf(Math.max(...half)) - 400;
    });
    expect(arrivals).toEqual([8 * 16, 3 * 16]);
  }
  await expect(RoomSound.open({ ...BARE, echoDelayMs: 3, loudspeaker })).rejects.toThrow(/needs 6 ms at least, not 3/);
});

test("a room that cannot be is refused", async () => {
  await expect(RoomSound.open({ ...BARE, reverb: { ...REVERB, talkerM: [9, 1, 1] } })).rejects.toThrow(/not inside/);
});

test.each([
  { rt60Ms: 0 },
  { rt60Ms: 1e9 },
  { rt60Ms: Number.NaN },
  { rt60Ms: 300, sizeM: [0.01, 4, 2] },
  { rt60Ms: 300, sizeM: [5, 4] },
  { rt60Ms: 300, sizeM: [5, 4, 3, 2] },
  { rt60Ms: 300, wall: "brick" },
])("no room is configured by %j", (reverb) => {
  expect(v.safeParse(Reverb, reverb).success).toBe(false);
});
