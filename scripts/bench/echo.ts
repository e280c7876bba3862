import * as v from "valibot";
import { openEcho } from "#audio/engines/echo-choice.ts";
import { RATE_HZ } from "#audio/frame.ts";
import type { RoomSoundOptions } from "#audio/io/room-sound.ts";
import { type EchoEngine, Loudspeaker, Reverb } from "#audio/protocol.ts";
import { Erle, keptDb } from "./echo/measure.ts";
import { atLevel, farTalk, nearTalk } from "./echo/talk.ts";
import { cancel, hear } from "./echo/trial.ts";
import { measureUplink } from "./echo/uplink.ts";
import { entry } from "./entry.ts";
import type { Bench, Measured } from "./report.ts";

const SECONDS = 14;
/** From then on somebody near speaks as well, where anybody does. */
const NEAR_FROM_S = 6;
/** As loud at the microphone as the echo is there, unless a case says otherwise. */
const ECHO_DBFS = -26;
const QUIET_ROOM_DBFS = -70;
/** A sine as loud as a loud vowel of what is played, which the distortion is stated at. */
const LOUD_DBFS = -14;
const JUMP_AT_S = 8;

/** So many samples later than it came in each lets the voice of whoever is near out. */
const DELAY_SAMPLES: Readonly<Record<EchoEngine, number>> = { both: 128, webrtc: 128, speexdsp: 160, none: 0 };
const NEAR_VOICES = [
  { by: "flite", name: "slt" },
  { by: "flite", name: "kal16" },
  { by: "espeak", name: "en-us" },
] as const;

type Case = Readonly<{
  what: string;
  rt60Ms?: number;
  echoDb?: number;
  delayMs?: number;
  noiseDbfs?: number;
  loudspeaker?: v.InferInput<typeof Loudspeaker>;
  /** How much louder than the echo somebody near speaks. */
  nearDb?: number;
  engines?: readonly EchoEngine[];
}>;

const EVERY: readonly EchoEngine[] = ["both", "webrtc", "speexdsp", "none"];
const CASES: readonly Case[] = [
  { what: "0.3 s room", engines: EVERY },
  { what: "0.2 s room", rt60Ms: 200 },
  { what: "0.6 s room", rt60Ms: 600, engines: EVERY },
  { what: "echo -12 dB", echoDb: -12 },
  { what: "echo +6 dB", echoDb: 6 },
  { what: "voice 6 dB below the echo", nearDb: -6 },
  { what: "noise at -50 dBFS", noiseDbfs: -50 },
  { what: "distortion 1 %", loudspeaker: { thdPercent: 1, thdAtDbfs: LOUD_DBFS } },
  { what: "distortion 5 %", loudspeaker: { thdPercent: 5, thdAtDbfs: LOUD_DBFS } },
  { what: "clock +100 ppm", loudspeaker: { driftPpm: 100 }, engines: EVERY },
  { what: "clock -100 ppm", loudspeaker: { driftPpm: -100 } },
  { what: "delay 3 ms", delayMs: 3 },
  { what: "delay 150 ms", delayMs: 150 },
  { what: "delay 450 ms", delayMs: 450 },
  { what: "delay +20 ms at 8 s", loudspeaker: { delayJump: { atMs: JUMP_AT_S * 1_000, byMs: 20 } } },
  { what: "delay -100 ms at 8 s", delayMs: 150, loudspeaker: { delayJump: { atMs: JUMP_AT_S * 1_000, byMs: -100 } } },
];

/** In which the figures are to be shown. */
const [SHOWN] = CASES;

export const echo = entry({
  summary: "echo cancellation by room, level, delay, clock and engine, double talk, noise and level (40 s)",
  options: {},
  run: async (): Promise<Bench> => {
    const measured: Measured[] = [];
    for (const each of CASES)
      for (const engine of each.engines ?? ["both"]) measured.push(...(await measureCase(each, engine)));
    measured.push(await measureRest(), ...(await measureUplink()));
    return { name: "echo", measured };
  },
});

