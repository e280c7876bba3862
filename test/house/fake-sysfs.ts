import type { SysfsGpio, SysfsLine } from "#hal/linux/onoff.ts";

type Watcher = (error: Error | null | undefined, level: 0 | 1) => void;

/** Lines as onoff 6.0.3 gives them: what it tells of an edge is the level that it reads after it. */
export class FakeSysfs implements SysfsGpio {
  readonly accessible = true;
  readonly #levels = new Map<number, 0 | 1>();
  readonly #lines = new Map<number, Set<Watcher>>();
  #isBroken = false;

  open(gpio: number, direction: "in" | "low"): SysfsLine {
    if (this.#lines.has(gpio)) throw new Error("EBUSY: resource busy or locked, write");
    const watchers = new Set<Watcher>();
    this.#lines.set(gpio, watchers);
    if (direction === "low") this.#levels.set(gpio, 0);
    return {
      readSync: () => this.#read(gpio),
      writeSync: (level) => void this.#levels.set(gpio, level),
      watch: (watcher) => void watchers.add(watcher),
      unexport: () => void this.#lines.delete(gpio),
    };
  }

  set(gpio: number, level: 0 | 1): void {
    if (this.#levels.get(gpio) === level) return;
    this.#levels.set(gpio, level);
    for (const watcher of this.#lines.get(gpio) ?? []) watcher(this.#isBroken ? failure() : null, level);
  }

  /** The chip was taken away, or is back. */
  break(isBroken: boolean): void {
    this.#isBroken = isBroken;
  }

  exported(): string[] {
    return [...this.#lines.keys()].map(String);
  }

  #read(gpio: number): 0 | 1 {
    if (this.#isBroken) throw failure();
    return this.#levels.get(gpio) ?? 0;
  }
}

function failure(): Error {
  return new Error("EIO: i/o error, read");
}
