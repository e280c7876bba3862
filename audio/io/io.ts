import type { AudioError } from "../audio-error.ts";
import type { Frame16k } from "../frame.ts";

/**
 * Called every 10 ms: 10 ms of the microphone in, the next 10 ms of the loudspeaker out. Both are mono PCM, signed
 * 16 bit, 16 kHz, 160 samples, and belong to the device: valid during the call only. `playback` comes in with any
 * content and must be written whole. Synchronous; budget 5 ms; never waits for anything.
 */
export type Tick = (microphone: Frame16k, playback: Frame16k) => void;

/** A microphone and a loudspeaker. Dispose stops both: nothing ticks afterwards. */
export interface SoundDevice extends AsyncDisposable {
  /**
   * Starts both, once; resolves when the microphone runs and rejects with an AudioError where it cannot. `onFailure`
   * is called once if the device is lost later, or a tick throws; nothing ticks after that.
   */
  start(tick: Tick, onFailure: (error: AudioError) => void): Promise<void>;
  /** How long what is written now waits before it is played, in milliseconds; an estimate. */
  readonly delayMs: number;
}

/** What a rig does in a simulated room, in place of people. */
export interface RoomRig {
  /** Somebody plays this WAV; resolves when the sound is over. Rejects with an AudioError where it is none. */
  play(path: string, gainDb: number): Promise<void>;
  /** Records the tracks into the folder; null stops and writes them. */
  record(folder: string | null): Promise<void>;
}
