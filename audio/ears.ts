import type { Clock } from "#base/clock.ts";
import { AudioError } from "./audio-error.ts";
import type { Heard, Recogniser, VoiceDetector, WakeDetector } from "./engines.ts";
import { FRAME_MS, FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import type { Alike, OnlyThis } from "./protocol-words.ts";
import { RingBuffer } from "./ring-buffer.ts";
import {
  LONGEST_AFTER_PATIENCE_MS,
  SILENCE_ENDS_MS,
  spoke,
  startUtterance,
  stepUtterance,
  type Utterance,
} from "./utterance.ts";

/** After the wake word, how long to wait for the command to begin. */
const WAKE_PATIENCE_MS = 4_000;
/** A recogniser that has not answered by then has died. */
const DECIDE_MS = 3_000;
/** What takes longer to find out whether the loudspeaker said the word is not waited for: the word is not heeded then. */
const MOST_DOUBT_FRAMES = 100;
/** How much longer than an utterance can be we wait for the voice detector to say so. */
const GRACE_MS = 500;

/** One command as it was heard. `text` null: nothing was recognised; `spoke` false: nobody said anything. */
export type HeardCommand = Readonly<{
  text: string | null;
  score: number;
  alike: readonly Alike[];
  nameMargin: number | null;
  spoke: boolean;
  endOfSpeechMs: number;
}>;

type EarsOptions = Readonly<{
  clock: Clock;
  wake: WakeDetector;
  voice: VoiceDetector;
  recogniser: Recogniser;
  /** How much sound before the wake word's detection already belongs to the command. */
  preRollMs: number;
  /** The unit itself plays the wake word, or did a moment ago: nobody in the room needs to have said it. */
  isPlayed: () => false | Promise<boolean>;
  onWake: (score: number) => void;
  onHeard: (heard: HeardCommand) => void;
  onFailure: (error: AudioError) => void;
}>;

type State =
  | Readonly<{ at: "waiting" }>
  | { readonly at: "listening"; readonly startedMs: number; utterance: Utterance; frames10ms: number }
  | Deciding;
type Deciding = Readonly<{ at: "deciding"; cancelTimeout: () => void }>;

/** Waits for the wake word, takes in one command, waits again. A wake word in between begins anew. */
export class Ears {
  readonly #options: EarsOptions;
  readonly #heardLately: RingBuffer;
  readonly #frame = new Int16Array(FRAME_SAMPLES);
  #state: State = { at: "waiting" };
  #deaf = false;
  /** The word was heard, and may have been the loudspeaker's. */
  #doubt: { frames10ms: number } | null = null;
  #waitMs: number = SILENCE_ENDS_MS;

  constructor(options: EarsOptions) {
    this.#options = options;
    const preRollFrames = Math.floor(options.preRollMs / FRAME_MS);
    this.#heardLately = new RingBuffer((preRollFrames + MOST_DOUBT_FRAMES) * FRAME_SAMPLES);
    options.wake.onWake(({ score }) => this.#woken(score, preRollFrames));
    options.voice.onProbability((probability) => this.#voice(probability));
  }

  /** True from the wake word until the command was understood: nothing else should be heard meanwhile. */
  get attentive(): boolean {
    return this.#state.at !== "waiting";
  }

  /** True while somebody may be speaking a command: attentive, or about to be, should the word not be the loudspeaker's. */
  get alert(): boolean {
    return this.attentive || this.#doubt !== null;
  }

  /** True once somebody has begun to speak the command. */
  get spokenTo(): boolean {
    return this.#state.at === "listening" && spoke(this.#state.utterance);
  }

  /** Takes 10 ms of the cleaned microphone (copies it). Budget 0.3 ms. */
  hear(frame: Frame16k): void {
    if (this.#deaf) return;
    this.#heardLately.push(frame);
    this.#options.wake.push(frame);
    if (this.#doubt !== null && ++this.#doubt.frames10ms > MOST_DOUBT_FRAMES) this.#doubt = null;
    const state = this.#state;
    if (state.at !== "listening") return;
    this.#options.voice.push(frame);
    this.#options.recogniser.push(frame);
    state.frames10ms += 1;
    const longestMs = state.utterance.patienceMs + LONGEST_AFTER_PATIENCE_MS + GRACE_MS;
    // The voice detector has stopped answering: listening must end all the same.
    if (state.frames10ms * FRAME_MS > longestMs) this.#decide(state.utterance, state.startedMs);
  }

  /** Takes in one command that needs no wake word; while deaf nobody is heard to speak, at once. */
  listen(patienceMs: number, only: OnlyThis | null = null): void {
    if (this.#deaf) this.#nothingHeard();
    else this.#begin(patienceMs, 0, only);
  }

  /** So much silence ends what is said, from the next time on. */
  setWait(waitMs: number): void {
    this.#waitMs = waitMs;
  }

  /** Gives up: no `heard` comes. */
  stopListening(): void {
    if (this.#state.at === "deciding") this.#state.cancelTimeout();
    this.#state = { at: "waiting" };
  }

  /** While deaf nothing is heard, and what was heard before is forgotten: the microphone is muted. */
  setDeaf(deaf: boolean): void {
    this.#deaf = deaf;
    this.#doubt = null;
    const attentive = this.attentive;
    this.stopListening();
    this.#heardLately.clear();
    this.#options.wake.reset();
    this.#options.voice.reset();
    if (attentive) this.#nothingHeard();
  }

  #woken(score: number, preRollFrames: number): void {
    // What was heard before the switch can be found to be the wake word after it.
    if (this.#deaf || this.#doubt !== null) return;
    const heed = (frames10ms: number): void => {
      this.#begin(WAKE_PATIENCE_MS, preRollFrames + frames10ms, null);
      this.#options.onWake(score);
    };
    const played = this.#options.isPlayed();
    if (played === false) {
      heed(0);
      return;
    }
    const doubt = { frames10ms: 0 };
    this.#doubt = doubt;
    const settle = (said: boolean): void => {
      if (this.#doubt !== doubt) return;
      this.#doubt = null;
      if (!said) heed(doubt.frames10ms);
    };
    played.then(settle, (cause: unknown) => {
      settle(true);
      this.#options.onFailure(new AudioError("engine-failed", "what is played cannot be listened to", {}, cause));
    });
  }

  #begin(patienceMs: number, preRollFrames: number, only: OnlyThis | null): void {
    this.stopListening();
    const { clock, recogniser, voice } = this.#options;
    recogniser.start(only?.jsgf ?? null);
    for (let back = preRollFrames; back > 0; back -= 1)
      if (this.#heardLately.readBack(back * FRAME_SAMPLES, this.#frame)) recogniser.push(this.#frame);
    voice.reset();
    this.#state = {
      at: "listening",
      startedMs: clock.nowMs(),
      utterance: startUtterance(patienceMs, only?.waitMs ?? this.#waitMs),
      frames10ms: 0,
    };
  }

  #voice(probability: number): void {
    const state = this.#state;
    if (state.at !== "listening") return;
    const { utterance, ended } = stepUtterance(state.utterance, probability);
    state.utterance = utterance;
    if (ended !== null) this.#decide(utterance, state.startedMs);
  }

  #decide(utterance: Utterance, startedMs: number): void {
    const { clock, recogniser, onHeard, onFailure } = this.#options;
    if (!spoke(utterance)) {
      this.#state = { at: "waiting" };
      this.#nothingHeard();
      return;
    }
    const endOfSpeechMs = startedMs + utterance.voiceEndedMs;
    const answer = ({ text, score, alike, nameMargin }: Omit<Heard, "decodeMs">): void => {
      if (this.#state !== deciding) return;
      deciding.cancelTimeout();
      this.#state = { at: "waiting" };
      onHeard({ text, score, alike, nameMargin, spoke: true, endOfSpeechMs });
    };
    const fail = (cause: unknown): void => {
      if (this.#state !== deciding) return;
      onFailure(new AudioError("engine-failed", "the command could not be recognised", {}, cause));
      answer({ text: null, score: 0, alike: [], nameMargin: null });
    };
    const cancelTimeout = clock.after(DECIDE_MS, () => fail("no answer"));
    const deciding: Deciding = { at: "deciding", cancelTimeout };
    this.#state = deciding;
    recogniser.finish().then(answer, fail);
  }

  #nothingHeard(): void {
    const { clock, onHeard } = this.#options;
    onHeard({ text: null, score: 0, alike: [], nameMargin: null, spoke: false, endOfSpeechMs: clock.nowMs() });
  }
}
