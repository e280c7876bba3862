import type { AudioErrorCode } from "../audio-error.ts";
import type { Heard } from "../engines.ts";

/** What crosses between `recogniser.ts` and its worker: both are ours, so nothing is validated. */
export type ToWorker =
  | Readonly<{ type: "set-grammar"; id: number; jsgf: string }>
  | Readonly<{ type: "set-wake-word"; words: string }>
  | Readonly<{ type: "start"; jsgf: string | null }>
  /** Mono, 16 kHz; the buffer changes hands. */
  | Readonly<{ type: "sound"; samples: Int16Array }>
  | Readonly<{ type: "finish"; id: number }>
  /** Mono, 16 kHz; the buffer changes hands. */
  | Readonly<{ type: "is-wake-word"; id: number; samples: Int16Array }>
  | Readonly<{ type: "close" }>;

export type FromWorker =
  | Readonly<{ type: "ready" }>
  | Readonly<{ type: "done"; id: number }>
  | Readonly<{ type: "wake-word"; id: number; said: boolean }>
  | (Readonly<{ type: "heard"; id: number }> & Omit<Heard, "decodeMs">)
  /** `id` null: the worker could not start, and ends. */
  | Readonly<{ type: "failed"; id: number | null; code: AudioErrorCode; message: string }>;
