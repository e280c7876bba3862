import * as v from "valibot";
import { beforeAll, describe, expect, test } from "vitest";
import { AudioError } from "#audio/audio-error.ts";
import { openEcho, openNoiseSuppressor } from "#audio/engines/echo-choice.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { RoomSound, type RoomSoundOptions } from "#audio/io/room-sound.ts";
import { xorshift } from "#audio/io/white-noise.ts";
import { levelDbfs } from "#audio/level.ts";
import { type EchoEngine, Loudspeaker, Reverb } from "#audio/protocol.ts";

const SECONDS = 8;
const ROOM: RoomSoundOptions = { echoDb: 0, echoDelayMs: 20, noiseDbfs: -75, reverb: v.parse(Reverb, { rt60Ms: 300 }) };
const NOBODY = new Int16Array(SECONDS * RATE_HZ);
const FAR = babbled(SECONDS, 5, -26);

/** What an engine is to hold in a room of 0.3 s, from the fourth second on, and how late it lets a voice out. */
const ENGINES = [
  { engine: "both", erleDb: 30, keptDb: -5, delay: 128 },
  { engine: "webrtc", erleDb: 30, keptDb: -8, delay: 128 },
  { engine: "speexdsp", erleDb: 20, keptDb: -3, delay: 160 },
] as const;

/** Something like speech: noise in syllables, of changing colour. */
function babbled(seconds: number, seed: number, dbfs: number): Int16Array {
  const next = xorshift(seed);
  let [low, slow] = [0, 0];
  const sound = Int16Array.from({ length: seconds * RATE_HZ }, (_, at) => {
    const syllable = Math.sin((2 * Math.PI * at * 3.1) / RATE_HZ + seed) + 0.4;
    const colour = 0.25 + 0.2 * Math.sin((2 * Math.PI * at * 0.7) / RATE_HZ + 2 * seed);
    low += colour * (next() - low);
    slow += 0.05 * (low - slow);
    return syllable > 0 ? (low - slow) * syllable * 20_000 : 0;
  });
  const gain = 10 ** ((dbfs - levelDbfs(sound)) / 20);
  return sound.map((sample) => sample * gain);
}

async function hear(room: RoomSoundOptions, played: Int16Array, voices: Int16Array): Promise<Int16Array> {
  using sound = await RoomSound.open(room);
  const mic = new Int16Array(played.length);
  for (let at = 0; at < played.length; at += FRAME_SAMPLES)
    sound.step(
      played.subarray(at, at + FRAME_SAMPLES),
      Float64Array.from(voices.subarray(at, at + FRAME_SAMPLES)),
      mic.subarray(at, at + FRAME_SAMPLES),
    );
  return mic;
}

function cancel(engine: EchoEngine, mic: Int16Array, played: Int16Array): Int16Array {
  using echo = openEcho(engine);
  const left = mic.slice();
  for (let at = 0; at < left.length; at += FRAME_SAMPLES)
    echo?.clean(left.subarray(at, at + FRAME_SAMPLES), played.subarray(at, at + FRAME_SAMPLES));
  return left;
}

function part(sound: Int16Array, from: number, until = SECONDS): Int16Array {
  return sound.subarray(from * RATE_HZ, until * RATE_HZ);
}

/** How much of `voice` is in `out`, as a factor in dB: by their correlation. */
function keptDb(voice: Int16Array, out: Int16Array): number {
  let [product, power] = [0, 0];
  for (const [at, sample] of voice.entries()) {
    product += sample * (out[at] ?? 0);
    power += sample * sample;
  }
  return 20 * Math.log10(Math.abs(product) / power);
}

const leftDb = (mic: Int16Array, left: Int16Array, from: number, until = SECONDS): number =>
  levelDbfs(part(mic, from, until)) - levelDbfs(part(left, from, until));

