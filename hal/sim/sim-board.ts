import type { Clock } from "#base/clock.ts";
import type { Button, ButtonChange, Hal, Lights, MuteSwitch, Scene } from "../hal.ts";
import type { BoardRig, SceneChange } from "../rig.ts";

/** A release within this time is a press (hal.ts). */
const PRESS_WITHIN_MS = 500;
const SCENE_CHANGES_KEPT = 1_000;

/** A board without hardware: a rig presses the button and works the mute switch, and reads the lights. */
export class SimBoard implements Hal, BoardRig {
  readonly lights: Lights = { show: (scene) => this.#show(scene) };
  readonly button: Button;
  readonly mute: MuteSwitch;

  readonly #clock: Clock;
  readonly #buttonListeners = new Set<(change: ButtonChange) => void>();
  readonly #muteListeners = new Set<(engaged: boolean) => void>();
  readonly #changes: SceneChange[] = [];
  #scene: Scene = "off";
  #downSinceMs: number | null = null;
  #muted = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    const isHeld = () => this.#downSinceMs !== null;
    const isMuted = () => this.#muted;
    this.button = {
      get held() {
        return isHeld();
      },
      onChange: (listener) => listen(this.#buttonListeners, listener),
    };
    this.mute = {
      get engaged() {
        return isMuted();
      },
      onChange: (listener) => listen(this.#muteListeners, listener),
    };
  }

  press(): void {
    this.hold();
    this.release();
  }

  /** A button that is down already stays down: no second `down`. */
  hold(): void {
    if (this.#downSinceMs !== null) return;
    this.#downSinceMs = this.#clock.monotonicMs();
    tell(this.#buttonListeners, { type: "down" });
  }

  release(): void {
    if (this.#downSinceMs === null) return;
    const heldMs = this.#clock.monotonicMs() - this.#downSinceMs;
    this.#downSinceMs = null;
    tell(this.#buttonListeners, { type: "up", heldMs });
    if (heldMs <= PRESS_WITHIN_MS) tell(this.#buttonListeners, { type: "press" });
  }

  setMute(engaged: boolean): void {
    if (this.#muted === engaged) return;
    this.#muted = engaged;
    tell(this.#muteListeners, engaged);
  }

  sceneChanges(): readonly SceneChange[] {
    return [...this.#changes];
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#buttonListeners.clear();
    this.#muteListeners.clear();
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

function listen<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  const own = (value: T) => listener(value);
  listeners.add(own);
  return () => {
    listeners.delete(own);
  };
}

function tell<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
  for (const listener of listeners) listener(value);
}
