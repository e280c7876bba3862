import type { EchoCanceller } from "#audio/engines.ts";
import { FRAME_MS, FRAME_SAMPLES } from "#audio/frame.ts";
import { RoomSound, type RoomSoundOptions } from "#audio/io/room-sound.ts";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { parse } from "#device/voice/intent.ts";
import { loudestFrameEnergy } from "../../hear/noise.ts";
import { seededRandom } from "../../hear/random.ts";
import { type Noticed, OfflineUnit } from "./unit.ts";

/** A command after the wake word, as somebody says it. */
export type Spoken = Readonly<{ voice: string; text: string; sound: Int16Array }>;
/** What came of it. */
export type Outcome = Readonly<{
  voice: string;
  text: string;
  woken: boolean;
  heard: string | null;
  score: number;
  understood: boolean;
}>;
export type Session = Readonly<{ outcomes: readonly Outcome[]; needlessWakes: number; seconds: number }>;

/** The far end speaks for so long before the first command: the echo canceller knows the room by then. */
const LEAD_IN_MS = 5_000;
/** After the end of a command, until the next: time to be understood, and up to a second more. */
const PAUSE_MS = 3_000;
const MOST_EXTRA_MS = 1_000;

export type SessionOptions = Readonly<{
  jsgf: string;
  room: RoomSoundOptions;
  /** Taken over: it is disposed of in the end. */
  echo: EchoCanceller | null;
  /** Speech that goes on all the time, in samples as they are played; null: nobody at the far end says anything. */
  farEnd: Int16Array | null;
  seed: number;
  /** The commands take their time, but nobody says them: the far end alone. */
  muteTalker?: boolean;
}>;

/** Says each command once, in a room where the far end may be speaking, and writes down what the unit made of it. */
export async function runSession(commands: readonly Spoken[], options: SessionOptions): Promise<Session> {
  const { farEnd, seed, muteTalker = false } = options;
  await using unit = await OfflineUnit.open(options);
  const random = seededRandom(seed);
  const silence = new Int16Array(FRAME_SAMPLES);
  let farNext = 0;
  const step = (voice: Int16Array): Promise<void> => {
    let far: Int16Array = silence;
    if (farEnd !== null) {
      far = farEnd.subarray(farNext, farNext + FRAME_SAMPLES);
      farNext = farNext + 2 * FRAME_SAMPLES > farEnd.length ? 0 : farNext + FRAME_SAMPLES;
    }
    return unit.step(far, voice);
  };
  const wait = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += FRAME_MS) await step(silence);
  };
  const outcomes: Outcome[] = [];
  await wait(LEAD_IN_MS);
  let needlessWakes = wakesIn(unit.takeNoticed());
  for (const { voice, text, sound } of commands) {
    for (let at = 0; at < sound.length; at += FRAME_SAMPLES)
      await step(muteTalker ? silence : sound.subarray(at, at + FRAME_SAMPLES));
    await wait(PAUSE_MS + random() * MOST_EXTRA_MS);
    const noticed = unit.takeNoticed();
    const outcome = outcomeOf(text, noticed);
    needlessWakes += Math.max(0, wakesIn(noticed) - (muteTalker ? 0 : 1));
    outcomes.push({ voice, text, ...outcome });
  }
  return { outcomes, needlessWakes, seconds: unit.atMs / 1_000 };
}

function wakesIn(noticed: readonly Noticed[]): number {
  return noticed.filter(({ type }) => type === "wake").length;
}

/** Understood as in a call: what only makes sense in one may be heard less surely. */
function outcomeOf(text: string, noticed: readonly Noticed[]): Omit<Outcome, "voice" | "text"> {
  const [heard] = noticed.flatMap((each) => (each.type === "heard" ? [each.heard] : []));
  const wanted = parse(text);
  const got = heard?.text === undefined || heard.text === null ? null : parse(heard.text);
  const least = wanted?.type === "hang-up" ? CONFIDENCE.fitting : CONFIDENCE.accept;
  return {
    woken: wakesIn(noticed) > 0,
    heard: heard?.text ?? null,
    score: heard?.score ?? Number.NaN,
    understood: got !== null && JSON.stringify(got) === JSON.stringify(wanted) && (heard?.score ?? -Infinity) >= least,
  };
}

/** The level of the loudest 2,048 samples at the microphone while `playing` is played and nothing else is heard. */
export async function echoLevelDb(playing: Int16Array, options: RoomSoundOptions): Promise<number> {
  using room = await RoomSound.open({ ...options, noiseDbfs: -120 });
  const heard = new Int16Array(playing.length - (playing.length % FRAME_SAMPLES));
  const nobody = new Float64Array(FRAME_SAMPLES);
  for (let at = 0; at < heard.length; at += FRAME_SAMPLES)
    room.step(playing.subarray(at, at + FRAME_SAMPLES), nobody, heard.subarray(at, at + FRAME_SAMPLES));
  return 10 * Math.log10(loudestFrameEnergy(heard));
}
