import type { Clock } from "#base/clock.ts";
import { ButtonInput } from "../button-input.ts";
import type { Hal, Lights, Scene } from "../hal.ts";
import { MuteInput } from "../mute-input.ts";
import type { BoardRig, SceneChange } from "../rig.ts";

const SCENE_CHANGES_KEPT = 1_000;

/** A board without hardware: a rig presses the button and works the mute switch, and reads the lights. */
export class SimBoard implements Hal, BoardRig {
  readonly lights: Lights = { show: (scene) => this.#show(scene) };
  readonly button: ButtonInput;
  readonly mute: MuteInput;
  readonly fault = null;

  readonly #clock: Clock;
  readonly #changes: SceneChange[] = [];
  #scene: Scene = "off";

  constructor(clock: Clock) {
    this.#clock = clock;
    this.button = new ButtonInput(clock);
    this.mute = new MuteInput({ clock, settleMs: 0, engaged: false });
  }

  press(): void {
    this.hold();
    this.release();
  }

  /** A button that is down already stays down: no second `down`. */
  hold(): void {
    this.button.set(true);
  }

  release(): void {
    this.button.set(false);
  }

  setMute(engaged: boolean): void {
    this.mute.set(engaged);
  }

  sceneChanges(): readonly SceneChange[] {
    return [...this.#changes];
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.button.close();
    this.mute.close();
    return Promise.resolve();
  }

  /** The same scene again changes nothing that anyone could see, so it is not a change. */
  #show(scene: Scene): void {
    if (scene === this.#scene) return;
    this.#scene = scene;
    this.#changes.push({ scene, atMs: this.#clock.nowMs() });
    if (this.#changes.length > SCENE_CHANGES_KEPT) this.#changes.shift();
  }
}
