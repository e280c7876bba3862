import { expect, test } from "vitest";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { gainOfDb, levelDbfs, peakOf, SILENCE_DBFS } from "#audio/level.ts";
import { Mixer } from "#audio/mixer.ts";
import { Playout } from "#audio/peer/playout.ts";
import { Resampler } from "#audio/resample.ts";
import { RingBuffer } from "#audio/ring-buffer.ts";
import { TonePlayer } from "#audio/tone-player.ts";
import { makeTones } from "#audio/tones.ts";
import { readWav, wavHeader } from "#audio/wav.ts";

function sine(hz: number, peak: number, length: number, rateHz = RATE_HZ): Int16Array {
  return Int16Array.from({ length }, (_, index) => Math.round(peak * Math.sin((2 * Math.PI * hz * index) / rateHz)));
}

/** The largest step from one sample to the next. */
function largestStep(samples: Int16Array): number {
  return peakOf(samples.slice(1).map((sample, index) => sample - (samples[index] ?? 0)));
}

function endless(value: number): { read: (out: Int16Array) => boolean } {
  return {
    read: (out) => {
      out.fill(value);
      return true;
    },
  };
}

test("a level is what a meter would show", () => {
  expect(levelDbfs(sine(1_000, 32_767, RATE_HZ))).toBeCloseTo(-3.01, 1);
  expect(levelDbfs(new Int16Array(160))).toBe(SILENCE_DBFS);
  expect(levelDbfs(new Int16Array(0))).toBe(SILENCE_DBFS);
  expect(gainOfDb(-20)).toBeCloseTo(0.1, 6);
});

test("with nothing to play the loudspeaker gets digital zero", () => {
  const mixer = new Mixer();
  mixer.add({ read: () => false });
  const out = new Int16Array(FRAME_SAMPLES).fill(99);
  mixer.mix(out);
  expect(peakOf(out)).toBe(0);
});

test("sources add up, and saturate instead of wrapping round", () => {
  const mixer = new Mixer();
  mixer.add(endless(20_000));
  mixer.add(endless(20_000));
  const out = new Int16Array(FRAME_SAMPLES);
  mixer.mix(out);
  expect(new Set(out)).toEqual(new Set([32_767]));
});

test("a change of gain takes 10 ms and never jumps", () => {
  const mixer = new Mixer();
  const channel = mixer.add(endless(16_000));
  const out = new Int16Array(FRAME_SAMPLES);
  const heard: number[] = [];
  for (const gain of [1, 0, 0, 1]) {
    channel.gain = gain;
    mixer.mix(out);
    heard.push(...out);
  }
  expect(largestStep(Int16Array.from(heard))).toBeLessThanOrEqual(101);
  expect(heard.slice(2 * FRAME_SAMPLES, 3 * FRAME_SAMPLES)).toEqual(Array.from({ length: FRAME_SAMPLES }, () => 0));
  expect(heard.at(-1)).toBe(16_000);
});

test("a ring peaks between -22 and -10 dBFS, a chirp is over within 90 ms, and no tone begins or ends with a click", () => {
  const tones = makeTones();
  expect(20 * Math.log10(peakOf(tones.ring.samples) / 32_767)).toBeGreaterThan(-22);
  expect(20 * Math.log10(peakOf(tones.ring.samples) / 32_767)).toBeLessThan(-10);
  expect(tones.chirp.samples.length).toBeLessThanOrEqual(0.09 * RATE_HZ);
  for (const { samples } of Object.values(tones)) {
    expect(Math.abs(samples[0] ?? 1)).toBeLessThan(50);
    expect(Math.abs(samples.at(-1) ?? 1)).toBeLessThan(50);
    expect(peakOf(samples)).toBeGreaterThan(500);
  }
});

test("an earcon is over within 150 ms, and one that the owner wants no sound of is silent; a ring is none", () => {
  const [tones, silenced] = [makeTones(), makeTones(false)];
  for (const name of ["chirp", "click", "done", "refused"] as const) {
    expect(tones[name].samples.length).toBeLessThanOrEqual(0.15 * RATE_HZ);
    const player = new TonePlayer(silenced[name]);
    const out = new Int16Array(FRAME_SAMPLES).fill(9);
    player.start();
    while (player.read(out)) expect(peakOf(out)).toBe(0);
  }
  for (const name of ["ring", "ring-back", "record", "sorry", "ended"] as const) {
    expect(silenced[name]).toEqual(tones[name]);
  }
});

test("a ring repeats until it is stopped, and is silent 10 ms later", () => {
  const player = new TonePlayer(makeTones().ring);
  const out = new Int16Array(FRAME_SAMPLES);
  expect(player.read(out)).toBe(false);
  player.start();
  for (let frame = 0; frame < 1_003; frame += 1) expect(player.read(out)).toBe(true);
  player.stop();
  expect(player.read(out)).toBe(true);
  expect(Math.abs(out.at(-1) ?? 1)).toBe(0);
  expect(player.read(out)).toBe(false);
});

test("a chirp ends by itself and can be played again", () => {
  const player = new TonePlayer(makeTones().chirp);
  const out = new Int16Array(FRAME_SAMPLES);
  for (let round = 0; round < 2; round += 1) {
    player.start();
    let frames = 0;
    while (player.read(out)) frames += 1;
    expect(frames).toBe(9);
  }
});

