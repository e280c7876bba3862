import type { Clock } from "#base/clock.ts";
import type { SoundDevice } from "../io/io.ts";
import { Meter, type Reading } from "./meter.ts";
import { findSweeps, type Heard, makeSweeps } from "./sweep.ts";

/** Plays the sweeps and records what comes back; rejects with the device's AudioError. */
export async function playSweeps(device: SoundDevice, onProgress: (share: number) => void): Promise<Heard> {
  const sweeps = makeSweeps();
  const recorded = new Int16Array(sweeps.length);
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  let at = 0;
  await device.start((microphone, playback) => {
    playback.fill(0);
    if (at >= sweeps.length) return resolve();
    recorded.set(microphone.subarray(0, Math.min(microphone.length, recorded.length - at)), at);
    playback.set(sweeps.subarray(at, at + playback.length));
    at += playback.length;
    if (at % (sweeps.length >> 5) < playback.length) onProgress(at / sweeps.length);
  }, reject);
  await over;
  return findSweeps(recorded);
}

/** Measures the microphone for `seconds`, or for ever; rejects with the device's AudioError. */
export async function watchLevel(
  device: SoundDevice,
  { clock, seconds, onReading }: { clock: Clock; seconds: number | null; onReading: (reading: Reading) => void },
): Promise<void> {
  const meter = new Meter(onReading);
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  await device.start((microphone, playback) => {
    playback.fill(0);
    meter.push(microphone);
  }, reject);
  if (seconds !== null) clock.after(seconds * 1_000, resolve);
  await over;
}
