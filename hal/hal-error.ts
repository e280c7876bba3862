/** What can go wrong with the board. */
export type HalErrorCode = "no-such-board" | "board-failed";

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