test("a ring buffer gives back the newest samples and never what was forgotten", () => {
  const ring = new RingBuffer(10);
  const out = new Int16Array(4);
  expect(ring.readBack(4, out)).toBe(false);
  ring.push(Int16Array.from([1, 2, 3, 4, 5, 6, 7]));
  ring.push(Int16Array.from([8, 9, 10, 11, 12]));
  expect(ring.readBack(4, out)).toBe(true);
  expect([...out]).toEqual([9, 10, 11, 12]);
  ring.readBack(10, out);
  expect([...out]).toEqual([3, 4, 5, 6]);
  ring.push(Int16Array.from({ length: 25 }, (_, index) => index));
  ring.readBack(10, out);
  expect([...out]).toEqual([15, 16, 17, 18]);
  ring.clear();
  expect(ring.readBack(4, out)).toBe(false);
});

test("resampling keeps a tone's level and pitch, and takes out what the lower rate cannot hold", () => {
  for (const [fromHz, toHz] of [
    [48_000, 16_000],
    [16_000, 48_000],
    [44_100, 16_000],
    [8_000, 16_000],
  ] as const) {
    const low = convert(sine(1_000, 10_000, fromHz, fromHz), fromHz, toHz);
    expect(Math.abs(low.length - toHz)).toBeLessThanOrEqual(1);
    expect(levelDbfs(low.subarray(2_000))).toBeCloseTo(levelDbfs(sine(1_000, 10_000, toHz, toHz)), 0);
    // Past the beginning, which rings.
    expect(crossings(low.subarray(toHz / 10)) / 2).toBeCloseTo(900, -1);
  }
  for (const hz of [8_600, 10_500, 20_000])
    expect(levelDbfs(convert(sine(hz, 10_000, 48_000, 48_000), 48_000, 16_000).subarray(500))).toBeLessThan(-80);
});

test("a resampler that is over, or is given nothing, writes nothing; rates that make no sense are refused", () => {
  const converter = new Resampler(48_000, 16_000);
  const out = new Int16Array(200);
  expect(converter.process(new Int16Array(0), out)).toBe(0);
  converter[Symbol.dispose]();
  converter[Symbol.dispose]();
  expect(converter.process(new Int16Array(480), out)).toBe(0);
  for (const hz of [0, -1, 999, 44_100.5, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => new Resampler(hz, 16_000)).toThrow(RangeError);
});

test("a stream cut into pieces is resampled as if it were whole", () => {
  const input = sine(700, 9_000, 4_800, 48_000);
  const whole = convert(input, 48_000, 16_000);
  const converter = new Resampler(48_000, 16_000);
  const pieces: number[] = [];
  for (let start = 0; start < input.length; start += 480) {
    const out = new Int16Array(converter.mostFor(480));
    const count = converter.process(input.subarray(start, start + 480), out);
    expect(count).toBe(160);
    pieces.push(...out.subarray(0, count));
  }
  expect(pieces).toEqual([...whole]);
});

test("a WAV file that we write can be read, even if its writer was killed", () => {
  const samples = sine(300, 5_000, 1_000);
  const bytes = Buffer.from(samples.buffer);
  expect(readWav(Buffer.concat([wavHeader(1_000), bytes]))).toEqual(samples);
  expect(readWav(Buffer.concat([wavHeader(2_000), bytes]))).toEqual(samples);
});

test("a file that is not mono 16 kHz is refused with a reason", () => {
  const stereo = wavHeader(0);
  stereo.writeUInt16LE(2, 22);
  const fast = wavHeader(0);
  fast.writeUInt32LE(44_100, 24);
  for (const file of [
    Buffer.alloc(0),
    Buffer.from("RIFF"),
    Buffer.from("hello, this is no sound at all"),
    stereo,
    fast,
    wavHeader(0).subarray(0, 40),
  ])
    expect(() => readWav(file)).toThrow(/WAV/);
});

test("playout holds no more than jitter needs: a frame that nobody needed is blended away within a second", () => {
  const playout = new Playout();
  const out = new Int16Array(FRAME_SAMPLES);
  const tone = sine(200, 8_000, FRAME_SAMPLES);
  playout.push(tone);
  playout.push(tone);
  for (let frame = 0; frame < 210; frame += 1) {
    playout.push(tone);
    expect(playout.pull(out)).toBe(true);
  }
  expect(playout.waiting).toBe(0);
});

test("a frame that comes too late leaves one gap, faded at both ends, and then waits", () => {
  const playout = new Playout();
  const out = new Int16Array(FRAME_SAMPLES);
  const heard: number[] = [];
  const next = (): void => {
    playout.pull(out);
    heard.push(...out);
  };
  // 200 Hz: 10 ms hold whole periods, so that frames join without a step; cut where the tone is at its highest.
  const tone = sine(200, 8_000, FRAME_SAMPLES + 20).subarray(20);
  const push = (): void => playout.push(tone);
  for (const late of [false, false, true, false, false]) {
    if (!late) push();
    next();
    if (late) push();
  }
  expect(playout.waiting).toBe(1);
  expect(largestStep(Int16Array.from(heard))).toBeLessThan(700);
});

function convert(input: Int16Array, fromHz: number, toHz: number): Int16Array {
  const converter = new Resampler(fromHz, toHz);
  const out = new Int16Array(converter.mostFor(input.length));
  return out.slice(0, converter.process(input, out));
}

function crossings(samples: Int16Array): number {
  let count = 0;
  for (let index = 1; index < samples.length; index += 1)
    if ((samples[index - 1] ?? 0) < 0 !== (samples[index] ?? 0) < 0) count += 1;
  return count;
}
