import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { levelDbfs } from "#audio/level.ts";

/** What is said louder than this counts; between words and sentences nothing can be missed. */
const ACTIVE_DBFS = -40;
/** So much quieter than what was said is a gap. */
const GAP_DB = 20;
const SAMPLES_PER_MS = RATE_HZ / 1_000;
/** The receiver stretches and shortens sound to keep its buffer, so the delay is looked for again every 60 ms. */
const STEP_FRAMES = 6;
const WINDOW_SAMPLES = 120 * SAMPLES_PER_MS;
const NEAR_SAMPLES = 16 * SAMPLES_PER_MS;
const FAR_SAMPLES = 160 * SAMPLES_PER_MS;
const MOST_DELAY_FRAMES = 100;
/** A delay at which less than this of the sound agrees is not believed. */
const BELIEVED = 0.5;
/** Of each 20 ms, in dB, as is usual: beyond these nobody hears a difference. */
const LEAST_SNR_DB = -10;
const MOST_SNR_DB = 35;

export type Score = Readonly<{
  /** How much speech there was, without its pauses. */
  activeMs: number;
  /** Runs of 10 ms frames that are 20 dB or more below what was said there. */
  gaps: number;
  longestGapMs: number;
  /** Of all that was said. */
  missingPercent: number;
  segmentalSnrDb: number;
}>;

/** Compares what one end said with what the other heard, both at 16 kHz; `heard` lags behind. */
export function score(said: Int16Array, heard: Int16Array): Score {
  const frames = Math.floor(said.length / FRAME_SAMPLES);
  let delay = coarseDelay(said, heard) * FRAME_SAMPLES;
  let gaps = 0;
  let run = 0;
  let longest = 0;
  let missing = 0;
  let active = 0;
  const snrs: number[] = [];
  for (let frame = 0; frame + STEP_FRAMES <= frames; frame += STEP_FRAMES) {
    delay = followDelay(said, heard, frame * FRAME_SAMPLES, delay);
    for (let at = frame; at < frame + STEP_FRAMES; at += 1) {
      const from = at * FRAME_SAMPLES;
      const saidFrame = said.subarray(from, from + FRAME_SAMPLES);
      const saidDbfs = levelDbfs(saidFrame);
      if (saidDbfs < ACTIVE_DBFS) {
        run = 0;
        continue;
      }
      active += 1;
      const heardFrame = heard.subarray(from + delay, from + delay + FRAME_SAMPLES);
      if (heardFrame.length < FRAME_SAMPLES || levelDbfs(heardFrame) <= saidDbfs - GAP_DB) {
        if (run === 0) gaps += 1;
        run += 1;
        missing += 1;
        longest = Math.max(longest, run);
      } else run = 0;
      if (at % 2 === 0) snrs.push(snrDb(said, heard, from, delay));
    }
  }
  return {
    activeMs: active * 10,
    gaps,
    longestGapMs: longest * 10,
    missingPercent: (100 * missing) / Math.max(1, active),
    segmentalSnrDb: snrs.reduce((sum, snr) => sum + snr, 0) / Math.max(1, snrs.length),
  };
}

/** In frames: where the loudness of both agrees best over the whole. */
function coarseDelay(said: Int16Array, heard: Int16Array): number {
  const levels = (samples: Int16Array) =>
    Float64Array.from({ length: Math.floor(samples.length / FRAME_SAMPLES) }, (_, index) =>
      Math.max(-60, levelDbfs(samples.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES))),
    );
  const saidDb = levels(said);
  const heardDb = levels(heard);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let delay = 0; delay <= MOST_DELAY_FRAMES; delay += 1) {
    let difference = 0;
    for (let index = 0; index < saidDb.length; index += 1)
      difference += Math.abs((saidDb[index] ?? 0) - (heardDb[index + delay] ?? -60));
    if (difference >= least) continue;
    least = difference;
    best = delay;
  }
  return best;
}

function followDelay(said: Int16Array, heard: Int16Array, from: number, delay: number): number {
  const window = said.subarray(from, from + WINDOW_SAMPLES);
  if (levelDbfs(window) < ACTIVE_DBFS) return delay;
  const near = bestDelay(window, heard, from, delay, NEAR_SAMPLES);
  if (near.agreement >= BELIEVED) return near.delay;
  const far = bestDelay(window, heard, from, delay, FAR_SAMPLES);
  return far.agreement >= BELIEVED ? far.delay : delay;
}

function bestDelay(window: Int16Array, heard: Int16Array, from: number, around: number, reach: number) {
  let best = { delay: around, agreement: 0 };
  for (let delay = Math.max(0, around - reach); delay <= around + reach; delay += 1) {
    let product = 0;
    let energy = 1;
    let saidEnergy = 1;
    for (let index = 0; index < window.length; index += 1) {
      const sample = window[index] ?? 0;
      const other = heard[from + delay + index] ?? 0;
      product += sample * other;
      energy += other * other;
      saidEnergy += sample * sample;
    }
    const agreement = product / Math.sqrt(energy * saidEnergy);
    if (agreement > best.agreement) best = { delay, agreement };
  }
  return best;
}

function snrDb(said: Int16Array, heard: Int16Array, from: number, delay: number): number {
  let signal = 1;
  let noise = 1;
  for (let index = from; index < from + 2 * FRAME_SAMPLES; index += 1) {
    const sample = said[index] ?? 0;
    signal += sample * sample;
    noise += (sample - (heard[index + delay] ?? 0)) ** 2;
  }
  return Math.min(MOST_SNR_DB, Math.max(LEAST_SNR_DB, 10 * Math.log10(signal / noise)));
}
