import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { Pacer } from "#audio/io/pacer.ts";
import { Room } from "#audio/io/room.ts";
import { levelDbfs, peakOf } from "#audio/level.ts";
import { readWav, wavHeader } from "#audio/wav.ts";
import { FakeClock } from "./fakes.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "porter-room-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Noise-like sound that is the same in each run. */
function hiss(length: number, peak: number): Int16Array {
  let state = 7;
  return Int16Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.round((state / 2 ** 30 - 1) * peak);
  });
}

async function writeWav(name: string, samples: Int16Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, Buffer.concat([wavHeader(samples.length), Buffer.from(samples.buffer)]));
  return path;
}

/** Starts a room whose loudspeaker plays `play` from the beginning, and collects what its microphone hears. */
async function open(clock: FakeClock, play: Int16Array, echoDb = -6, noiseDbfs = -70) {
  const room = new Room({ clock, echoDb, echoDelayMs: 8, noiseDbfs });
  const heard: number[] = [];
  let next = 0;
  await room.start(
    (microphone, playback) => {
      heard.push(...microphone);
      playback.fill(0);
      playback.set(play.subarray(next, next + FRAME_SAMPLES));
      next += FRAME_SAMPLES;
    },
    () => expect.unreachable(),
  );
  return { room, heard: () => Int16Array.from(heard) };
}

/** 30 ms in the room, and a moment in which files are read. */
async function aFewFrames(clock: FakeClock): Promise<void> {
  clock.pass(30);
  await sleep(5);
}

test("in ten minutes the beat neither drifts nor bursts", () => {
  const clock = new FakeClock();
  let frames10ms = 0;
  const pacer = new Pacer({
    clock,
    onFrame: () => {
      frames10ms += 1;
    },
    onDropped: () => expect.unreachable(),
  });
  pacer.start();
  clock.pass(600_000);
  expect(frames10ms).toBe(60_000);
});

test("a short delay is made up for; after a long stall the frames in between are dropped", () => {
  const clock = new FakeClock();
  let frames10ms = 0;
  let dropped = 0;
  const pacer = new Pacer({
    clock,
    onFrame: () => {
      frames10ms += 1;
    },
    onDropped: (count) => {
      dropped += count;
    },
  });
  pacer.start();
  clock.pass(0, 40);
  expect([frames10ms, dropped]).toEqual([4, 0]);
  clock.pass(0, 2_000);
  expect([frames10ms, dropped]).toEqual([5, 199]);
  clock.pass(100);
  expect([frames10ms, dropped]).toEqual([15, 199]);
  pacer[Symbol.dispose]();
  clock.pass(100);
  expect(frames10ms).toBe(15);
});

test("an empty room has its noise and nothing else", async () => {
  const clock = new FakeClock();
  const { heard } = await open(clock, new Int16Array(0));
  clock.pass(2_000);
  expect(levelDbfs(heard())).toBeCloseTo(-70, 0);
});

test("the loudspeaker reaches the microphone at the stated level, after the stated delay", async () => {
  for (const echoDb of [-6, -20]) {
    const clock = new FakeClock();
    const played = hiss(RATE_HZ, 8_000);
    const { heard } = await open(clock, played, echoDb);
    clock.pass(1_000);
    expect(levelDbfs(heard()) - levelDbfs(played)).toBeGreaterThan(echoDb - 1);
    expect(levelDbfs(heard()) - levelDbfs(played)).toBeLessThan(echoDb + 1);
    // The first frame is heard while the second is taken: 10 ms, and 8 ms through the air.
    const arrival = heard().findIndex((sample) => Math.abs(sample) > 60);
    expect(Math.abs(arrival / 16 - 18)).toBeLessThan(0.5);
  }
});

test("people are heard at their level, together, and reported when they are done", async () => {
  const clock = new FakeClock();
  const { room, heard } = await open(clock, new Int16Array(0), -6, -120);
  const path = await writeWav("voice.wav", hiss(8_000, 8_000));
  const done: string[] = [];
  const first = room.play(path, -20).then(() => done.push("first"));
  while (peakOf(heard()) === 0) await aFewFrames(clock);
  clock.pass(400);
  await Promise.resolve();
  expect(done).toEqual([]);
  clock.pass(200);
  await first;
  expect(peakOf(heard())).toBeGreaterThan(780);
  expect(peakOf(heard())).toBeLessThan(805);
});

test("what cannot be played is refused with a reason, and the room goes on", async () => {
  const clock = new FakeClock();
  const { room, heard } = await open(clock, new Int16Array(0));
  const broken = join(folder, "broken.wav");
  await writeFile(broken, "RIFF....WAVE but no sound");
  await expect(room.play(broken, 0)).rejects.toThrow(/no sound/);
  await expect(room.play(join(folder, "missing.wav"), 0)).rejects.toThrow(/cannot be read/);
  await expect(room.play(folder, 0)).rejects.toThrow(/cannot be read/);
  await expect(room.record(join(broken, "tracks"))).rejects.toThrow(/cannot write/);
  clock.pass(100);
  expect(heard().length).toBe(1_600);
});

test("recordings hold what an ear, the loudspeaker and the raw microphone had, in step with one another", async () => {
  const clock = new FakeClock();
  const played = hiss(RATE_HZ, 8_000);
  const { room, heard } = await open(clock, played);
  const beforeMs = Number(process.hrtime.bigint()) / 1e6;
  await room.record(join(folder, "tracks"));
  const afterMs = Number(process.hrtime.bigint()) / 1e6;
  const path = await writeWav("voice.wav", hiss(4_000, 2_000));
  const done = room.play(path, 0);
  while (clock.monotonicMs() < 900) await aFewFrames(clock);
  await done;
  await room.record(null);
  const track = async (name: string) => readWav(await readFile(join(folder, "tracks", `${name}.wav`)));
  const [ear, loudspeaker, microphone] = [await track("room"), await track("loudspeaker"), await track("microphone")];
  expect(microphone).toEqual(heard().subarray(0, microphone.length));
  expect(loudspeaker.subarray(FRAME_SAMPLES)).toEqual(played.subarray(0, loudspeaker.length - FRAME_SAMPLES));
  const people = ear.map((sample, index) => sample - (loudspeaker[index] ?? 0));
  expect(peakOf(people)).toBeGreaterThan(1_900);
  const began: unknown = JSON.parse(await readFile(join(folder, "tracks", "room.json"), "utf8"));
  expect(began).toEqual({ startedAtMs: 1_000_000, startedMonotonicMs: expect.any(Number), rateHz: 16_000 });
  expect(began).toHaveProperty("startedMonotonicMs", expect.closeTo((beforeMs + afterMs) / 2, -2));
});

test("a recording whose process was killed can be played up to half a second before", async () => {
  const clock = new FakeClock();
  const { room } = await open(clock, hiss(RATE_HZ * 3, 8_000));
  await room.record(folder);
  clock.pass(2_200);
  await expect
    .poll(async () => readWav(await readFile(join(folder, "loudspeaker.wav"))).length)
    .toBeGreaterThanOrEqual(RATE_HZ * 2);
  await room[Symbol.asyncDispose]();
});

test("a stall leaves its length of silence in the recording, so that it keeps the time", async () => {
  const clock = new FakeClock();
  const { room } = await open(clock, hiss(RATE_HZ * 3, 8_000));
  await room.record(folder);
  clock.pass(500);
  clock.pass(0, 1_000);
  clock.pass(500);
  await room.record(null);
  expect(readWav(await readFile(join(folder, "microphone.wav"))).length).toBe(RATE_HZ * 2);
});
