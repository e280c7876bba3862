import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { LightsFile, LinuxBoard } from "../board-file.ts";
import { ButtonInput } from "../button-input.ts";
import { Debounce } from "../debounce.ts";
import type { Hal, Lights, Scene } from "../hal.ts";
import type { HalError } from "../hal-error.ts";
import { Health } from "../health.ts";
import { MuteInput } from "../mute-input.ts";
import { SceneLights } from "../scene-lights.ts";
import type { GpioLines, OpenGpio } from "./gpio-lines.ts";
import { setKernelLed } from "./kernel-leds.ts";

type LinuxBoardOptions = Readonly<{
  clock: Clock;
  log: Log;
  openGpio: OpenGpio;
  /** Where the kernel's LEDs are. */
  ledsFolder?: string;
}>;

type Parts = "inputs" | "lights";

/** A Linux board whose button, mute switch and lights hang on GPIO lines. Rejects where a driver or line is missing. */
export async function openLinuxBoard(board: LinuxBoard, options: LinuxBoardOptions): Promise<Hal> {
  const { clock, log, openGpio, ledsFolder = "/sys/class/leds" } = options;
  await using opening = new AsyncDisposableStack();
  const health = new Health<Parts>(log);
  const inputs = new Inputs(board, clock);
  opening.defer(() => inputs.close());
  const lamps = board.lights.type === "lines" ? Object.values(board.lights.leds) : [];
  const gpio = opening.use(
    await openGpio({
      clock,
      inputs: [board.button.line, board.mute.line],
      outputs: lamps.map(({ line }) => line),
      onLevel: (input, high, atMs = null) => inputs.take(input === 0 ? "button" : "mute", high, atMs),
      onFault: (fault) => health.set("inputs", fault),
      onDropped: () => lights.renew(),
    }),
  );
  const apply = (scene: Scene) => applyScene(board.lights, scene, { gpio, ledsFolder });
  const onFault = (fault: HalError | null) => health.set("lights", fault);
  const lights = opening.use(new SceneLights({ clock, apply, onFault }));
  // What was lit before this start goes dark.
  lights.show("off");
  const all = opening.move();
  return new OpenLinuxBoard({ inputs, lights, health, dispose: () => all.disposeAsync() });
}

/** What the two inputs say, once it is free of bounces. */
class Inputs {
  readonly button: ButtonInput;
  readonly mute: MuteInput;
  readonly #board: LinuxBoard;
  readonly #debounce: Debounce;

  constructor(board: LinuxBoard, clock: Clock) {
    this.#board = board;
    this.button = new ButtonInput(clock);
    // Until it is read nobody knows: muted.
    this.mute = new MuteInput({ clock, settleMs: board.mute.debounceMs, engaged: true });
    const onStable = (isDown: boolean, atMs: number | null) => this.button.set(isDown, atMs);
    this.#debounce = new Debounce({ clock, settleMs: board.button.debounceMs, onStable });
  }

  take(which: "button" | "mute", high: boolean | null, atMs: number | null): void {
    const isActive = high === null ? null : high !== this.#board[which].activeLow;
    if (which === "mute") this.mute.set(isActive ?? true);
    else if (isActive !== null) this.#debounce.feed(isActive, atMs);
    else {
      this.#debounce.reset();
      this.button.lose();
    }
  }

  close(): void {
    this.#debounce[Symbol.dispose]();
    this.button.close();
    this.mute.close();
  }
}

async function applyScene(
  lights: LightsFile,
  scene: Scene,
  { gpio, ledsFolder }: { gpio: GpioLines; ledsFolder: string },
): Promise<void> {
  const lit = new Set(scene === "off" ? [] : lights.scenes[scene]);
  if (lights.type === "lines")
    await gpio.drive(Object.entries(lights.leds).map(([led, { activeLow }]) => lit.has(led) !== activeLow));
  else
    await Promise.all(Object.entries(lights.leds).map(([led, name]) => setKernelLed(ledsFolder, name, lit.has(led))));
}

type OpenParts = Readonly<{ inputs: Inputs; lights: SceneLights; health: Health<Parts>; dispose: () => Promise<void> }>;

class OpenLinuxBoard implements Hal {
  readonly lights: Lights;
  readonly button: ButtonInput;
  readonly mute: MuteInput;
  readonly #parts: OpenParts;

  constructor(parts: OpenParts) {
    this.#parts = parts;
    this.lights = parts.lights;
    this.button = parts.inputs.button;
    this.mute = parts.inputs.mute;
  }

  get fault(): HalError | null {
    return this.#parts.health.fault;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.dispose();
  }
}
