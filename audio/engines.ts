import type { Frame16k } from "./frame.ts";

/**
 * What the pipeline asks of each engine. One vendor a file under `engines/`; only `main.ts` (and the tools) name them.
 * All sound is mono PCM, signed 16 bit, 16 kHz, unless a type says otherwise.
 */

/** Takes the loudspeaker out of the microphone. */
export interface EchoCanceller extends Disposable {
  /**
   * Takes out of `mic` what `playback` (the same 10 ms at the loudspeaker) put into it, in place, and returns it.
   * Synchronous; budget 2 ms.
   */
  clean(mic: Frame16k, playback: Frame16k): Frame16k;
}

/** Listens for the one wake word. */
export interface WakeDetector extends AsyncDisposable {
  /** Takes one frame (copies it); budget 0.1 ms. Inference happens every 80 ms, away from the caller. */
  push(frame: Frame16k): void;
  /** Forgets what was heard, primed with silence: ready to hear at once. */
  reset(): void;
  /** Called at each detection; `score` is what the threshold was compared with. At most one each `refractoryMs`. */
  onWake(listener: (heard: { score: number }) => void): void;
}

/** Is somebody speaking? */
export interface VoiceDetector extends AsyncDisposable {
  /** Takes one frame (copies it). */
  push(frame: Frame16k): void;
  reset(): void;
  /** Called for each window of 32 ms with the probability (0 to 1) that it holds speech. */
  onProbability(listener: (probability: number) => void): void;
}

/** What the recogniser made of one utterance. */
export type Heard = Readonly<{
  /** The words in lower case; null where nothing was recognised. */
  text: string | null;
  /** Surer is higher: log-likelihood of the grammar's path minus the phone loop's, per 10 ms frame. */
  score: number;
  /** Time from the end of the sound to this answer, in milliseconds. */
  decodeMs: number;
}>;

/** Speech to text under a JSGF grammar, in a worker thread: the 10 ms path never waits for it. */
export interface Recogniser extends AsyncDisposable {
  /** `jsgf` is a whole grammar; words that the dictionary lacks get pronunciations by letter-to-sound. */
  setGrammar(jsgf: string): Promise<void>;
  /** Starts an utterance; an unfinished one is thrown away. */
  start(): void;
  /** Takes one frame of the utterance (copies it). */
  push(frame: Frame16k): void;
  /** Ends the utterance. */
  finish(): Promise<Heard>;
}

/** Text to speech. */
export interface Synthesiser extends AsyncDisposable {
  /**
   * Speaks `text` (plain, never markup). Sound arrives in pieces of any length; each buffer is the receiver's.
   * Resolves when all of it has arrived or `signal` aborts. Rejects with an AudioError if the engine fails.
   */
  speak(text: string, onSound: (samples: Int16Array) => void, signal: AbortSignal): Promise<void>;
}
