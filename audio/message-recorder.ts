import type { AudioError } from "./audio-error.ts";
import type { MessageCodec, RecordingLine, VoiceDetector } from "./engines.ts";
import { FRAME_MS, type Frame16k, RATE_HZ } from "./frame.ts";
import {
  answerWord,
  type Recorded,
  type Span,
  startRecorded,
  stepRecorded,
  sureOf,
  wholeOf,
  withoutWakeWord,
  withoutWord,
} from "./message-end.ts";
import type { Report } from "./protocol.ts";
import { PartCutter, type SoundPart } from "./sound-parts.ts";

export type RecordedWhy = Extract<Report, { type: "recorded" }>["why"];
type RecorderOptions = Readonly<{
  codec: MessageCodec;
  /** Shared with the ears, which listen to it only while nothing is recorded. */
  voice: VoiceDetector;
  /** Starts the tone; `toneOver` is asked until it has been played. */
  startTone: () => void;
  toneOver: () => boolean;
  onPart: (id: string, part: SoundPart) => void;
  onRecorded: (id: string, durationMs: number, why: RecordedWhy) => void;
  onFailure: (error: AudioError) => void;
}>;

/** After the tone, until its echo is gone. */
const ECHO_MS = 60;
/** What is surely kept goes to the encoder in steps of so much. */
const KEEP_EVERY_MS = 500;
/** A voice detector that has stopped answering does not keep a recording open: so much longer than it may be. */
const GRACE_MS = 6_000;

type State =
  | { readonly at: "idle" }
  /** For its turn: until nothing is being said or played. */
  | { readonly at: "waiting"; readonly id: string; readonly maxMs: number }
  | { readonly at: "tone"; readonly id: string; readonly maxMs: number; quietMs: number }
  | Taking;
/** Told once the file is complete. */
type Outcome = { why: RecordedWhy };
type Taking = {
  readonly at: "recording";
  readonly id: string;
  readonly line: RecordingLine;
  readonly outcome: Outcome;
  recorded: Recorded;
  frames10ms: number;
  keptMs: number;
};

/** Records one message at a time. Its file comes out in parts while it is made, and the reason why it ended at last. */
export class MessageRecorder {
  readonly #options: RecorderOptions;
  #state: State = { at: "idle" };

  constructor(options: RecorderOptions) {
    this.#options = options;
    options.voice.onProbability((probability) => this.#heard(probability));
  }

  /** True from the tone to the end: nothing else is to be heard meanwhile. */
  get active(): boolean {
    return this.#state.at === "tone" || this.#state.at === "recording";
  }

  record(id: string, maxMs: number): void {
    this.#end("asked", wholeOf);
    this.#state = { at: "waiting", id, maxMs };
  }

  /** Called each 10 ms. `free`: nothing is being said, played or listened to. */
  attend(free: boolean): void {
    const state = this.#state;
    if (state.at === "waiting" && free) {
      this.#options.startTone();
      this.#state = { ...state, at: "tone", quietMs: 0 };
    } else if (state.at === "tone" && this.#options.toneOver()) {
      state.quietMs += FRAME_MS;
      if (state.quietMs > ECHO_MS) this.#begin(state.id, state.maxMs);
    }
  }

  /** Takes 10 ms of the cleaned microphone (copies it). Budget 0.1 ms. */
  hear(frame: Frame16k): void {
    const state = this.#state;
    if (state.at !== "recording") return;
    state.line.push(frame);
    this.#options.voice.push(frame);
    state.frames10ms += 1;
    if (state.frames10ms * FRAME_MS > state.recorded.maxMs + GRACE_MS) this.#end("limit", wholeOf);
  }

  /** `keep` false: nothing of it is wanted. */
  stop(id: string, keep: boolean): void {
    if (this.#state.at !== "idle" && this.#state.id === id) this.#end("asked", keep ? wholeOf : nothingOf);
  }

  /** The wake word was heard; it is no part of the message. */
  woken(): void {
    this.#end("wake", withoutWakeWord);
  }

  /** The microphone was muted. */
  deafen(): void {
    this.#end("deaf", wholeOf);
  }

  #begin(id: string, maxMs: number): void {
    const { codec, voice, onPart, onRecorded, onFailure } = this.#options;
    voice.reset();
    const parts = new PartCutter((part) => onPart(id, part));
    const outcome: Outcome = { why: "broken" };
    const line = codec.record({
      onBytes: (bytes) => parts.add(bytes),
      onWord: (isStop) => this.#answered(line, isStop),
      onFinished: (durationMs) => {
        if (durationMs > 0) parts.finish();
        onRecorded(id, durationMs, outcome.why);
      },
      onFailure: (error) => {
        if (this.#state.at === "recording" && this.#state.line === line) this.#state = { at: "idle" };
        onFailure(error);
        onRecorded(id, 0, "broken");
      },
    });
    const recorded = startRecorded(maxMs);
    this.#state = { at: "recording", id, line, outcome, recorded, frames10ms: 0, keptMs: 0 };
  }

  #heard(probability: number): void {
    const state = this.#state;
    if (state.at !== "recording") return;
    const { recorded, ask, ended } = stepRecorded(state.recorded, probability);
    state.recorded = recorded;
    if (ask !== null) state.line.askWord(samplesAt(ask.fromMs), samplesAt(ask.untilMs));
    if (ended !== null) {
      this.#end(ended, wholeOf);
      return;
    }
    const sure = sureOf(recorded);
    if (sure.untilMs - Math.max(state.keptMs, sure.fromMs) < KEEP_EVERY_MS) return;
    state.keptMs = sure.untilMs;
    state.line.keep(samplesAt(sure.fromMs), samplesAt(sure.untilMs));
  }

  #answered(line: RecordingLine, isStop: boolean): void {
    const state = this.#state;
    // Who speaks on meanwhile has not said it alone.
    if (state.at !== "recording" || state.line !== line || state.recorded.word !== "asked") return;
    if (isStop) this.#end("stop", withoutWord);
    else state.recorded = answerWord(state.recorded);
  }

  /** Nothing of a recording that has not begun to be one stays. */
  #end(why: RecordedWhy, keep: (recorded: Recorded) => Span | null): void {
    const state = this.#state;
    if (state.at === "idle") return;
    this.#state = { at: "idle" };
    const span = state.at === "recording" && state.recorded.startedMs !== null ? keep(state.recorded) : null;
    if (state.at === "recording" && span !== null) {
      state.outcome.why = why;
      state.line.finish(samplesAt(span.fromMs), samplesAt(span.untilMs));
      return;
    }
    if (state.at === "recording") state.line.drop();
    this.#options.onRecorded(state.id, 0, why);
  }
}

function nothingOf(): null {
  return null;
}

function samplesAt(ms: number): number {
  return Math.round((ms * RATE_HZ) / 1_000);
}
