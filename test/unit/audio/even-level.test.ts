import { expect, test } from "vitest";
import { EvenLevel } from "#audio/even-level.ts";
import { levelDbfs, peakOf } from "#audio/level.ts";

/** What comes out of `sound` in pieces of 20 to 120 ms. */
function even(sound: Int16Array): Int16Array {
  const level = new EvenLevel();
  const pieces: Int16Array[] = [];
  for (let at = 0, turn = 0; at < sound.length; turn += 1) {
    const length = 320 * (1 + (turn % 6));
    pieces.push(level.process(sound.subarray(at, at + length)));
    at += length;
  }
  return Int16Array.from([...pieces, level.finish()].flatMap((piece) => [...piece]));
}

/** Syllables of 200 ms with 100 ms between them: buzz at 150 Hz, of this peak. */
function voice(seconds: number, peak: number): Int16Array {
  return Int16Array.from({ length: seconds * 16_000 }, (_, index) => {
    const inSyllable = (index % 4_800) / 3_200;
    const swell = inSyllable < 1 ? Math.sin(Math.PI * inSyllable) : 0;
    return peak * swell * (1 - 2 * ((index % 107) / 107));
  });
}

const loudest20ms = (sound: Int16Array) => {
  let most = -120;
  for (let at = 0; at + 320 <= sound.length; at += 320) most = Math.max(most, levelDbfs(sound.subarray(at, at + 320)));
  return most;
};

test.each<[string, Int16Array]>([
  ["a voice at full scale", voice(4, 32_767)],
  [
    "a square wave at full scale",
    Int16Array.from({ length: 64_000 }, (_, index) => (index % 40 < 20 ? 32_767 : -32_768)),
  ],
  [
    "noise at full scale",
    Int16Array.from({ length: 64_000 }, (_, index) => ((index * 7_919 * 7_919) % 65_536) - 32_768),
  ],
  [
    "silence, then a bang",
    Int16Array.from({ length: 64_000 }, (_, index) => (index > 48_000 && index < 48_400 ? 32_767 : 0)),
  ],
  ["a whisper, then a shout", Int16Array.from([...voice(3, 300), ...voice(2, 32_767)])],
  ["one click", Int16Array.from({ length: 32_000 }, (_, index) => (index === 16_000 ? -32_768 : 0))],
])("%s comes out no louder than a voice in a call: 20 ms at most -17 dBFS, no sample above -6 dBFS", (_, sound) => {
  const out = even(sound);
  expect(out.length).toBe(sound.length);
  expect(loudest20ms(out)).toBeLessThanOrEqual(-16.9);
  expect(peakOf(out)).toBeLessThanOrEqual(16_423);
});

test("a voice at full scale ends at the level of one that spoke from a metre away", () => {
  const [shouted, spoken] = [even(voice(4, 32_767)), even(voice(4, 6_000))];
  expect(levelDbfs(shouted) - levelDbfs(spoken)).toBeLessThan(1.5);
});

test("a faint voice is raised, by 12 dB at most, and silence stays silence", () => {
  const faint = voice(6, 600);
  const raisedDb = levelDbfs(even(faint).subarray(64_000)) - levelDbfs(faint.subarray(64_000));
  expect(raisedDb).toBeGreaterThan(6);
  expect(raisedDb).toBeLessThanOrEqual(12.1);
  expect(peakOf(even(new Int16Array(16_000)))).toBe(0);
});
