import type { AudioError } from "#audio/audio-error.ts";
import type {
  EchoCanceller,
  Heard,
  MessageCodec,
  PlayingLine,
  PlayingListener,
  Recogniser,
  RecordingLine,
  RecordingListener,
  Synthesiser,
  VoiceDetector,
  WakeDetector,
  WordSearch,
} from "#audio/engines.ts";
import { FRAME_SAMPLES, type Frame16k } from "#audio/frame.ts";
import { peakOf } from "#audio/level.ts";
import type { FarEnd } from "#audio/pipeline.ts";
import type { Clock } from "#base/clock.ts";

/** Stands still until it is told to go on. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #due: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return 1_000_000 + this.#nowMs;
  }
  monotonicMs(): number {
    return this.#nowMs;
  }
  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }
  /** Lets time pass; `stalledMs`: so long nothing runs, then all of it at once, as in a process that stood still. */
  pass(ms: number, stalledMs = 0): void {
    this.#nowMs += stalledMs;
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#due = this.#due.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = untilMs;
  }
}

export class FakeWake implements WakeDetector {
  frames10ms = 0;
  resets = 0;
  #listener: (heard: { score: number }) => void = () => undefined;
  #doubter: (doubt: { beganMsAgo: number }) => void = () => undefined;
  push(): void {
    this.frames10ms += 1;
  }
  reset(): void {
    this.resets += 1;
  }
  onWake(listener: (heard: { score: number }) => void): void {
    this.#listener = listener;
  }
  wake(): void {
    this.#listener({ score: 5 });
  }
  onDoubt(listener: (doubt: { beganMsAgo: number }) => void): void {
    this.#doubter = listener;
  }
  doubt(beganMsAgo: number): void {
    this.#doubter({ beganMsAgo });
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Finds what the test wants it to, when the test wants it to. */
export class FakeSearch implements WordSearch {
  /** How much each search was given, and after which sample of it the word was to end. */
  readonly searches: { samples: number; from: number }[] = [];
  answer: Promise<boolean> = Promise.resolve(false);
  find(samples: Int16Array, from: number): Promise<boolean> {
    this.searches.push({ samples: samples.length, from });
    return this.answer;
  }
}

/** Says of each window of 32 ms what the test wants it to. */
export class FakeVoice implements VoiceDetector {
  frames10ms = 0;
  probability = 0;
  answering = true;
  #ms = 0;
  readonly #listeners: ((probability: number) => void)[] = [];
  push(): void {
    this.frames10ms += 1;
    this.#ms += 10;
    if (this.#ms < 32) return;
    this.#ms -= 32;
    if (this.answering) for (const listener of this.#listeners) listener(this.probability);
  }
  reset(): void {
    this.#ms = 0;
  }
  onProbability(listener: (probability: number) => void): void {
    this.#listeners.push(listener);
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

export class FakeRecogniser implements Recogniser {
  starts = 0;
  /** Frames since the last start. */
  frames: number[] = [];
  all10ms = 0;
  answer: Heard | Error | "never" = { text: "call ben", score: 1.5, alike: [], nameMargin: null, decodeMs: 20 };
  /** Under what it was started last, where that was no grammar for good. */
  only: string | null = null;
  async setGrammar(): Promise<void> {}
  start(jsgf: string | null): void {
    this.only = jsgf;
    this.starts += 1;
    this.frames = [];
  }
  push(frame: Frame16k): void {
    this.frames.push(frame[0] ?? 0);
    this.all10ms += 1;
  }
  async finish(): Promise<Heard> {
    if (this.answer === "never") return new Promise<Heard>(() => undefined);
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }
  /** How much sound it was asked about, and what it says. */
  readonly asked: number[] = [];
  isWake: Promise<boolean> = Promise.resolve(false);
  isWakeWord(sound: Int16Array): Promise<boolean> {
    this.asked.push(sound.length);
    return this.isWake;
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Speaks 50 ms of a constant for every letter, at once. */
export class FakeSynthesiser implements Synthesiser {
  readonly spoken: string[] = [];
  failing = false;
  wordsPerMinute = 0;
  setRate(wordsPerMinute: number): void {
    this.wordsPerMinute = wordsPerMinute;
  }
  async speak(text: string, onSound: (samples: Int16Array) => void, signal: AbortSignal): Promise<void> {
    this.spoken.push(text);
    await Promise.resolve();
    if (this.failing) throw new Error("no voice today");
    for (const _ of text) if (!signal.aborted) onSound(new Int16Array(5 * FRAME_SAMPLES).fill(6_000));
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

export class FakeFarEnd implements FarEnd {
  present = true;
  sounds = false;
  /** What was sent, by its first sample; null for silence. */
  readonly sent: (number | null)[] = [];
  send(frame: Frame16k | null): void {
    this.sent.push(frame === null ? null : (frame[0] ?? 0));
  }
  read(out: Frame16k): boolean {
    if (this.sounds) out.fill(4_000);
    return this.sounds;
  }
}

export class FakeEcho implements EchoCanceller {
  frames10ms = 0;
  loudestPlayback = 0;
  unsuppressed: Frame16k | null = null;
  clean(mic: Frame16k, playback: Frame16k): Frame16k {
    this.frames10ms += 1;
    this.loudestPlayback = Math.max(this.loudestPlayback, peakOf(playback));
    return mic;
  }
  [Symbol.dispose](): void {}
}

type Span = readonly [from: number, until: number];

/** A recording whose places are told in milliseconds; it is complete as soon as it is finished. */
export class FakeRecordingLine implements RecordingLine {
  frames10ms = 0;
  readonly kept: Span[] = [];
  readonly asked: Span[] = [];
  finished: Span | null = null;
  dropped = false;
  readonly listener: RecordingListener;
  constructor(listener: RecordingListener) {
    this.listener = listener;
  }
  push(): void {
    this.frames10ms += 1;
  }
  keep(from: number, until: number): void {
    this.kept.push([from / 16, until / 16]);
  }
  askWord(from: number, until: number): void {
    this.asked.push([from / 16, until / 16]);
  }
  finish(from: number, until: number): void {
    this.finished = [from / 16, until / 16];
    this.listener.onBytes(Buffer.from("a file"));
    this.listener.onFinished((until - from) / 16);
  }
  drop(): void {
    this.dropped = true;
  }
}

/** Every file lasts `pieces` pieces of 100 ms, of a constant. */
export class FakeCodec implements MessageCodec {
  readonly recordings: FakeRecordingLine[] = [];
  readonly files: Uint8Array[] = [];
  pieces = 10;
  failing: AudioError | null = null;
  dropped = 0;
  record(listener: RecordingListener): RecordingLine {
    const line = new FakeRecordingLine(listener);
    this.recordings.push(line);
    return line;
  }
  play(file: Uint8Array, _durationMs: number, listener: PlayingListener): PlayingLine {
    this.files.push(file);
    let made = 0;
    const more = async (): Promise<void> => {
      await Promise.resolve();
      if (this.failing !== null) listener.onFailure(this.failing);
      else if (made < this.pieces) {
        made += 1;
        listener.onPiece(new Int16Array(10 * FRAME_SAMPLES).fill(2_000), made === this.pieces);
      }
    };
    return {
      more: () => void more(),
      drop: () => {
        this.dropped += 1;
      },
    };
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
