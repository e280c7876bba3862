import type { Clock } from "#base/clock.ts";
import { ButtonInput } from "../button-input.ts";
import type { Hal, Lights } from "../hal.ts";
import { MuteInput } from "../mute-input.ts";
import type { BoardRig, SceneChange } from "../rig.ts";
import { SceneRecord } from "../scene-record.ts";

/** A board without hardware: a rig presses the button and works the mute switch, and reads the lights. */
export class SimBoard implements Hal, BoardRig {
  readonly lights: Lights = { show: (scene) => this.#record.add(scene) };
  readonly button: ButtonInput;
  readonly mute: MuteInput;
  readonly fault = null;

  readonly #record: SceneRecord;

  constructor(clock: Clock) {
    this.#record = new SceneRecord(clock);
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
    return this.#record.changes;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.button.close();
    this.mute.close();
    return Promise.resolve();
  }
}
