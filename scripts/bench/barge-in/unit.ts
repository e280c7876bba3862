import { Ears, type HeardCommand } from "#audio/ears.ts";
import { CodecThread } from "#audio/engines/codec-thread.ts";
import { CommandRecogniser } from "#audio/engines/recogniser.ts";
import { PRE_ROLL_MS } from "#audio/engines/spoken-grammar.ts";
import { EspeakSynthesiser } from "#audio/engines/tts-espeak.ts";
import { SileroVoice } from "#audio/engines/vad-silero.ts";
import { EmbeddingWake } from "#audio/engines/wake-embedding.ts";
import type { EchoCanceller, Heard, Recogniser } from "#audio/engines.ts";
import { FRAME_MS, FRAME_SAMPLES } from "#audio/frame.ts";
import { RoomSound, type RoomSoundOptions } from "#audio/io/room-sound.ts";
import { MessagePlayer } from "#audio/message-player.ts";
import { MessageRecorder } from "#audio/message-recorder.ts";
import { Pipeline } from "#audio/pipeline.ts";
import { PlayedWake } from "#audio/played-wake.ts";
import { Speech } from "#audio/speech.ts";
import { TakeRecorder } from "#audio/take-recorder.ts";
import { makeTones } from "#audio/tones.ts";
import type { Clock } from "#base/clock.ts";

export type OfflineOptions = Readonly<{ jsgf: string; room: RoomSoundOptions; echo: EchoCanceller | null }>;
/** What the unit noticed; `atMs` is sound since it was opened. */
export type Noticed =
  | Readonly<{ type: "wake"; atMs: number; score: number }>
  | Readonly<{ type: "heard"; atMs: number; heard: HeardCommand }>;

/**
 * The ears and mouth of a unit in its room, all its engines and none of its time: as fast as the machine goes, each
 * frame waits until everything that was heard was thought about.
 */
export class OfflineUnit implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly #settled: () => Promise<void>;
  readonly #pipeline: Pipeline;
  readonly #room: RoomSound;
  readonly #microphone = new Int16Array(FRAME_SAMPLES);
  readonly #playing = new Int16Array(FRAME_SAMPLES);
  readonly #voices = new Float64Array(FRAME_SAMPLES);
  readonly #farEnd = new Int16Array(FRAME_SAMPLES);
  readonly #noticed: Noticed[] = [];
  #ms = 0;

  private constructor(stack: AsyncDisposableStack, engines: Engines, room: RoomSound, echo: EchoCanceller | null) {
    this.#stack = stack;
    this.#room = room;
    const { wake, voice, recogniser, codec, synthesiser } = engines;
    const clock: Clock = { nowMs: () => this.#ms, monotonicMs: () => this.#ms, after: () => () => undefined };
    const onFailure = (error: Error): never => {
      throw error;
    };
    const waited = new WaitedFor(recogniser);
    const search = wake.search();
    let searched: Promise<unknown> = Promise.resolve();
    const played = new PlayedWake({
      find: (samples, from) => {
        const found = search.find(samples, from);
        searched = found;
        return found;
      },
    });
    const ears = new Ears({
      clock,
      isPlayed: () => played.saidLately(),
      isPlaying: () => played.lately,
      wake,
      voice,
      recogniser: waited,
      preRollMs: PRE_ROLL_MS,
      onWake: (score) => {
        this.#noticed.push({ type: "wake", atMs: this.#ms, score });
        this.#pipeline.woken();
        this.#pipeline.startTone("chirp");
      },
      onHeard: (heard) => this.#noticed.push({ type: "heard", atMs: this.#ms, heard }),
      onFailure,
    });
    this.#pipeline = new Pipeline({
      echo,
      uplink: null,
      played,
      ears,
      speech: new Speech({ synthesiser, onSaid: () => undefined, onFailure }),
      tones: makeTones(),
      farEnd: {
        present: true,
        send: () => undefined,
        read: (out) => {
          out.set(this.#farEnd);
          return true;
        },
      },
      recorder: new MessageRecorder({
        codec,
        voice,
        startTone: () => undefined,
        toneOver: () => true,
        onPart: () => undefined,
        onRecorded: () => undefined,
        onFailure,
      }),
      taker: new TakeRecorder({ startTone: () => undefined, toneOver: () => true, onTaken: () => undefined }),
      player: new MessagePlayer({ codec, onPlayed: () => undefined, onFailure }),
    });
    this.#settled = async () => {
      await wake.settled();
      await searched;
      await voice.settled();
      await waited.settled();
    };
  }

  static async open({ jsgf, room, echo }: OfflineOptions): Promise<OfflineUnit> {
    await using stack = new AsyncDisposableStack();
    stack.use(echo);
    const engines: Engines = {
      wake: stack.use(await EmbeddingWake.open()),
      voice: stack.use(await SileroVoice.open()),
      recogniser: stack.use(await CommandRecogniser.open()),
      codec: stack.use(new CodecThread()),
      synthesiser: stack.use(new EspeakSynthesiser()),
    };
    await engines.recogniser.setGrammar(jsgf);
    const sound = stack.use(await RoomSound.open(room));
    return new OfflineUnit(stack.move(), engines, sound, echo);
  }

  /** Everything since the last time it was asked. */
  takeNoticed(): Noticed[] {
    return this.#noticed.splice(0);
  }

  get atMs(): number {
    return this.#ms;
  }

  /** 10 ms: what the far end says, and what somebody in the room says. */
  async step(farEnd: Int16Array, voice: Int16Array): Promise<void> {
    this.#farEnd.fill(0);
    this.#farEnd.set(farEnd);
    this.#voices.fill(0);
    this.#voices.set(voice);
    this.#room.step(this.#playing, this.#voices, this.#microphone);
    this.#pipeline.tick(this.#microphone, this.#playing);
    this.#ms += FRAME_MS;
    await this.#settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

type Engines = Readonly<{
  wake: EmbeddingWake;
  voice: SileroVoice;
  recogniser: CommandRecogniser;
  codec: CodecThread;
  synthesiser: EspeakSynthesiser;
}>;

/** A recogniser whose answer can be waited for. */
class WaitedFor implements Recogniser {
  readonly #recogniser: Recogniser;
  #answer: Promise<unknown> = Promise.resolve();

  constructor(recogniser: Recogniser) {
    this.#recogniser = recogniser;
  }
  setGrammar(jsgf: string): Promise<void> {
    return this.#recogniser.setGrammar(jsgf);
  }
  start(jsgf: string | null): void {
    this.#recogniser.start(jsgf);
  }
  push(frame: Int16Array): void {
    this.#recogniser.push(frame);
  }
  finish(): Promise<Heard> {
    const answer = this.#recogniser.finish();
    this.#answer = answer;
    return answer;
  }
  isWakeWord(sound: Int16Array): Promise<boolean> {
    return this.#recogniser.isWakeWord(sound);
  }
  async settled(): Promise<void> {
    await this.#answer;
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
