import type { Scene } from "./hal.ts";

/** What a rig does to a board in place of hands and eyes. A board that has none of this answers `null` to the rig. */
export interface BoardRig {
  /** Pressed and let go at once. */
  press(): void;
  /** Pressed and kept down until `release`. */
  hold(): void;
  release(): void;
  setMute(engaged: boolean): void;
  /** The changes of the lights, oldest first; the newest thousand. */
  sceneChanges(): readonly SceneChange[];
}

/** `atMs`: wall clock. */
export type SceneChange = Readonly<{ scene: Scene; atMs: number }>;
