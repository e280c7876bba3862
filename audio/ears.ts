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
/** The same for what may be the word: the recogniser may have to load a model first. More the voice detector does not take at once. */
const MOST_UNSURE_FRAMES = 180;
/** The word is over about so long after a likeness to it begins. */
const WORD_ENDS_FRAMES = 16;
/** What is looked through for the word. */
export const UNSURE_SAMPLES = 165 * FRAME_SAMPLES;
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
  /** Something was played lately, whatever it was: words that are in doubt are not asked about then. */
  isPlaying: () => boolean;
  onWake: (score: number) => void;
  onHeard: (heard: HeardCommand) => void;
  onFailure: (error: AudioError) => void;
}>;

type State =
  | Readonly<{ at: "waiting" }>
  | { readonly at: "listening"; readonly startedMs: number; utterance: Utterance; frames10ms: number }
  | Deciding;
/** The word was heard and may have been the loudspeaker's; or it is not `sure` that it was heard. */
type Doubt = { readonly sure: boolean; frames10ms: number };
type Deciding = Readonly<{ at: "deciding"; cancelTimeout: () => void }>;

/** Waits for the wake word, takes in one command, waits again. A wake word in between begins anew. */
export class Ears {
  readonly #options: EarsOptions;
  readonly #heardLately: RingBuffer;
  readonly #preRollFrames: number;
  readonly #frame = new Int16Array(FRAME_SAMPLES);
  #state: State = { at: "waiting" };
  #deaf = false;
  #doubt: Doubt | null = null;
  #waitMs: number = SILENCE_ENDS_MS;

  constructor(options: EarsOptions) {
    this.#options = options;
    this.#preRollFrames = Math.floor(options.preRollMs / FRAME_MS);
    const unsure = UNSURE_SAMPLES + MOST_UNSURE_FRAMES * FRAME_SAMPLES;
    this.#heardLately = new RingBuffer(this.#preRollFrames * FRAME_SAMPLES + unsure);
    options.wake.onWake(({ score }) => this.#woken(score));
    options.wake.onDoubt(({ beganMsAgo }) => this.#doubted(beganMsAgo / FRAME_MS));
    options.voice.onProbability((probability) => this.#voice(probability));
  }

  /** True from the wake word until the command was understood: nothing else should be heard meanwhile. */
  get attentive(): boolean {
    return this.#state.at !== "waiting";
  }

  /** True while somebody may be speaking a command: attentive, or about to be, should the word not be the loudspeaker's. */
  get alert(): boolean {
    return this.attentive || this.#doubt?.sure === true;
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
    const doubt = this.#doubt;
    if (doubt !== null && ++doubt.frames10ms > (doubt.sure ? MOST_DOUBT_FRAMES : MOST_UNSURE_FRAMES))
      this.#doubt = null;
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
    else this.#begin(patienceMs, { before: 0, behind: 0 }, only);
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

  #woken(score: number): void {
    // What was heard before the switch can be found to be the wake word after it.
    if (this.#deaf || this.#doubt?.sure === true) return;
    this.#doubt = null;
    const played = this.#options.isPlayed();
    if (played === false) {
      this.#heed(score, 0, 0);
      return;
    }
    this.#ask(played, true, "what is played cannot be listened to", (frames10ms) => this.#heed(score, 0, frames10ms));
  }

  /** It may have been the word: the recogniser knows better, unless it has other things to do or the unit itself is heard. */
  #doubted(beganFramesAgo: number): void {
    const { isPlaying, recogniser } = this.#options;
    if (this.#deaf || this.#doubt !== null || this.attentive || isPlaying()) return;
    const sound = new Int16Array(Math.min(UNSURE_SAMPLES, this.#heardLately.held));
    this.#heardLately.readBack(sound.length, sound);
    this.#ask(recogniser.isWakeWord(sound), false, "a word in doubt cannot be looked at", (frames10ms) => {
      if (!this.attentive) this.#heed(0, WORD_ENDS_FRAMES, beganFramesAgo - WORD_ENDS_FRAMES + frames10ms);
    });
  }

  /** Until the answer comes the word is in doubt: a sure one is heeded unless it was played, another if it was said. */
  #ask(answer: Promise<boolean>, sure: boolean, trouble: string, heed: (frames10ms: number) => void): void {
    const doubt: Doubt = { sure, frames10ms: 0 };
    this.#doubt = doubt;
    const settle = (heeded: boolean): void => {
      if (this.#doubt !== doubt) return;
      this.#doubt = null;
      if (heeded) heed(doubt.frames10ms);
    };
    answer.then(
      (yes) => settle(yes !== sure),
      (cause: unknown) => {
        settle(false);
        this.#options.onFailure(new AudioError("engine-failed", trouble, {}, cause));
      },
    );
  }

  /** `before`: frames of the word beside the pre-roll; `behind`: those since it was over. */
  #heed(score: number, before: number, behind: number): void {
    this.#begin(WAKE_PATIENCE_MS, { before: this.#preRollFrames + before, behind }, null);
    this.#options.onWake(score);
  }

  #begin(patienceMs: number, frames: Readonly<{ before: number; behind: number }>, only: OnlyThis | null): void {
    this.stopListening();
    const { clock, recogniser, voice } = this.#options;
    recogniser.start(only?.jsgf ?? null);
    voice.reset();
    this.#state = {
      at: "listening",
      startedMs: clock.nowMs() - frames.behind * FRAME_MS,
      utterance: startUtterance(patienceMs, only?.waitMs ?? this.#waitMs),
      frames10ms: frames.behind,
    };
    for (let back = frames.before + frames.behind; back > 0; back -= 1) {
      if (!this.#heardLately.readBack(back * FRAME_SAMPLES, this.#frame)) continue;
      recogniser.push(this.#frame);
      if (back <= frames.behind) voice.push(this.#frame);
    }
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
