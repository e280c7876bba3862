import { expect, test } from "vitest";
import { QuietRoom } from "#audio/engines/quiet-room.ts";
import { MEL_BANDS, STEP_MEL_FRAMES } from "#audio/engines/speech-embedding.ts";
import { seededRandom } from "#scripts/hear/random.ts";

/** A spectrogram's scale: 10 dB are 1. White noise of 60 dB below full scale lies about here. */
const NOISE = 5.6;
const SECOND_STEPS = 12.5;

/** One step of noise, with bands that are louder by so much. */
function step(random: () => number, louder: (band: number) => number = () => 0): Float32Array {
  return Float32Array.from({ length: STEP_MEL_FRAMES * MEL_BANDS }, (_, index) => {
    const spread = (random() + random() + random() - 1.5) * 1.2;
    return NOISE + spread + louder(index % MEL_BANDS);
  });
}

function quietShare(room: QuietRoom, seconds: number, next: () => Float32Array): number {
  const steps = Math.round(seconds * SECOND_STEPS);
  let quiet = 0;
  for (let index = 0; index < steps; index += 1) if (room.hear(next())) quiet += 1;
  return quiet / steps;
}

test("nine of ten looks are spared where there is nothing but the room's own noise", () => {
  const random = seededRandom(1);
  const room = new QuietRoom();
  quietShare(room, 3, () => step(random));
  expect(quietShare(room, 60, () => step(random))).toBeCloseTo(0.9, 1);
});

test("whatever rises 8 dB out of the noise, in a few bands only, is looked at from its first step on", () => {
  for (const first of [0, 8, 16, 28]) {
    const random = seededRandom(2);
    const room = new QuietRoom();
    quietShare(room, 20, () => step(random));
    const voice = (band: number): number => (band >= first && band < first + 4 ? 0.8 : 0);
    expect(room.hear(step(random, voice))).toBe(false);
    // The embedding reaches back 0.8 s: what follows a word is looked at too.
    expect(quietShare(room, 1, () => step(random))).toBe(0);
  }
});

test("a loud hum hides nothing that is said above it", () => {
  const random = seededRandom(3);
  const room = new QuietRoom();
  const hum = (band: number): number => (band < 4 ? 3 : 0);
  quietShare(room, 20, () => step(random, hum));
  expect(room.hear(step(random, (band) => hum(band) + (band >= 12 && band < 20 ? 0.8 : 0)))).toBe(false);
});

test("noise that becomes 10 dB louder is the room's own some seconds later", () => {
  const random = seededRandom(4);
  const room = new QuietRoom();
  quietShare(room, 20, () => step(random));
  const fan = (): Float32Array => step(random, () => 1);
  expect(quietShare(room, 1, fan)).toBe(0);
  quietShare(room, 10, fan);
  expect(quietShare(room, 20, fan)).toBeGreaterThan(0.8);
});

test("nothing is quiet within a second of a reset", () => {
  const random = seededRandom(5);
  const room = new QuietRoom();
  quietShare(room, 20, () => step(random));
  room.reset();
  expect(quietShare(room, 1, () => step(random))).toBe(0);
});
