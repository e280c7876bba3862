import * as v from "valibot";
import { expect, test } from "vitest";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { Loudspeaker } from "#audio/io/loudspeaker.ts";
import { FULL_SCALE, gainOfDb } from "#audio/level.ts";
import { Loudspeaker as Options } from "#audio/protocol.ts";

function make(options: v.InferInput<typeof Options>): Loudspeaker {
  return new Loudspeaker(v.parse(Options, options));
}

function play(loudspeaker: Loudspeaker, sound: Int16Array): Int16Array {
  const heard = new Int16Array(sound.length);
  for (let at = 0; at < sound.length; at += FRAME_SAMPLES)
    heard.set(loudspeaker.play(sound.subarray(at, at + FRAME_SAMPLES)), at);
  return heard;
}

function sine(hz: number, peakDbfs: number, seconds: number): Int16Array {
  const peak = FULL_SCALE * gainOfDb(peakDbfs);
  return Int16Array.from({ length: seconds * RATE_HZ }, (_, at) => Math.round(peak * wave(hz, at)));
}

function wave(hz: number, at: number): number {
  return Math.sin((2 * Math.PI * hz * at) / RATE_HZ);
}

/** The part of `hz` in a stretch that holds a whole number of its periods: its peak and its phase. */
function toneIn(sound: Int16Array, hz: number, from: number, length = RATE_HZ) {
  let [inPhase, across] = [0, 0];
  for (let at = from; at < from + length; at += 1) {
    inPhase += (sound[at] ?? 0) * wave(hz, at);
    across += (sound[at] ?? 0) * wave(hz, at + RATE_HZ / hz / 4);
  }
  return { peak: (2 * Math.hypot(inPhase, across)) / length, phase: Math.atan2(across, inPhase) };
}

/** Where single clicks arrive. */
function clicksIn(sound: Int16Array): number[] {
  return [...sound.keys()].filter((at) => (sound[at] ?? 0) > 12_000);
}

test.each([
  [1, -6],
  [5, -6],
  [5, -20],
  [10, 0],
])(
  "a sine is distorted by %d percent at its level of %d dBFS, half of it by the second harmonic, half by the third",
  (thdPercent, atDbfs) => {
    const heard = play(make({ thdPercent, thdAtDbfs: atDbfs }), sine(500, atDbfs, 2));
    const share = (hz: number) => toneIn(heard, hz, RATE_HZ).peak / toneIn(heard, 500, RATE_HZ).peak;
    const [second, third] = [share(1_000), share(1_500)];
    expect(Math.hypot(second, third) * 100).toBeGreaterThan(thdPercent * 0.95);
    expect(Math.hypot(second, third) * 100).toBeLessThan(thdPercent * 1.05);
    expect(second / third).toBeGreaterThan(0.95);
    expect(second / third).toBeLessThan(1.05);
    // Nor does it stand off its centre.
    expect(Math.abs(heard.subarray(RATE_HZ).reduce((sum, each) => sum + each, 0) / RATE_HZ)).toBeLessThan(1);
  },
);

test("what is softer is distorted less, and what is much louder is clipped without turning over", () => {
  const soft = play(make({ thdPercent: 5, thdAtDbfs: -6 }), sine(500, -26, 2));
  expect(toneIn(soft, 1_000, RATE_HZ).peak / toneIn(soft, 500, RATE_HZ).peak).toBeLessThan(0.005);
  const loud = play(make({ thdPercent: 5, thdAtDbfs: -20 }), sine(50, 0, 1));
  // A quarter of a period that rises: nowhere does it fall by more than what a steady level fades.
  const rising = loud.subarray(RATE_HZ / 2 - 70, RATE_HZ / 2 + 70);
  expect([...rising.keys()].every((at) => at === 0 || (rising[at] ?? 0) - (rising[at - 1] ?? 0) > -40)).toBe(true);
  expect(Math.max(...loud)).toBeLessThan(FULL_SCALE / 3);
});

test("a loudspeaker without faults only delays", () => {
  const sound = sine(440, -6, 1);
  const loudspeaker = make({});
  const delay = loudspeaker.delayMs * 16;
  expect(play(loudspeaker, sound).subarray(delay)).toEqual(sound.subarray(0, sound.length - delay));
});

test.each([100, -100, 20])("with a clock that is %d ppm off, a tone is as much off and nothing else", (driftPpm) => {
  const hz = 1_000;
  const heard = play(make({ driftPpm }), sine(hz, -6, 51));
  // Its phase runs away against the tone's that was played: by so many turns a second.
  const turn = toneIn(heard, hz, 50 * RATE_HZ, 160).phase - toneIn(heard, hz, 40 * RATE_HZ, 160).phase;
  const turns = turn / (2 * Math.PI);
  const expected = (driftPpm / 1e6) * hz * 10;
  expect(Math.abs(turns - expected - Math.round(turns - expected))).toBeLessThan(0.005);
  // Against the ideal tone of its frequency, fitted to one period, what is left is rounding.
  const drifted = hz * (1 + driftPpm / 1e6);
  const { peak, phase } = toneIn(heard, hz, 30 * RATE_HZ, 160);
  const ideal = (at: number) => peak * Math.sin((2 * Math.PI * drifted * (at - 30 * RATE_HZ - 80)) / RATE_HZ + phase);
  const errors = Float64Array.from({ length: RATE_HZ }, (_, at) => {
    const place = 30 * RATE_HZ + at;
    return (heard[place] ?? 0) - ideal(place);
  });
  expect(20 * Math.log10(Math.max(...errors.map(Math.abs)) / peak)).toBeLessThan(-70);
});

test("however long it runs, its clock runs away by no more than its buffer holds", () => {
  for (const driftPpm of [1_000, -1_000]) {
    const loudspeaker = make({ driftPpm });
    const frame = new Int16Array(FRAME_SAMPLES);
    const delays: number[] = [];
    // A minute and a half, in which it runs away by 90 ms; a click each 100 ms.
    for (let at = 0; at < 9_000; at += 1) {
      frame[0] = at % 10 === 0 ? 20_000 : 0;
      const [click] = clicksIn(loudspeaker.play(frame));
      if (click !== undefined) delays.push((at % 10) * FRAME_SAMPLES + click);
    }
    // One may fall into what is left out, one may be heard twice.
    expect(delays.length).toBeGreaterThan(800);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(16);
    expect(Math.max(...delays)).toBeLessThanOrEqual(16 + 640 + 1);
    expect(delays[0]).toBeLessThanOrEqual(16 + 320 + 1);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(130);
  }
});

test.each([20, -20])("a delay that jumps by %d ms does so once, at its time", (byMs) => {
  const clicks = new Int16Array(4 * RATE_HZ);
  for (const at of [0.25, 1.25, 2.25, 3.25]) clicks[at * RATE_HZ] = 20_000;
  const loudspeaker = make({ delayJump: { atMs: 2_003, byMs } });
  const delays = clicksIn(play(loudspeaker, clicks)).map((at) => (at % RATE_HZ) - RATE_HZ / 4);
  const before = loudspeaker.delayMs * 16;
  expect(delays).toEqual([before, before, before + byMs * 16, before + byMs * 16]);
});
