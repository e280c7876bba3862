import { expect, test } from "vitest";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { xorshift } from "#audio/io/white-noise.ts";
import { gainOfDb, levelDbfs, peakOf } from "#audio/level.ts";
import { PolishedUplink } from "#audio/uplink.ts";
import { VoiceLevel } from "#audio/voice-level.ts";

/** Three syllables a second at the given level, over a little noise. */
function talk(seconds: number, dbfs: number, noiseDbfs = -70): Int16Array {
  const next = xorshift(4);
  const peak = 32_767 * gainOfDb(dbfs + 3);
  const noise = 32_767 * gainOfDb(noiseDbfs) * Math.sqrt(3);
  return Int16Array.from({ length: seconds * RATE_HZ }, (_, at) => {
    const syllable = Math.sin((2 * Math.PI * 3 * at) / RATE_HZ) > -0.3 ? 1 : 0;
    return Math.max(
      -32_768,
      Math.min(32_767, syllable * peak * Math.sin((2 * Math.PI * 180 * at) / RATE_HZ) + noise * next()),
    );
  });
}

function levelled(sound: Int16Array, level = new VoiceLevel()): Int16Array {
  const out = sound.slice();
  for (let at = 0; at < out.length; at += FRAME_SAMPLES) level.level(out.subarray(at, at + FRAME_SAMPLES));
  return out;
}

const from = (sound: Int16Array, second: number): Int16Array => sound.subarray(second * RATE_HZ);

test("whispers and shouts come out at one level, to 3 dB", () => {
  const levels = [-38, -30, -24, -16, -8].map((dbfs) => levelDbfs(from(levelled(talk(12, dbfs)), 8)));
  expect(Math.max(...levels) - Math.min(...levels)).toBeLessThan(3);
  expect(Math.abs((levels[2] ?? 0) + 22)).toBeLessThan(3);
});

test("no sample leaves above -1 dBFS, though a shout follows a whisper", () => {
  const out = levelled(Int16Array.from([...talk(8, -42), ...talk(2, -2)]));
  expect(peakOf(out)).toBeLessThanOrEqual(Math.ceil(32_767 * gainOfDb(-1)));
  // The control: without the limiter it would have clipped.
  expect(peakOf(from(levelled(talk(8, -42)), 6)) / peakOf(from(talk(8, -42), 6))).toBeGreaterThan(gainOfDb(12));
});

test("noise in a pause does not swell, nor does a room in which nobody speaks", () => {
  const silent = talk(12, -200, -45);
  expect(levelDbfs(from(levelled(silent), 10)) - levelDbfs(from(silent, 10))).toBeLessThan(1);
  const paused = Int16Array.from([...talk(6, -30, -50), ...talk(8, -200, -50)]);
  const out = levelled(paused);
  const early = levelDbfs(out.subarray(7 * RATE_HZ, 8 * RATE_HZ));
  expect(Math.abs(levelDbfs(from(out, 13)) - early)).toBeLessThan(0.5);
});

test("the far end hears it without noise and at its level; what the ears hear stays as it was", () => {
  const quietened: number[] = [];
  const uplink = new PolishedUplink({
    quieten: (frame) => {
      quietened.push(levelDbfs(frame));
      frame.fill(0);
    },
    [Symbol.dispose]: () => undefined,
  });
  const ears = talk(1, -20).subarray(0, FRAME_SAMPLES);
  const before = ears.slice();
  expect(levelDbfs(uplink.polish(ears))).toBe(-120);
  expect(ears).toEqual(before);
  expect(quietened).toEqual([levelDbfs(before)]);
});
