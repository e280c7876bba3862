/** What can go wrong with the board. The message says what to do. */
export type HalErrorCode =
  /** What drives it is not installed, or not built. */
  | "driver-missing"
  /** A line, a chip or a port refuses. It is tried again and again. */
  | "board-failed"
  /** Nothing is heard of the microcontroller. */
  | "board-silent"
  /** The microcontroller speaks another protocol, or says more than anybody could want. */
  | "board-babbles";

export class HalError extends Error {
  readonly code: HalErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: HalErrorCode, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, { cause });
    this.name = "HalError";
    this.code = code;
    this.details = details;
  }
}
