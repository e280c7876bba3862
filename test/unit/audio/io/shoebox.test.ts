import { expect, test } from "vitest";
import { reverberationMs } from "#audio/io/decay.ts";
import { makeShoebox, type Place, responseIn } from "#audio/io/shoebox.ts";
import { xorshift } from "#audio/io/white-noise.ts";

const LIVING_ROOM: Place = [5.2, 4.1, 2.6];
const UNIT: Place = [1.3, 0.66, 1.08];
const LOUDSPEAKER: Place = [1.3, 0.6, 1];
const TALKER: Place = [2.9, 2.1, 1.5];
/** Until here a response is the direct sound and the first walls, whose steps are no decay. */
const EARLY_SAMPLES = 20 * 16;

const db = (energy: number) => 10 * Math.log10(energy);
const energyOf = (samples: Float64Array) => samples.reduce((sum, each) => sum + each * each, 0);

test("the measure of reverberation reads the slope of noise that decays as stated", () => {
  const next = xorshift(99);
  const decaying = Float64Array.from({ length: 16_000 }, (_, index) => next() * 10 ** (-3 * (index / 16 / 400)));
  expect(reverberationMs(decaying)).toBeGreaterThan(380);
  expect(reverberationMs(decaying)).toBeLessThan(420);
});

test.each([
  [LIVING_ROOM, 200],
  [LIVING_ROOM, 300],
  [LIVING_ROOM, 400],
  [[8, 5, 3] as const, 600],
  [[3.4, 2.9, 2.5] as const, 300],
])(
  "a room of %j m that shall reverberate for %d ms does so to a tenth, for the talker and for the unit",
  (sizeM, rt60Ms) => {
    const box = makeShoebox(sizeM, rt60Ms);
    const voice = responseIn(box, TALKER, UNIT);
    const echo = responseIn(box, LOUDSPEAKER, UNIT);
    for (const measuredMs of [reverberationMs(voice.samples), reverberationMs(echo.samples, EARLY_SAMPLES)]) {
      expect(measuredMs).toBeGreaterThan(rt60Ms * 0.9);
      expect(measuredMs).toBeLessThan(rt60Ms * 1.1);
    }
  },
);

test("the direct sound comes first, and the unit hears itself nearer than the talker", () => {
  const box = makeShoebox(LIVING_ROOM, 300);
  const directShare = (from: Place) => {
    const { samples, directAt } = responseIn(box, from, UNIT);
    expect(Math.abs(samples.subarray(0, directAt - 8).reduce((sum, each) => sum + each, 0))).toBeLessThan(0.05);
    const direct = energyOf(samples.subarray(0, directAt + 32));
    return db(direct) - db(energyOf(samples) - direct);
  };
  expect(directShare(LOUDSPEAKER)).toBeGreaterThan(10);
  expect(directShare(TALKER)).toBeLessThan(0);
});

test("a wall alone is the mirror that geometry says: its delay, its strength", () => {
  // A wall 2 m to the left of source and ear; everything else is far away.
  const box = { sizeM: [60, 60, 60] as const, rt60Ms: 60, reflection: 0.5 };
  const { samples, directAt } = responseIn(box, [2, 30, 30], [5, 30, 30]);
  const peakAt = (from: number, until: number) => {
    const part = samples.subarray(from, until).map(Math.abs);
    const at = part.indexOf(Math.max(...part));
    return { at: from + at, peak: part[at] ?? 0 };
  };
  const direct = peakAt(0, directAt + 40);
  const mirror = peakAt(directAt + 100, directAt + 260);
  // The way over the wall is 7 m instead of 3; reflections lie up to 8 cm (4 samples) beside their place.
  expect(Math.abs(mirror.at - direct.at - (4 / 343) * 16_000)).toBeLessThan(5);
  expect(mirror.peak / direct.peak).toBeGreaterThan((0.5 * 3) / 7.1 - 0.06);
  expect(mirror.peak / direct.peak).toBeLessThan((0.5 * 3) / 6.9 + 0.02);
});

test("the same room answers the same each time", () => {
  const box = makeShoebox(LIVING_ROOM, 250);
  expect(responseIn(box, TALKER, UNIT)).toEqual(responseIn(makeShoebox(LIVING_ROOM, 250), TALKER, UNIT));
});

test("a room that cannot be is refused with what is wrong", () => {
  const box = makeShoebox(LIVING_ROOM, 300);
  expect(() => responseIn(box, [5.3, 1, 1], UNIT)).toThrow(/5.3, 1, 1 is not inside a room of 5.2 x 4.1 x 2.6 m/);
  expect(() => makeShoebox([1.5, 1.5, 1.5], 1_000)).toThrow(/too long for a room/);
  expect(() => makeShoebox([Number.NaN, 1.5, 1.5], 300)).toThrow(RangeError);
  expect(() => makeShoebox([20, 20, 20], 150)).toThrow(/no walls/);
});
