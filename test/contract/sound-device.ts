import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { AudioError } from "#audio/audio-error.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import type { SoundDevice } from "#audio/io/io.ts";

/** 100 ms of noise, then 100 ms of silence. */
const PIECE = RATE_HZ / 5;
const PIECES = 5;

/** What every device promises. `make`: one whose microphone hears its loudspeaker. */
export function describeSoundDevice(name: string, make: () => Promise<SoundDevice>): void {
  describe(`${name}, as a sound device,`, () => {
    test("ticks a hundred times a second, with frames of 10 ms", async () => {
      await using device = await make();
      const lengths = new Set<number>();
      let ticks = 0;
      await device.start((microphone, playback) => {
        ticks += 1;
        lengths.add(microphone.length).add(playback.length);
        playback.fill(0);
      }, unexpected);
      const [beganMs, before] = [performance.now(), ticks];
      await sleep(1_000);
      const perSecond = ((ticks - before) * 1_000) / (performance.now() - beganMs);
      expect([...lengths]).toEqual([FRAME_SAMPLES]);
      // A busy machine loses frames; half or twice as many are another beat.
      expect(perSecond).toBeGreaterThan(60);
      expect(perSecond).toBeLessThan(110);
      expect(device.delayMs).toBeGreaterThan(0);
    });

    test("plays what is written, whole and in order, and hears it", async () => {
      await using device = await make();
      await expectWhole(device);
    });

    test("tells once of a tick that throws, and never ticks again", async () => {
      await using device = await make();
      const failures: AudioError[] = [];
      let ticks = 0;
      await device.start(
        () => {
          ticks += 1;
          if (ticks === 20) throw new Error("no more");
        },
        (error) => failures.push(error),
      );
      await expect.poll(() => failures.length, { timeout: 3_000 }).toBe(1);
      await sleep(200);
      expect(ticks).toBe(20);
      expect(failures.map(({ code }) => code)).toEqual(["tick-failed"]);
    });

    test("never ticks after it was disposed, and leaves neither a process nor a file open", async () => {
      const before = held();
      {
        // The first one loads what is loaded once.
        await using first = await make();
        await first.start((_, playback) => playback.fill(0), unexpected);
      }
      const between = held();
      const device = await make();
      let ticks = 0;
      await device.start((_, playback) => {
        ticks += 1;
        playback.fill(0);
      }, unexpected);
      await device[Symbol.asyncDispose]();
      const ended = ticks;
      await sleep(200);
      expect(ticks).toBe(ended);
      expect(held().children).toEqual(before.children);
      expect(held().files).toBeLessThanOrEqual(between.files);
      await device[Symbol.asyncDispose]();
    });
  });
}

/** Nothing is missing, nothing comes early; a device that runs dry may put a gap between. */
export async function expectWhole(device: SoundDevice): Promise<void> {
  const written = noises();
  const heard: number[] = [];
  let next = 0;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  await device.start((microphone, playback) => {
    for (const sample of microphone) heard.push(sample);
    playback.fill(0);
    playback.set(written.subarray(next, next + FRAME_SAMPLES));
    next += FRAME_SAMPLES;
    if (next > written.length + 0.7 * RATE_HZ) resolve();
  }, unexpected);
  await over;
  const places = Array.from({ length: PIECES }, (_, piece) => placeOf(written, piece, heard));
  for (const [piece, { likeness, at }] of places.entries()) {
    expect(likeness, `piece ${piece}`).toBeGreaterThan(0.5);
    expect(at, `piece ${piece}`).toBeGreaterThanOrEqual((places[piece - 1]?.at ?? 0) - 16);
  }
}

function unexpected(error: AudioError): void {
  expect.unreachable(error.message);
}

/** Pieces that are each like themselves only; always the same. */
function noises(): Int16Array {
  let state = 11;
  return Int16Array.from({ length: PIECE * PIECES }, (_, index) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return index % PIECE < PIECE / 2 ? Math.round((state / 2 ** 30 - 1) * 6_000) : 0;
  });
}

/** How late a piece was heard, in samples after it was written, and how like it is there (1: the same). */
function placeOf(written: Int16Array, piece: number, heard: readonly number[]): { likeness: number; at: number } {
  const from = piece * PIECE;
  const part = written.subarray(from, from + PIECE / 2);
  let best = { likeness: 0, at: 0 };
  for (let at = 0; from + at + part.length <= heard.length; at += 1) {
    const likeness = likenessAt(part, heard, from + at);
    if (likeness > best.likeness) best = { likeness, at };
  }
  return best;
}

function likenessAt(part: Int16Array, heard: readonly number[], from: number): number {
  let [product, mine, theirs] = [0, 0, 1];
  // Every eighth sample finds the place; the rest would only make it surer.
  for (let index = 0; index < part.length; index += 8) {
    const [one, other] = [part[index] ?? 0, heard[from + index] ?? 0];
    product += one * other;
    mine += one * one;
    theirs += other * other;
  }
  return product / Math.sqrt(mine * theirs);
}

/** Processes and open files of this process. */
function held(): { children: string; files: number } {
  const children = readdirSync("/proc/self/task").map((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8"),
  );
  return { children: children.join(" ").trim(), files: readdirSync("/proc/self/fd").length };
}
