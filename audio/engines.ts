import type { AudioError } from "./audio-error.ts";
import type { Frame16k } from "./frame.ts";
import type { Alike } from "./protocol-words.ts";

/**
 * What the pipeline asks of each engine. One vendor a file under `engines/`; only `main.ts` (and the tools) name them.
 * All sound is mono PCM, signed 16 bit, 16 kHz, unless a type says otherwise.
 */

/** Takes the loudspeaker out of the microphone, and nothing else. */
export interface EchoCanceller extends Disposable {
  /**
   * Takes out of `mic` what `playback` (the same 10 ms at the loudspeaker) put into it, in place, and returns it, up to
   * 10 ms older. Synchronous; budget 1.5 ms.
   */
  clean(mic: Frame16k, playback: Frame16k): Frame16k;
  /**
   * The frame that was cleaned last as it was before anything was suppressed in it, for the ears: a voice that speaks at
   * the same time is whole in it, and so is more of the echo. Null or absent: nothing was suppressed. Valid until the
   * next frame.
   */
  readonly unsuppressed?: Frame16k | null;
}

/** Takes steady noise out of a voice. For the far end only: the recogniser hears worse with it. */
export interface NoiseSuppressor extends Disposable {
  /** In place; what comes out is up to 10 ms older. Synchronous; budget 0.5 ms. */
  quieten(frame: Frame16k): void;
}

/** Listens for the one wake word. */
export interface WakeDetector extends AsyncDisposable {
  /** Takes one frame (copies it); budget 0.1 ms. Inference happens every 80 ms, away from the caller. */
  push(frame: Frame16k): void;
  /** Forgets what was heard, primed with silence: ready to hear at once. */
  reset(): void;
  /** Called at each detection; `score` is what the threshold was compared with. At most one each `refractoryMs`. */
  onWake(listener: (heard: { score: number }) => void): void;
  /** Called where what began to be heard so long ago may be the word, and is not clear enough for `onWake`. */
  onDoubt(listener: (doubt: { beganMsAgo: number }) => void): void;
}

/** Looks for the wake word in sound that is over. */
export interface WordSearch {
  /** Whether it ends in `samples` after the sample `from`; they must stay as they are until then. Rejects where inference fails. */
  find(samples: Int16Array, from: number): Promise<boolean>;
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
  /** Surer is higher: at most 0, and -100 where nothing was heard (`engines/phone-score.ts`). */
  score: number;
  /** Words of it that sound like others of the grammar. */
  alike: readonly Alike[];
  /** By how many nats any other name fits worse; null where nobody was named, or where that is beyond doubt. */
  nameMargin: number | null;
  /** Time from the end of the sound to this answer, in milliseconds. */
  decodeMs: number;
}>;

/** Speech to text under a JSGF grammar, in a worker thread: the 10 ms path never waits for it. */
export interface Recogniser extends AsyncDisposable {
  /** `jsgf` is a whole grammar; words that the dictionary lacks get pronunciations by letter-to-sound. */
  setGrammar(jsgf: string): Promise<void>;
  /** Starts an utterance; an unfinished one is thrown away. `jsgf`: under this grammar, this once. */
  start(jsgf: string | null): void;
  /** Takes one frame of the utterance (copies it). */
  push(frame: Frame16k): void;
  /** Ends the utterance. */
  finish(): Promise<Heard>;
  /** Whether the wake word was said in this sound, a second or two. Takes 0.1 s, or 0.8 s after a minute without a doubt or a command. */
  isWakeWord(sound: Int16Array): Promise<boolean>;
}

/** Text to speech. */
export interface Synthesiser extends AsyncDisposable {
  /** How fast it speaks from the next sentence on. */
  setRate(wordsPerMinute: number): void;
  /**
   * Speaks `text` (plain, never markup). Sound arrives in pieces of any length; each buffer is the receiver's.
   * Resolves when all of it has arrived or `signal` aborts. Rejects with an AudioError if the engine fails.
   */
  speak(text: string, onSound: (samples: Int16Array) => void, signal: AbortSignal): Promise<void>;
}

/** Makes a file of a message out of its sound: Ogg Opus, one channel. Blocks: for a worker thread. */
export interface SoundEncoder extends Disposable {
  /** Takes any length of sound (copies it); returns the bytes of the file that it completed, often none. */
  write(samples: Int16Array): Uint8Array;
  /** The rest of the file. Nothing may be written afterwards. */
  finish(): Uint8Array;
}

/** Makes sound out of a file that was checked (ogg.ts) before. Blocks: for a worker thread. */
export interface SoundDecoder extends Disposable {
  /** The next piece, at most 120 ms, in a buffer of the receiver's; null at the end. Throws an AudioError `bad-sound-file`. */
  read(): Int16Array | null;
}

/** One recording on its way into a file. Places are samples from its beginning; nothing here waits. */
export interface RecordingLine {
  /** Takes one frame (copies it); budget 0.05 ms. */
  push(frame: Frame16k): void;
  /** What lies between stays whatever comes; what lies before goes. */
  keep(from: number, until: number): void;
  /** `onWord` tells whether this, of which nothing was kept yet, is the word "stop" and nothing else. */
  askWord(from: number, until: number): void;
  /** As `keep`, and then it is over: `onFinished`. What lies beyond `until` goes. */
  finish(from: number, until: number): void;
  /** Nothing of it is wanted, and nothing more is told. */
  drop(): void;
}
export type RecordingListener = Readonly<{
  /** The next bytes of the file; the buffer is the receiver's. */
  onBytes: (bytes: Uint8Array) => void;
  onWord: (isStop: boolean) => void;
  /** After the last bytes. 0 ms: there is no file. */
  onFinished: (durationMs: number) => void;
  /** Instead of `onFinished`: it could not be recorded. */
  onFailure: (error: AudioError) => void;
}>;

/** One file on its way to the loudspeaker. */
export interface PlayingLine {
  /** Asks for one more piece. */
  more(): void;
  /** Nothing more of it is wanted, and nothing more is told. */
  drop(): void;
}
export type PlayingListener = Readonly<{
  /** The next piece, 100 ms or so, at the level of a voice in a call; the buffer is the receiver's. */
  onPiece: (samples: Int16Array, last: boolean) => void;
  /** It is no file that we play, or the decoder failed. */
  onFailure: (error: AudioError) => void;
}>;

/** Makes files of messages and sound of files, in a thread of its own: the 10 ms path never waits for it. */
export interface MessageCodec extends AsyncDisposable {
  record(listener: RecordingListener): RecordingLine;
  /** `file` changes hands. Nothing in it is believed: it is checked whole, against `durationMs`, before it is decoded. */
  play(file: Uint8Array<ArrayBuffer>, durationMs: number, listener: PlayingListener): PlayingLine;
}
