import { expect, test } from "vitest";
import { OpusDecoder } from "#audio/engines/codec-opusfile.ts";
import { checkSound } from "#audio/ogg.ts";
import { encodeSound, madeVoice } from "../house/opus-sound.ts";
import { say } from "../house/spoken.ts";

const STORY =
  "It was a dark night, and nobody saw the seven men who came over the hill and stood at the gate. " +
  "The kettle was on. Somebody laughed, and a dog barked twice at the far end of the garden.";

function repeated(sound: Int16Array, seconds: number): Int16Array {
  return Int16Array.from({ length: seconds * 16_000 }, (_, index) => sound[index % sound.length] ?? 0);
}

function noise(seconds: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length: seconds * 16_000 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) - 32_768;
  });
}

test.each([10, 60, 120])(
  "a message of %i s stays within 24 kbit/s with its container, whatever it holds",
  (seconds) => {
    const voice = repeated(say("slt", STORY), seconds);
    for (const sound of [voice, repeated(madeVoice(3_000), seconds), noise(seconds)]) {
      const file = encodeSound(sound);
      expect((file.length * 8) / seconds).toBeLessThanOrEqual(24_000);
      expect(checkSound(file, seconds * 1_000)).toEqual({ ok: true, durationMs: seconds * 1_000 });
    }
  },
);

test("a file holds nothing of when, where or by whom it was made: the same sound, the same bytes", () => {
  const voice = say("rms", "The same words.");
  expect(encodeSound(voice).equals(encodeSound(voice))).toBe(true);
});

test("what comes out is as long as what went in, to the sample, and is the same sound", () => {
  const voice = say("slt", STORY);
  using decoder = new OpusDecoder(encodeSound(voice));
  const out: number[] = [];
  for (let piece = decoder.read(); piece !== null; piece = decoder.read()) out.push(...piece);
  expect(Math.abs(out.length - voice.length)).toBeLessThanOrEqual(1);
  const energy = (from: number, of: ArrayLike<number>) => {
    let sum = 0;
    for (let index = from; index < from + 1_600; index += 1) sum += (of[index] ?? 0) ** 2;
    return 10 * Math.log10(sum / 1_600 + 1);
  };
  // Wherever there is voice, its level is the same to a few dB.
  for (let from = 0; from + 1_600 <= voice.length; from += 1_600)
    if (energy(from, voice) > 50) expect(Math.abs(energy(from, out) - energy(from, voice))).toBeLessThan(4);
});

test("a decoder may be closed twice, and read no more after it was", () => {
  const decoder = new OpusDecoder(encodeSound(madeVoice(200)));
  decoder[Symbol.dispose]();
  decoder[Symbol.dispose]();
  expect(decoder.read()).toBeNull();
  expect(() => new OpusDecoder(Buffer.from("no sound"))).toThrow("cannot open");
});
