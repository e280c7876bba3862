import { expect, test } from "vitest";
import { AlignedEcho } from "#audio/aligned-echo.ts";
import { ClockDrift } from "#audio/clock-drift.ts";
import { EchoDelay } from "#audio/echo-delay.ts";
import { Fourier } from "#audio/fourier.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "#audio/frame.ts";
import { xorshift } from "#audio/io/white-noise.ts";

function hiss(seconds: number, seed: number, peak = 6_000): Int16Array {
  const next = xorshift(seed);
  let low = 0;
  return Int16Array.from({ length: seconds * RATE_HZ }, () => {
    low += 0.4 * (next() - low);
    return low * peak;
  });
}

/** `played` as it is heard `delay` samples later, with one reflection, under other sound. */
function heard(played: Int16Array, delay: number, other: Int16Array): Int16Array {
  return played.map(
    (_, at) => 0.5 * (played[at - delay] ?? 0) + 0.3 * (played[at - delay - 90] ?? 0) + (other[at % other.length] ?? 0),
  );
}

/** What is seen, look by look. */
function looks(played: Int16Array, mic: Int16Array): (number | null)[] {
  const delay = new EchoDelay();
  const seen: (number | null)[] = [];
  for (let at = 0; at < played.length; at += FRAME_SAMPLES) {
    const look = delay.look(mic.subarray(at, at + FRAME_SAMPLES), played.subarray(at, at + FRAME_SAMPLES));
    if ((at / FRAME_SAMPLES) % 25 === 24) seen.push(look);
  }
  return seen;
}

test.each([0, 5, 40, 250, 500])(
  "an echo that comes %d ms late is found to a millisecond, under a voice as loud",
  (delayMs) => {
    const played = hiss(4, 3);
    const seen = looks(played, heard(played, delayMs * 16, hiss(4, 9, 4_000)));
    for (const look of seen.slice(8)) expect(Math.abs((look ?? Number.NaN) - delayMs * 16)).toBeLessThanOrEqual(16);
  },
);

test("where there is no echo none is found, nor where nothing is played", () => {
  expect(looks(hiss(4, 3), hiss(4, 8)).filter((look) => look !== null)).toEqual([]);
  expect(looks(new Int16Array(4 * RATE_HZ), hiss(4, 8)).filter((look) => look !== null)).toEqual([]);
});

test("the canceller is given what was played as it is heard, whatever the delay, and forgets when that changes", () => {
  const given: number[] = [];
  let forgotten = 0;
  const echo = new AlignedEcho({
    clean: (mic: Frame16k, playback: Frame16k) => {
      given.push(...playback);
      return mic;
    },
    forget: () => {
      forgotten += 1;
    },
    [Symbol.dispose]: () => undefined,
  });
  const played = hiss(10, 3);
  const [before, after] = [200 * 16, 330 * 16];
  const mic = heard(played, before, new Int16Array(1));
  mic.set(heard(played, after, new Int16Array(1)).subarray(5 * RATE_HZ), 5 * RATE_HZ);
  for (let at = 0; at < played.length; at += FRAME_SAMPLES)
    echo.clean(mic.subarray(at, at + FRAME_SAMPLES), played.subarray(at, at + FRAME_SAMPLES));
  // 8 ms before the echo arrives, to some milliseconds.
  const lagAt = (second: number): number => {
    const piece = given.slice(second * RATE_HZ, second * RATE_HZ + 50);
    for (let lag = 0; lag < 512 * 16; lag += 1)
      if (piece.every((sample, index) => sample === played[second * RATE_HZ - lag + index])) return lag;
    return Number.NaN;
  };
  expect(Math.abs(lagAt(4) - (before - 128))).toBeLessThan(32);
  expect(Math.abs(lagAt(9) - (after - 128))).toBeLessThan(32);
  expect(forgotten).toBe(2);
});

test.each([100, -60])(
  "a clock that runs %d millionths faster is found to 10 millionths, and a jump is not taken for one",
  (ppm) => {
    const drift = new ClockDrift();
    const delays = Array.from(
      { length: 40 },
      (_, look) => 3_000 + look * 4_000 * ppm * 1e-6 + 0.3 * Math.sin(look * 7),
    );
    const found = delays.map((delay, look) => drift.follow(delay + (look >= 20 ? 700 : 0), look * 4_000));
    expect(Math.abs((found[19] ?? Number.NaN) * 1e6 - ppm)).toBeLessThan(10);
    expect(found.slice(20, 35)).toEqual(Array.from({ length: 15 }, () => null));
    expect(Math.abs((found[39] ?? Number.NaN) * 1e6 - ppm)).toBeLessThan(10);
  },
);

test("a Fourier transform that is restored is what it was, and a tone is one line of it", () => {
  const fourier = new Fourier(64);
  const re = Float64Array.from({ length: 64 }, (_, at) => Math.cos((2 * Math.PI * 5 * at) / 64));
  const im = new Float64Array(64);
  const before = re.slice();
  fourier.transform(re, im);
  for (const [bin, part] of re.entries()) expect(part).toBeCloseTo(bin === 5 || bin === 59 ? 32 : 0, 9);
  fourier.restore(re, im);
  for (const [at, sample] of re.entries()) expect(sample / 64).toBeCloseTo(before[at] ?? 0, 9);
  expect(() => new Fourier(48)).toThrow(RangeError);
});