async function measureCase(each: Case, engine: EchoEngine): Promise<Measured[]> {
  const room = roomOf(each);
  const echoDb = each.echoDb ?? 0;
  const played = atLevel(await farTalk(SECONDS), ECHO_DBFS - echoDb);
  const nobody = new Int16Array(played.length);
  const mic = await hear({ room, played, voices: nobody });
  const echoAlone = await hear({ room: { ...room, noiseDbfs: -120 }, played, voices: nobody });
  using canceller = openEcho(engine);
  const { left, frameUs } = cancel(canceller, mic, played);
  const erle = new Erle({ echo: echoAlone, mic, left }, DELAY_SAMPLES[engine]);
  const label = `${each.what}, ${engine}`;
  const shown = each === SHOWN && engine === "both";
  const line = (what: string, value: number, budget: number | null): Measured => ({
    what: `${label}: ${what}`,
    value,
    unit: "dB",
    budget: shown ? budget : null,
    atLeast: true,
  });
  const reachedS = convergedS(erle);
  const reached: Measured = {
    what: `${label}: 30 dB are reached after`,
    value: reachedS,
    unit: "s",
    budget: shown ? 3 : null,
  };
  const jumps = each.loudspeaker?.delayJump !== undefined;
  return [
    line("ERLE from 3 s on", erle.over({ fromS: 3, untilS: jumps ? JUMP_AT_S : SECONDS - 1 }), 30),
    ...(jumps
      ? [line("ERLE from 3 s after the jump on", erle.over({ fromS: JUMP_AT_S + 3, untilS: SECONDS - 1 }), null)]
      : []),
    ...(shown || Number.isFinite(reachedS) ? [reached] : []),
    line("kept of the voice in double talk", await keptOf(each, engine, played), -3),
    { what: `${label}: processor time a frame`, value: frameUs, unit: "µs", budget: shown ? 1_500 : null },
  ];
}

/** Nothing is played, as most of the time. */
async function measureRest(): Promise<Measured> {
  const silence = new Int16Array(60 * RATE_HZ);
  const mic = await hear({ room: roomOf({ what: "at rest" }), played: silence, voices: silence });
  using canceller = openEcho("both");
  const { frameUs } = cancel(canceller, mic, silence);
  return { what: "nothing is played: processor time a frame", value: frameUs, unit: "µs", budget: 20, proposed: true };
}

/** Where the figures are to be shown, the worst of several voices. */
async function keptOf(each: Case, engine: EchoEngine, played: Int16Array): Promise<number> {
  const room = roomOf(each);
  const kept: number[] = [];
  for (const voice of each === SHOWN ? NEAR_VOICES : NEAR_VOICES.slice(0, 1)) {
    const voices = await nearTalk(voice, NEAR_FROM_S, SECONDS, ECHO_DBFS + (each.nearDb ?? 0));
    const alone = await hear({ room: { ...room, noiseDbfs: -120 }, played: new Int16Array(played.length), voices });
    using canceller = openEcho(engine);
    const { left } = cancel(canceller, await hear({ room, played, voices }), played);
    kept.push(keptDb(alone, left, DELAY_SAMPLES[engine], { fromS: NEAR_FROM_S, untilS: SECONDS - 1 }));
  }
  return Math.min(...kept);
}

function roomOf({
  rt60Ms = 300,
  echoDb = 0,
  delayMs = 25,
  noiseDbfs = QUIET_ROOM_DBFS,
  loudspeaker,
}: Case): RoomSoundOptions {
  return {
    echoDb,
    echoDelayMs: delayMs,
    noiseDbfs,
    reverb: v.parse(Reverb, { rt60Ms }),
    loudspeaker: loudspeaker === undefined ? undefined : v.parse(Loudspeaker, loudspeaker),
  };
}

/** From when on the next second has 30 dB, in steps of 0.1 s; infinite where it never has. */
function convergedS(erle: Erle): number {
  for (let tenths = 0; tenths < (SECONDS - 2) * 10; tenths += 1)
    if (erle.over({ fromS: tenths / 10, untilS: tenths / 10 + 1 }) >= 30) return tenths / 10;
  return Number.POSITIVE_INFINITY;
}
