import type { Clock } from "#base/clock.ts";
import { ButtonInput } from "./button-input.ts";
import type { Hal, Lights } from "./hal.ts";
import type { HalError } from "./hal-error.ts";
import { MuteInput } from "./mute-input.ts";
import type { BoardRig, SceneChange } from "./rig.ts";
import { SceneRecord } from "./scene-record.ts";

/** A real board that a rig shares with whoever stands before it: pressed, or muted, is what either of them does. */
export class RiggedBoard implements Hal, BoardRig {
  readonly lights: Lights;
  readonly button: ButtonInput;
  readonly mute: MuteInput;
  readonly #board: Hal;
  readonly #record: SceneRecord;
  readonly #letGo: (() => void)[];
  #held = false;
  #muted = false;

  constructor(board: Hal, clock: Clock) {
    this.#board = board;
    this.#record = new SceneRecord(clock);
    this.button = new ButtonInput(clock);
    this.mute = new MuteInput({ clock, settleMs: 0, engaged: board.mute.engaged });
    this.lights = {
      show: (scene) => {
        this.#record.add(scene);
        board.lights.show(scene);
      },
    };
    this.#letGo = [board.button.onChange(() => this.#feel()), board.mute.onChange(() => this.#look())];
  }

  get fault(): HalError | null {
    return this.#board.fault;
  }

  press(): void {
    this.hold();
    this.release();
  }

  hold(): void {
    this.#held = true;
    this.#feel();
  }

  release(): void {
    this.#held = false;
    this.#feel();
  }

  /** A rig can cut the microphone off; what the switch itself cuts stays cut. */
  setMute(engaged: boolean): void {
    this.#muted = engaged;
    this.#look();
  }

  sceneChanges(): readonly SceneChange[] {
    return this.#record.changes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const letGo of this.#letGo) letGo();
    this.button.close();
    this.mute.close();
    await this.#board[Symbol.asyncDispose]();
  }

  #feel(): void {
    this.button.set(this.#held || this.#board.button.held);
  }

  #look(): void {
    this.mute.set(this.#muted || this.#board.mute.engaged);
  }
}
