import type { HalError } from "./hal-error.ts";

/** The board as the unit sees it. Dispose releases every line. */
export interface Hal extends AsyncDisposable {
  readonly lights: Lights;
  readonly mute: MuteSwitch;
  readonly button: Button;
  /**
   * What is wrong with the board, null while all is well. While the inputs cannot be read the microphone counts as
   * muted and the button as let go; the board is tried again and again meanwhile.
   */
  readonly fault: HalError | null;
}

/** `off` when nothing is going on; one scene at a time, the last one asked for. */
export const SCENES = [
  "off",
  "listening",
  "calling",
  "ringing",
  "talking",
  "missed",
  "message",
  "calling-off",
  "muted",
  "fault",
] as const;
export type Scene = (typeof SCENES)[number];

export interface Lights {
  show(scene: Scene): void;
}

export interface Button {
  /** True while it is held down. */
  readonly held: boolean;
  /** Once per debounced change, and once more (`press`) for a release within 500 ms; returns how to stop listening. */
  onChange(listener: (change: ButtonChange) => void): () => void;
}
export type ButtonChange = Readonly<{ type: "down" } | { type: "up"; heldMs: number } | { type: "press" }>;

export interface MuteSwitch {
  /** True while the microphone's supply is cut in hardware: software can read it, never clear it. */
  readonly engaged: boolean;
  onChange(listener: (engaged: boolean) => void): () => void;
}
