import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import * as v from "valibot";
import { FRAME_SAMPLES } from "#audio/frame.ts";
import { type LegEvent, Peer } from "#audio/peer/peer.ts";
import { loadWrtc } from "#audio/peer/wrtc.ts";
import { IceServer } from "#audio/protocol.ts";
import { readWav, wavHeader } from "#audio/wav.ts";
import { systemClock } from "#base/clock.ts";

/** One end of a leg as a process of its own: says a WAV over and over, and writes down what it hears meanwhile. */

const Start = v.strictObject({
  wav: v.string(),
  seconds: v.number(),
  heard: v.string(),
  iceServers: v.array(IceServer),
  /** Null: as a unit does, which adapts. */
  sending: v.nullable(v.strictObject({ packetMs: v.picklist([10, 20]), twice: v.boolean(), bitPerS: v.number() })),
  srtpOnly: v.boolean(),
});
const Remote = v.strictObject({ sdp: v.string(), fingerprint: v.string() });
const Word = v.variant("do", [
  v.strictObject({ do: v.literal("offer") }),
  v.strictObject({ do: v.literal("answer"), remote: Remote }),
  v.strictObject({ do: v.literal("complete"), remote: Remote }),
  v.strictObject({ do: v.literal("talk") }),
]);
/** What it tells: each event of the leg, and `done` once all is said and written. */
export type Told = LegEvent | Readonly<{ type: "done" }>;
export type LegStart = v.InferOutput<typeof Start>;
export type LegWord = v.InferOutput<typeof Word>;

const FRAME_MS = 10;
/** What was said last is still on its way. */
const TAIL_FRAMES = 60;

const start = v.parse(Start, JSON.parse(process.argv[2] ?? ""));
const wav = readWav(readFileSync(start.wav));
const frames = start.seconds * 100;
const heard = new Int16Array((frames + TAIL_FRAMES) * FRAME_SAMPLES);
const frame = new Int16Array(FRAME_SAMPLES);
const { iceServers, sending, srtpOnly } = start;
const wrtc = await loadWrtc();
const peer = new Peer({ clock: systemClock, wrtc, iceServers, srtpOnly, ...(sending && { sending }), onEvent: tell });
let ticks = 0;
let nextMs = 0;

process.on("disconnect", () => process.exit(0));
process.on("message", (message: unknown) => {
  const word = v.parse(Word, message);
  switch (word.do) {
    case "offer":
      return void peer.offer();
    case "answer":
      return void peer.answer(word.remote);
    case "complete":
      return void peer.complete(word.remote);
    case "talk":
      nextMs = performance.now();
      return beat();
  }
});
tell({ type: "done" });

/** A sound card's: 10 ms each on average, whatever held one up. */
function beat(): void {
  for (; performance.now() >= nextMs; nextMs += FRAME_MS) tick();
  if (ticks < frames + TAIL_FRAMES) setTimeout(beat, Math.max(0, nextMs - performance.now()));
  else void writeFile(start.heard, [wavHeader(heard.length), heard]).then(() => tell({ type: "done" }));
}

function tick(): void {
  for (let index = 0; index < FRAME_SAMPLES; index += 1)
    frame[index] = ticks < frames ? (wav[(ticks * FRAME_SAMPLES + index) % wav.length] ?? 0) : 0;
  peer.send(frame);
  if (ticks >= frames + TAIL_FRAMES) return;
  peer.read(heard.subarray(ticks * FRAME_SAMPLES, (ticks + 1) * FRAME_SAMPLES));
  ticks += 1;
}

function tell(told: Told): void {
  process.send?.(told);
}