describe.each(ENGINES)("the echo canceller: $engine", ({ engine, erleDb, keptDb: keeps, delay }) => {
  let mic: Int16Array;
  beforeAll(async () => {
    mic = await hear(ROOM, FAR, NOBODY);
  });

  test("takes the loudspeaker out of what the microphone hears in a reverberant room", () => {
    expect(leftDb(mic, cancel(engine, mic, FAR), 3)).toBeGreaterThan(erleDb);
  });

  test("does so because it is told what was played: told of silence, it takes out nothing", () => {
    expect(Math.abs(leftDb(mic, cancel(engine, mic, NOBODY), 3))).toBeLessThan(1);
  });

  test("leaves a voice that speaks at the same time", async () => {
    const voices = babbled(SECONDS, 3, -26);
    const alone = await hear({ ...ROOM, noiseDbfs: -120 }, NOBODY, voices);
    const left = cancel(engine, await hear(ROOM, FAR, voices), FAR);
    expect(keptDb(part(alone, 3, 7), left.subarray(3 * RATE_HZ + delay))).toBeGreaterThan(keeps);
    // The measure measures: of a voice that is not there, nothing was kept.
    expect(keptDb(part(alone, 3, 7), cancel(engine, mic, FAR).subarray(3 * RATE_HZ + delay))).toBeLessThan(-15);
  });

  test.each([3, 120, 400])("finds an echo that comes %d ms late", async (echoDelayMs) => {
    const late = await hear({ ...ROOM, echoDelayMs }, FAR, NOBODY);
    expect(leftDb(late, cancel(engine, late, FAR), 5)).toBeGreaterThan(erleDb - 3);
  });

  test("follows a delay that jumps", async () => {
    const loudspeaker = v.parse(Loudspeaker, { delayJump: { atMs: 3_000, byMs: 60 } });
    const jumping = await hear({ ...ROOM, loudspeaker }, FAR, NOBODY);
    expect(leftDb(jumping, cancel(engine, jumping, FAR), 6)).toBeGreaterThan(erleDb - 6);
  });

  test("holds against a loudspeaker whose clock is not the microphone's, once it knows by how much", async () => {
    const room = { ...ROOM, echoDelayMs: 50, loudspeaker: v.parse(Loudspeaker, { driftPpm: 100 }) };
    const played = Int16Array.from([...FAR, ...FAR]);
    const drifting = await hear(room, played, new Int16Array(played.length));
    expect(leftDb(drifting, cancel(engine, drifting, played), 10, 2 * SECONDS)).toBeGreaterThan(erleDb);
  });

  test("does not touch a voice while nothing is played, but for rumble", () => {
    const voice = babbled(2, 4, -26);
    const left = cancel(engine, voice, new Int16Array(voice.length));
    expect(Math.abs(levelDbfs(left) - levelDbfs(voice))).toBeLessThan(0.5);
  });

  test("remembers the room while it rests: what is played after a long silence is taken out at once", async () => {
    const pause = 4;
    const played = Int16Array.from([...part(FAR, 0, 4), ...part(NOBODY, 0, pause), ...part(FAR, 4, 6)]);
    const heard = await hear(ROOM, played, new Int16Array(played.length));
    const left = cancel(engine, heard, played);
    expect(leftDb(heard, left, 4 + pause, 6 + pause)).toBeGreaterThan(engine === "speexdsp" ? 12 : 22);
  });

  test("takes silence, noise at full scale and a square wave, and goes on", () => {
    const next = xorshift(2);
    const loud = Int16Array.from({ length: RATE_HZ }, () => (next() > 0 ? 32_767 : -32_768));
    for (const [heard, played] of [
      [loud, loud],
      [NOBODY.subarray(0, RATE_HZ), loud],
      [loud, NOBODY.subarray(0, RATE_HZ)],
    ] as const)
      expect(cancel(engine, heard, played).length).toBe(RATE_HZ);
  });

  test("can be disposed of twice, and then refuses to work rather than crash", () => {
    const [echo, noise] = [openEcho(engine), openNoiseSuppressor(engine)];
    for (const each of [echo, noise, echo, noise]) expect(() => each?.[Symbol.dispose]()).not.toThrow();
    const frame = new Int16Array(FRAME_SAMPLES).fill(9);
    expect(() => echo?.clean(frame, frame)).toThrow(AudioError);
    expect(() => noise?.quieten(frame)).toThrow(AudioError);
  });
});

test("without a canceller the echo stays: the control", async () => {
  const mic = await hear(ROOM, FAR, NOBODY);
  expect(leftDb(mic, cancel("none", mic, FAR), 3)).toBe(0);
});

describe.each(["webrtc", "speexdsp"] as const)("noise suppression: %s", (engine) => {
  test("takes steady noise out, and leaves a voice", () => {
    const next = xorshift(12);
    const voice = babbled(SECONDS, 6, -26).fill(0, 0, 4 * RATE_HZ);
    const sound = voice.map((sample) => sample + next() * 600);
    const before = sound.slice();
    using noise = openNoiseSuppressor(engine);
    for (let at = 0; at < sound.length; at += FRAME_SAMPLES) noise?.quieten(sound.subarray(at, at + FRAME_SAMPLES));
    expect(leftDb(before, sound, 2, 4)).toBeGreaterThan(8);
    expect(Math.abs(leftDb(before, sound, 5))).toBeLessThan(3);
  });
});
