import type { AudioErrorCode } from "../audio-error.ts";

/**
 * What crosses between `codec-thread.ts` and its worker: both are ours, so nothing is validated. Sound is mono, 16 kHz;
 * buffers change hands. Places in a recording are samples from its beginning.
 */
export type ToCodec =
  | Readonly<{ type: "record"; id: number }>
  /** More of the recording. */
  | Readonly<{ type: "sound"; id: number; samples: Int16Array }>
  /** What lies between stays whatever comes, and may be encoded; what lies before goes. */
  | Readonly<{ type: "keep"; id: number; from: number; until: number }>
  /** Is this, of which nothing was kept yet, the word "stop" and nothing else? */
  | Readonly<{ type: "is-stop"; id: number; from: number; until: number }>
  /** As `keep`; then it is over, and what lies beyond goes. Nothing was kept and nothing is: there is no file. */
  | Readonly<{ type: "finish"; id: number; from: number; until: number }>
  | Readonly<{ type: "play"; id: number; file: Uint8Array; durationMs: number }>
  /** One more piece, please. */
  | Readonly<{ type: "more"; id: number }>
  /** Whatever it is, it is not wanted any more. */
  | Readonly<{ type: "drop"; id: number }>
  | Readonly<{ type: "close" }>;

export type FromCodec =
  /** The next bytes of the file. */
  | Readonly<{ type: "encoded"; id: number; bytes: Uint8Array }>
  | Readonly<{ type: "finished"; id: number; bytes: Uint8Array; durationMs: number }>
  | Readonly<{ type: "word"; id: number; isStop: boolean }>
  | Readonly<{ type: "piece"; id: number; samples: Int16Array; last: boolean }>
  | Readonly<{ type: "failed"; id: number; code: AudioErrorCode; message: string }>;
