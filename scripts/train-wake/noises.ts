import { RATE_HZ } from "#audio/frame.ts";
import { clip as clipSample } from "../hear/noise.ts";
import { type Clip, pick, type Random, ringLike } from "./clip.ts";

/** Something to hear a word through, as long as asked. */
export type Noise = (random: Random, samples: number) => Int16Array;

/** Several people at once, each saying something else. */
export function babble(voices: readonly Clip[]): Noise {
  return (random, samples) => {
    const sum = new Float32Array(samples);
    const people = 2 + Math.floor(5 * random());
    for (let person = 0; person < people; person++) {
      const gain = 0.4 + random();
      for (let at = -Math.floor(random() * RATE_HZ); at < samples; ) {
        const said = pick(random, voices).samples;
        for (let i = Math.max(0, -at); i < Math.min(said.length, samples - at); i++)
          sum[at + i] = (sum[at + i] ?? 0) + (gain * (said[i] ?? 0)) / people;
        at += said.length;
      }
    }
    return Int16Array.from(sum, clipSample);
  };
}

/** A part of a recording. */
export function recorded(noise: Int16Array): Noise {
  return (random, samples) => {
    const start = Math.floor(random() * noise.length);
    return Int16Array.from({ length: samples }, (_, i) => noise[(start + i) % noise.length] ?? 0);
  };
}

/** Rushing of any colour from white to brown, with a hum of the mains in half of it. */
export const rushing: Noise = (random, samples) => {
  const keep = 0.995 * Math.sqrt(random());
  const hum = random() < 0.5 ? 4_000 * random() : 0;
  const humTurn = (2 * Math.PI * (random() < 0.5 ? 50 : 60)) / RATE_HZ;
  let low = 0;
  return Int16Array.from({ length: samples }, (_, i) => {
    low = keep * low + Math.sqrt(1 - keep ** 2) * (random() - 0.5) * 10_000;
    return clipSample(low + hum * (Math.sin(humTurn * i) + 0.5 * Math.sin(3 * humTurn * i)));
  });
};

/** Notes of plucked and held strings over a bass and a beat: no tune, but as busy as one. */
export const music: Noise = (random, samples) => {
  const sum = new Float32Array(samples);
  const beat = Math.floor(RATE_HZ * (0.2 + 0.4 * random()));
  const key = 40 + Math.floor(12 * random());
  const scale = [0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 19];
  for (let at = -Math.floor(random() * beat); at < samples; at += beat) {
    addNote(sum, at, { midi: key - 12, held: 2 * beat, level: 0.6, overtones: 3 });
    for (let voice = 0; voice < 3; voice++)
      if (random() < 0.6)
        addNote(sum, at, {
          midi: key + 12 + pick(random, scale),
          held: Math.floor(beat * (1 + 2 * random())),
          level: 0.3 + 0.5 * random(),
          overtones: 2 + Math.floor(6 * random()),
        });
    const hit = random() < 0.7 ? 1_500 : 0;
    for (let i = Math.max(0, -at); i < Math.min(2_000, samples - at); i++)
      sum[at + i] = (sum[at + i] ?? 0) + hit * (random() - 0.5) * Math.exp(-i / 300);
  }
  return Int16Array.from(sum, clipSample);
};

/** What echo cancellation leaves of a ring. */
export const ring: Noise = ringLike;

function addNote(
  sum: Float32Array,
  at: number,
  note: Readonly<{ midi: number; held: number; level: number; overtones: number }>,
): void {
  const turn = (2 * Math.PI * 440 * 2 ** ((note.midi - 69) / 12)) / RATE_HZ;
  for (let i = Math.max(0, -at); i < Math.min(note.held, sum.length - at); i++) {
    const envelope = Math.min(1, i / 200) * Math.exp(-i / (note.held / 2)) * note.level * 3_000;
    let wave = 0;
    for (let overtone = 1; overtone <= note.overtones; overtone++) wave += Math.sin(turn * overtone * i) / overtone;
    sum[at + i] = (sum[at + i] ?? 0) + envelope * wave;
  }
}
