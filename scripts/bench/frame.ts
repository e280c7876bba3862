import { setImmediate as nextTurn } from "node:timers/promises";
import { Ears } from "#audio/ears.ts";
import { CodecThread } from "#audio/engines/codec-thread.ts";
import { openEcho, openNoiseSuppressor } from "#audio/engines/echo-choice.ts";
import { CommandRecogniser } from "#audio/engines/recogniser.ts";
import { PRE_ROLL_MS } from "#audio/engines/spoken-grammar.ts";
import { EspeakSynthesiser } from "#audio/engines/tts-espeak.ts";
import { SileroVoice } from "#audio/engines/vad-silero.ts";
import { EmbeddingWake } from "#audio/engines/wake-embedding.ts";
import { FRAME_SAMPLES } from "#audio/frame.ts";
import { MessagePlayer } from "#audio/message-player.ts";
import { MessageRecorder } from "#audio/message-recorder.ts";
import { Pipeline } from "#audio/pipeline.ts";
import { PlayedWake } from "#audio/played-wake.ts";
import { Speech } from "#audio/speech.ts";
import { TakeRecorder } from "#audio/take-recorder.ts";
import { makeTones } from "#audio/tones.ts";
import { PolishedUplink } from "#audio/uplink.ts";
import { systemClock } from "#base/clock.ts";
import { entry } from "./entry.ts";
import { percentile } from "./report.ts";

const BUDGET = { bytes: 2_048, p99Ms: 5 } as const;
const PIECE_FRAMES = 8;
const WARM_PIECES = 250;
const PIECES = 500;

export const frame = entry({
  summary: "the 10 ms path in a call, network apart: how long a frame takes and how much memory it leaves to be swept",
  options: {},
  run: async () => {
    await using stack = new AsyncDisposableStack();
    const { pipeline, settled } = await openPipeline(stack);
    const microphone = new Int16Array(FRAME_SAMPLES);
    const playback = new Int16Array(FRAME_SAMPLES);
    const heard = makeHiss();
    const bytes = new Float64Array(PIECES);
    const tookMs = new Float64Array(PIECES * PIECE_FRAMES);
    for (let piece = -WARM_PIECES; piece < PIECES; piece += 1) {
      const before = process.memoryUsage().heapUsed;
      for (let index = 0; index < PIECE_FRAMES; index += 1) {
        microphone.set(heard);
        const startMs = performance.now();
        pipeline.tick(microphone, playback);
        if (piece >= 0) tookMs[piece * PIECE_FRAMES + index] = performance.now() - startMs;
      }
      // A piece in which memory was swept counts as less than nothing: hence the median.
      if (piece >= 0) bytes[piece] = (process.memoryUsage().heapUsed - before) / PIECE_FRAMES;
      await settled();
      await nextTurn();
    }
    return {
      name: "frame",
      measured: [
        { what: "left behind by a frame, median", value: percentile(bytes, 50), unit: "B", budget: BUDGET.bytes },
        { what: "a frame, median", value: percentile(tookMs, 50), unit: "ms", budget: null },
        { what: "a frame, p99", value: percentile(tookMs, 99), unit: "ms", budget: BUDGET.p99Ms },
      ],
    };
  },
});

/** As `audio/main.ts` puts it together, with a far end that takes everything and plays a hiss. */
async function openPipeline(
  stack: AsyncDisposableStack,
): Promise<{ pipeline: Pipeline; settled: () => Promise<void> }> {
  const wake = stack.use(await EmbeddingWake.open());
  const voice = stack.use(await SileroVoice.open());
  const recogniser = stack.use(await CommandRecogniser.open());
  const codec = stack.use(new CodecThread());
  const synthesiser = stack.use(new EspeakSynthesiser());
  const echo = stack.use(openEcho("both"));
  const noise = stack.use(openNoiseSuppressor("both"));
  const onFailure = (error: Error): never => {
    throw error;
  };
  const none = (): void => undefined;
  const played = new PlayedWake(wake.search());
  const ears = new Ears({
    clock: systemClock,
    isPlayed: () => played.saidLately(),
    isPlaying: () => played.lately,
    wake,
    voice,
    recogniser,
    preRollMs: PRE_ROLL_MS,
    onWake: none,
    onHeard: none,
    onFailure,
  });
  const recorder = new MessageRecorder({
    codec,
    voice,
    startTone: none,
    toneOver: () => true,
    onPart: none,
    onRecorded: none,
    onFailure,
  });
  const hiss = makeHiss();
  const pipeline = new Pipeline({
    echo,
    uplink: noise === null ? null : new PolishedUplink(noise),
    played,
    ears,
    speech: new Speech({ synthesiser, onSaid: none, onFailure }),
    tones: makeTones(),
    farEnd: {
      present: true,
      send: none,
      read: (out) => {
        out.set(hiss);
        return true;
      },
    },
    recorder,
    taker: new TakeRecorder({ startTone: () => undefined, toneOver: () => true, onTaken: () => undefined }),
    player: new MessagePlayer({ codec, onPlayed: none, onFailure }),
  });
  return { pipeline, settled: () => wake.settled() };
}

function makeHiss(): Int16Array {
  return Int16Array.from({ length: FRAME_SAMPLES }, () => (Math.random() - 0.5) * 600);
}
