import { RATE_HZ } from "./frame.ts";
import { FULL_SCALE, gainOfDb, saturate } from "./level.ts";
import type { ToneName } from "./protocol-words.ts";

/** One tone as it is played: mono PCM at 16 kHz. `repeats`: from the top again until somebody stops it. */
export type Tone = Readonly<{ samples: Int16Array; repeats: boolean }>;

/** One struck note. Overtones and an exponential fall make it a bell rather than a beep. */
type Note = Readonly<{
  atMs: number;
  lengthMs: number;
  hz: number;
  /** Peak level in dBFS. */
  levelDbfs: number;
  /** How fast it fades: the time in which it falls to 37 %. */
  fadeMs: number;
  overtones: readonly number[];
}>;
type Score = Readonly<{ lengthMs: number; repeats: boolean; notes: readonly Note[] }>;

const WARM = [1, 0.35, 0.12];
const PURE = [1];
/** Every note begins and ends with this ramp, so that nothing clicks. */
const RAMP_MS = 6;

const SCORES: Readonly<Record<ToneName, Score>> = {
  // Two falling notes (E5, C5), twice, then a rest of two seconds in which a voice is easily heard.
  ring: {
    lengthMs: 4_000,
    repeats: true,
    notes: [0, 950].flatMap((atMs) => [
      { atMs, lengthMs: 600, hz: 659.3, levelDbfs: -20, fadeMs: 260, overtones: WARM },
      { atMs: atMs + 320, lengthMs: 700, hz: 523.3, levelDbfs: -20, fadeMs: 320, overtones: WARM },
    ]),
  },
  // The two tones together that a British exchange sends back (400 and 450 Hz, BT SIN 350), but soft.
  "ring-back": {
    lengthMs: 3_000,
    repeats: true,
    notes: [0, 600].flatMap((atMs) => [
      { atMs, lengthMs: 400, hz: 400, levelDbfs: -24, fadeMs: 10_000, overtones: PURE },
      { atMs, lengthMs: 400, hz: 450, levelDbfs: -24, fadeMs: 10_000, overtones: PURE },
    ]),
  },
  // Over before anybody can have begun to speak, and high above a voice.
  chirp: {
    lengthMs: 85,
    repeats: false,
    notes: [
      { atMs: 0, lengthMs: 45, hz: 1_046.5, levelDbfs: -20, fadeMs: 40, overtones: PURE },
      { atMs: 35, lengthMs: 50, hz: 1_568, levelDbfs: -20, fadeMs: 40, overtones: PURE },
    ],
  },
  // One note, long enough to be waited for: speak after it.
  record: {
    lengthMs: 260,
    repeats: false,
    notes: [{ atMs: 0, lengthMs: 250, hz: 880, levelDbfs: -20, fadeMs: 120, overtones: PURE }],
  },
  sorry: {
    lengthMs: 420,
    repeats: false,
    notes: [
      { atMs: 0, lengthMs: 200, hz: 392, levelDbfs: -18, fadeMs: 120, overtones: WARM },
      { atMs: 170, lengthMs: 250, hz: 311.1, levelDbfs: -18, fadeMs: 120, overtones: WARM },
    ],
  },
  ended: {
    lengthMs: 540,
    repeats: false,
    notes: [
      { atMs: 0, lengthMs: 180, hz: 523.3, levelDbfs: -18, fadeMs: 100, overtones: WARM },
      { atMs: 160, lengthMs: 180, hz: 440, levelDbfs: -18, fadeMs: 100, overtones: WARM },
      { atMs: 320, lengthMs: 220, hz: 349.2, levelDbfs: -18, fadeMs: 120, overtones: WARM },
    ],
  },
  // Like a key of a clock: over before the next press can come.
  click: {
    lengthMs: 20,
    repeats: false,
    notes: [{ atMs: 0, lengthMs: 20, hz: 1_900, levelDbfs: -18, fadeMs: 5, overtones: PURE }],
  },
  // Up for done, down for refused; the same whatever it was, and whoever it was about.
  done: {
    lengthMs: 130,
    repeats: false,
    notes: [
      { atMs: 0, lengthMs: 60, hz: 784, levelDbfs: -20, fadeMs: 50, overtones: WARM },
      { atMs: 50, lengthMs: 80, hz: 1_174.7, levelDbfs: -20, fadeMs: 60, overtones: WARM },
    ],
  },
  refused: {
    lengthMs: 150,
    repeats: false,
    notes: [
      { atMs: 0, lengthMs: 70, hz: 392, levelDbfs: -18, fadeMs: 60, overtones: WARM },
      { atMs: 60, lengthMs: 90, hz: 261.6, levelDbfs: -18, fadeMs: 70, overtones: WARM },
    ],
  },
};

/** Makes every tone; a few milliseconds of work, once at start. Without `earcons` those are silent. */
export function makeTones(earcons = true): Readonly<Record<ToneName, Tone>> {
  const earcon = (name: "chirp" | "click" | "done" | "refused") => (earcons ? play(SCORES[name]) : SILENT);
  return {
    ring: play(SCORES.ring),
    "ring-back": play(SCORES["ring-back"]),
    chirp: earcon("chirp"),
    record: play(SCORES.record),
    sorry: play(SCORES.sorry),
    ended: play(SCORES.ended),
    click: earcon("click"),
    done: earcon("done"),
    refused: earcon("refused"),
  };
}

const SILENT: Tone = { samples: new Int16Array(), repeats: false };

function play(score: Score): Tone {
  const sum = new Float64Array(samplesIn(score.lengthMs));
  for (const note of score.notes) addNote(sum, note);
  return { samples: Int16Array.from(sum, saturate), repeats: score.repeats };
}

function addNote(sum: Float64Array, note: Note): void {
  const start = samplesIn(note.atMs);
  const length = Math.min(samplesIn(note.lengthMs), sum.length - start);
  const ramp = samplesIn(RAMP_MS);
  const size = note.overtones.reduce((total, overtone) => total + overtone, 0);
  const amplitude = (FULL_SCALE * gainOfDb(note.levelDbfs)) / size;
  for (let index = 0; index < length; index += 1) {
    const seconds = index / RATE_HZ;
    const edge = Math.min(1, index / ramp, (length - 1 - index) / ramp);
    const envelope = edge * Math.exp((-seconds * 1_000) / note.fadeMs);
    let value = 0;
    for (const [step, strength] of note.overtones.entries())
      value += strength * Math.sin(2 * Math.PI * note.hz * (step + 1) * seconds);
    sum[start + index] = (sum[start + index] ?? 0) + amplitude * envelope * value;
  }
}

function samplesIn(ms: number): number {
  return Math.round((ms * RATE_HZ) / 1_000);
}
