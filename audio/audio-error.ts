/** What can go wrong in the ears and mouth. */
export type AudioErrorCode =
  | "engine-missing"
  | "engine-failed"
  | "engine-hangs"
  | "model-missing"
  | "model-invalid"
  | "device-failed"
  /** No card, or it was unplugged; somebody else has it; not ours to open; no rate that we can use; gives nothing. */
  | "device-missing"
  | "device-busy"
  | "no-permission"
  | "wrong-rate"
  | "device-stuck"
  | "tick-failed"
  | "peer-failed"
  | "bad-command"
  | "bad-sound-file";

export class AudioError extends Error {
  readonly code: AudioErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: AudioErrorCode, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, { cause });
    this.name = "AudioError";
    this.code = code;
    this.details = details;
  }
}
