import { expect, test } from "vitest";
import type { EchoCanceller } from "#audio/engines.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "#audio/frame.ts";
import { HighPass } from "#audio/high-pass.ts";
import { levelDbfs } from "#audio/level.ts";
import { RestingEcho } from "#audio/resting-echo.ts";

/** Lets everything through, one frame later, and counts. */
class LateEcho implements EchoCanceller {
  frames10ms = 0;
  disposed = 0;
  readonly #held = new Int16Array(FRAME_SAMPLES);
  clean(mic: Frame16k): Frame16k {
    this.frames10ms += 1;
    const now = mic.slice();
    mic.set(this.#held);
    this.#held.set(now);
    return mic;
  }
  [Symbol.dispose](): void {
    this.disposed += 1;
  }
}

const SILENCE = new Int16Array(FRAME_SAMPLES);
const SOUND = new Int16Array(FRAME_SAMPLES).fill(1);

function tone(hz: number, samples: number, peak = 8_000, offset = 0): Int16Array {
  return Int16Array.from({ length: samples }, (_, at) => peak * Math.sin((2 * Math.PI * hz * at) / RATE_HZ) + offset);
}

test("it rests from the start, and again once nothing was played for 2 s; while anything plays it works", () => {
  const inner = new LateEcho();
  const echo = new RestingEcho(inner);
  const run = (frames: number, playback: Int16Array): number => {
    const before = inner.frames10ms;
    for (let frame = 0; frame < frames; frame += 1) echo.clean(new Int16Array(FRAME_SAMPLES), playback);
    return inner.frames10ms - before;
  };
  expect(run(500, SILENCE)).toBe(0);
  // One more than was played: it is brought up to date with the frame before.
  expect(run(1, SOUND)).toBe(2);
  expect(run(99, SOUND)).toBe(99);
  expect(run(1_000, SILENCE)).toBe(200);
});

test("neither going to rest nor waking clicks, and nothing from before the rest is heard again", () => {
  const echo = new RestingEcho(new LateEcho());
  // 200 Hz: a frame holds whole periods, so that what comes a frame late joins what does not.
  const sound = tone(200, 600 * FRAME_SAMPLES);
  for (let frame = 0; frame < 600; frame += 1) {
    const playing = frame >= 100 && frame < 150;
    echo.clean(sound.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES), playing ? SOUND : SILENCE);
  }
  let largest = 0;
  for (let at = 10 * FRAME_SAMPLES; at < sound.length; at += 1)
    largest = Math.max(largest, Math.abs((sound[at] ?? 0) - (sound[at - 1] ?? 0)));
  expect(largest).toBeLessThan(800);
  const quiet = new RestingEcho(new LateEcho());
  const loud = tone(200, FRAME_SAMPLES);
  quiet.clean(loud.slice(), SOUND);
  for (let frame = 0; frame < 300; frame += 1) quiet.clean(new Int16Array(FRAME_SAMPLES), SILENCE);
  const woken = new Int16Array(FRAME_SAMPLES);
  quiet.clean(woken, SOUND);
  expect(levelDbfs(woken)).toBe(-120);
});

test("past the canceller too, rumble and the converter's offset are taken out and a voice is not", () => {
  const echo = new RestingEcho(new LateEcho());
  const cleaned = (sound: Int16Array): number => {
    for (let at = 0; at < sound.length; at += FRAME_SAMPLES)
      echo.clean(sound.subarray(at, at + FRAME_SAMPLES), SILENCE);
    return levelDbfs(sound.subarray(RATE_HZ / 2));
  };
  expect(cleaned(tone(300, RATE_HZ, 8_000, 3_000))).toBeCloseTo(levelDbfs(tone(300, RATE_HZ)), 0);
  expect(cleaned(tone(30, RATE_HZ))).toBeLessThan(levelDbfs(tone(30, RATE_HZ)) - 18);
});

test("the filter stays stable on full scale", () => {
  const filter = new HighPass();
  const square = Int16Array.from({ length: RATE_HZ }, (_, at) => (Math.floor(at / 400) % 2 === 0 ? 32_767 : -32_768));
  filter.pass(square, square);
  const silence = new Int16Array(RATE_HZ);
  filter.pass(silence, silence);
  expect(levelDbfs(silence.subarray(RATE_HZ / 2))).toBe(-120);
});

test("it disposes of the canceller that it holds", () => {
  const inner = new LateEcho();
  new RestingEcho(inner)[Symbol.dispose]();
  expect(inner.disposed).toBe(1);
});
