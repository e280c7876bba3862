import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SCENES, type Scene } from "#hal/hal.ts";
import type { SceneChange } from "#hal/rig.ts";
import type { AgentConfig } from "./requests.ts";

type Lines = NonNullable<AgentConfig["wires"]>["lines"];

/** Each look reads a file for each LED, twice where something changed: an emulated machine has no time for more. */
const LOOK_EVERY_MS = 100;
const CHANGES_KEPT = 1_000;

/** A unit's button, mute switch and LEDs as lines of the kernel's own (gpio-sim): worked and seen from the outside. */
export class GpioSim implements Disposable {
  readonly changes: SceneChange[] = [];
  readonly #lines: Lines;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;

  constructor(lines: Lines, nowMs: () => number) {
    this.#lines = lines;
    this.#nowMs = nowMs;
    this.setButton(false);
    this.setMute(false);
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** The contact is to ground: pressed is low. */
  setButton(down: boolean): void {
    this.#pull(this.#lines.button, !down);
  }

  setMute(engaged: boolean): void {
    this.#pull(this.#lines.mute, engaged);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #pull(line: number, high: boolean): void {
    writeFileSync(join(this.#lines.folder, `sim_gpio${line}`, "pull"), high ? "pull-up" : "pull-down");
  }

  /** LEDs change one after the other: only what was seen twice is a scene. */
  #look(): void {
    const scene = sceneOf(this.#lit());
    const last = this.changes.at(-1)?.scene ?? "off";
    if (scene === null || scene === last || scene !== sceneOf(this.#lit())) return;
    this.changes.push({ scene, atMs: this.#nowMs() });
    if (this.changes.length > CHANGES_KEPT) this.changes.shift();
  }

  #lit(): boolean[] {
    const { folder, leds } = this.#lines;
    return leds.map((line) => readFileSync(join(folder, `sim_gpio${line}`, "value"), "utf8").startsWith("1"));
  }
}

/** Scene n is shown as n in binary, the first LED being the lowest bit. */
export function ledsOf(scene: Scene, names: readonly string[]): string[] {
  const number = SCENES.indexOf(scene);
  return names.filter((_, bit) => ((number >> bit) & 1) === 1);
}

function sceneOf(lit: readonly boolean[]): Scene | null {
  return SCENES[lit.reduce((sum, isLit, bit) => sum + (isLit ? 2 ** bit : 0), 0)] ?? null;
}
