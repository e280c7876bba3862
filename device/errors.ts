/** What can go wrong in the brain, beyond what is expected (that is returned, not thrown). */
export type DeviceErrorCode =
  | "config-invalid"
  | "socket-in-use"
  | "socket-failed"
  | "unit-unreachable"
  | "unit-answered-nonsense";

export class DeviceError extends Error {
  readonly code: DeviceErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: DeviceErrorCode, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, { cause });
    this.name = "DeviceError";
    this.code = code;
    this.details = details;
  }
}
