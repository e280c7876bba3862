import type { Clock } from "#base/clock.ts";
import type { Scene } from "./hal.ts";
import type { SceneChange } from "./rig.ts";

const KEPT = 1_000;

/** What the lights showed, for a rig to read. */
export class SceneRecord {
  readonly #clock: Clock;
  readonly #changes: SceneChange[] = [];
  #scene: Scene = "off";

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same scene again changes nothing that anyone could see, so it is not a change. */
  add(scene: Scene): void {
    if (scene === this.#scene) return;
    this.#scene = scene;
    this.#changes.push({ scene, atMs: this.#clock.nowMs() });
    if (this.#changes.length > KEPT) this.#changes.shift();
  }

  /** Oldest first; the newest thousand. */
  get changes(): readonly SceneChange[] {
    return [...this.#changes];
  }
}
