import type { Line } from "../board-file.ts";
import { HalError } from "../hal-error.ts";
import type { GpioLines, GpioOptions } from "./gpio-lines.ts";

/** As much of an onoff line as is used. */
export interface SysfsLine {
  readSync(): 0 | 1;
  writeSync(level: 0 | 1): void;
  watch(listener: (error: Error | null | undefined, level: 0 | 1) => void): void;
  unexport(): void;
}
export type SysfsGpio = Readonly<{
  accessible: boolean;
  /** Exports a line; throws where the kernel refuses. `low`: an output that starts low. */
  open(gpio: number, direction: "in" | "low"): SysfsLine;
}>;

/** Levels are read anew so often: an edge that was lost is made good. */
const CHECK_EACH_MS = 1_000;

/** onoff, loaded only where a board asks for it: its addon `epoll` is built by whoever needs it. */
export async function loadOnoff(): Promise<SysfsGpio> {
  try {
    const { Gpio } = await import("onoff");
    return {
      accessible: Gpio.accessible,
      open: (gpio, direction) => (direction === "in" ? new Gpio(gpio, "in", "both") : new Gpio(gpio, "low")),
    };
  } catch (cause) {
    const how = "npm rebuild epoll (needs Debian's build-essential and python3)";
    throw new HalError("driver-missing", `onoff is not built for this machine; build it: ${how}`, {}, cause);
  }
}

/** GPIO by sysfs, for kernels that still have it. */
export async function openOnoff(options: GpioOptions & { load?: () => Promise<SysfsGpio> }): Promise<GpioLines> {
  const gpio = await (options.load ?? loadOnoff)();
  if (!gpio.accessible) {
    const why = "this kernel has no GPIO in sysfs, or keeps it from this user (/sys/class/gpio/export)";
    throw new HalError("driver-missing", `${why}: name chip and offset of each line in board.json, for gpiod`);
  }
  using opening = new DisposableStack();
  const open = (line: Line, direction: "in" | "low") => {
    const opened = openLine(gpio, line, direction);
    opening.defer(() => release(opened));
    return opened;
  };
  const inputs = options.inputs.map((line) => open(line, "in"));
  const outputs = options.outputs.map((line) => open(line, "low"));
  const watcher = new Watcher(inputs, options);
  opening.use(watcher);
  watcher.start();
  const all = opening.move();
  return {
    drive: (levels) => {
      try {
        for (const [index, output] of outputs.entries()) output.writeSync(levels[index] === true ? 1 : 0);
        return Promise.resolve();
      } catch (cause) {
        return Promise.reject(new HalError("board-failed", `a light's line refuses: ${messageOf(cause)}`, {}, cause));
      }
    },
    [Symbol.asyncDispose]: () => {
      all.dispose();
      return Promise.resolve();
    },
  };
}

class Watcher implements Disposable {
  readonly #inputs: readonly SysfsLine[];
  readonly #options: GpioOptions;
  readonly #lost = new Map<number, HalError>();
  #cancel: () => void = () => undefined;
  #isOver = false;

  constructor(inputs: readonly SysfsLine[], options: GpioOptions) {
    this.#inputs = inputs;
    this.#options = options;
  }

  start(): void {
    for (const [index, input] of this.#inputs.entries())
      input.watch((error, level) => this.#tell(index, () => levelOf(error, level)));
    this.#check();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#cancel();
  }

  #check(): void {
    for (const [index, input] of this.#inputs.entries()) this.#tell(index, () => input.readSync() === 1);
    this.#cancel = this.#options.clock.after(CHECK_EACH_MS, () => this.#check());
  }

  #tell(index: number, read: () => boolean): void {
    if (this.#isOver) return;
    const { onLevel, onFault } = this.#options;
    try {
      const high = read();
      if (this.#lost.delete(index) && this.#lost.size === 0) onFault(null);
      onLevel(index, high);
    } catch (cause) {
      const why = `a GPIO line cannot be read: ${messageOf(cause)} (is it wired as board.json says?)`;
      const fault = new HalError("board-failed", why, { index }, cause);
      this.#lost.set(index, fault);
      onFault(fault);
      onLevel(index, null);
    }
  }
}

function levelOf(error: Error | null | undefined, level: 0 | 1): boolean {
  if (error) throw error;
  return level === 1;
}

function openLine(gpio: SysfsGpio, line: Line, direction: "in" | "low"): SysfsLine {
  if (!("gpio" in line)) throw new HalError("board-failed", 'onoff knows lines by {"gpio": number} only');
  try {
    return gpio.open(line.gpio, direction);
  } catch (cause) {
    const why = `GPIO ${line.gpio} cannot be opened: ${messageOf(cause)}`;
    const hint = "is it free (/sys/kernel/debug/gpio), and may the unit's user write to /sys/class/gpio?";
    throw new HalError("board-failed", `${why} (${hint})`, { gpio: line.gpio }, cause);
  }
}

/** A line that cannot be given back is gone anyway. */
function release(line: SysfsLine): void {
  try {
    line.unexport();
  } catch {
    // Its chip was taken away.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
