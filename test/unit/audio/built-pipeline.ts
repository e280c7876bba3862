import type { AudioError } from "#audio/audio-error.ts";
import { Ears, type HeardCommand } from "#audio/ears.ts";
import { FRAME_SAMPLES } from "#audio/frame.ts";
import { peakOf } from "#audio/level.ts";
import { MessagePlayer } from "#audio/message-player.ts";
import { MessageRecorder } from "#audio/message-recorder.ts";
import { Pipeline } from "#audio/pipeline.ts";
import { PlayedWake } from "#audio/played-wake.ts";
import { Speech } from "#audio/speech.ts";
import { TakeRecorder } from "#audio/take-recorder.ts";
import { makeTones } from "#audio/tones.ts";
import {
  FakeClock,
  FakeCodec,
  FakeEcho,
  FakeFarEnd,
  FakeRecogniser,
  FakeSearch,
  FakeSynthesiser,
  FakeVoice,
  FakeWake,
} from "./fakes.ts";

const TONES = makeTones();
export const PRE_ROLL_MS = 300;

/** A pipeline on fakes; each tick's microphone holds the number of the tick. */
export function build() {
  const clock = new FakeClock();
  const [wake, search] = [new FakeWake(), new FakeSearch()];
  const loudspeaker = new PlayedWake(search);
  const [voice, recogniser] = [new FakeVoice(), new FakeRecogniser()];
  const [farEnd, echo, synthesiser] = [new FakeFarEnd(), new FakeEcho(), new FakeSynthesiser()];
  const codec = new FakeCodec();
  const recorded: string[] = [];
  const played: string[] = [];
  const heard: HeardCommand[] = [];
  const said: number[] = [];
  const failures: string[] = [];
  const speech = new Speech({
    synthesiser,
    onSaid: (id) => said.push(id),
    onFailure: (error) => failures.push(error.code),
  });
  let wakes = 0;
  const ears = new Ears({
    clock,
    isPlayed: () => loudspeaker.saidLately(),
    isPlaying: () => loudspeaker.lately,
    wake,
    voice,
    recogniser,
    preRollMs: PRE_ROLL_MS,
    onWake: () => {
      wakes += 1;
      pipeline.woken();
    },
    onHeard: (command) => heard.push(command),
    onFailure: (error) => failures.push(error.code),
  });
  const onFailure = (error: AudioError) => failures.push(error.code);
  const recorder = new MessageRecorder({
    codec,
    voice,
    startTone: () => pipeline.startTone("record"),
    toneOver: () => !pipeline.isPlaying("record"),
    onPart: (id, part) => recorded.push(`${id}: part ${part.index}${part.last ? ", the last" : ""}`),
    onRecorded: (id, durationMs, why) => recorded.push(`${id}: ${why} ${Math.round(durationMs)}`),
    onFailure,
  });
  const taken: { id: string; why: string; samples: Int16Array }[] = [];
  const taker = new TakeRecorder({
    startTone: () => pipeline.startTone("record"),
    toneOver: () => !pipeline.isPlaying("record"),
    onTaken: (id, why, samples) => taken.push({ id, why, samples }),
  });
  const player = new MessagePlayer({ codec, onPlayed: (id, how) => played.push(`${id}: ${how}`), onFailure });
  const pipeline = new Pipeline({
    echo,
    uplink: null,
    played: loudspeaker,
    ears,
    speech,
    tones: TONES,
    farEnd,
    recorder,
    taker,
    player,
  });
  const [microphone, playback] = [new Int16Array(FRAME_SAMPLES), new Int16Array(FRAME_SAMPLES)];
  let tick = 0;
  /** Lets `ms` pass, frame by frame; returns the loudest sample that was played. */
  async function run(ms: number): Promise<number> {
    let loudest = 0;
    for (let frame = 0; frame < ms / 10; frame += 1) {
      tick += 1;
      clock.pass(10);
      microphone.fill(tick);
      pipeline.tick(microphone, playback);
      loudest = Math.max(loudest, peakOf(playback));
      await Promise.resolve();
    }
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    return loudest;
  }
  /** Somebody speaks for so long, then is silent for so long. */
  async function speak(speechMs: number, silenceMs: number): Promise<void> {
    voice.probability = 0.9;
    await run(speechMs);
    voice.probability = 0.05;
    await run(silenceMs);
  }
  const counts = () => ({ wakes, ticks: tick });
  return {
    clock,
    wake,
    search,
    voice,
    recogniser,
    farEnd,
    echo,
    synthesiser,
    codec,
    recorder,
    player,
    recorded,
    taken,
    played,
    heard,
    said,
    failures,
    pipeline,
    run,
    speak,
    counts,
    microphone,
    playback,
  };
}
