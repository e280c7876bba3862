import type { Entry } from "./queues.ts";

/** What the unit acknowledged is delivered again after this, where it did not settle it. */
const AGAIN_AFTER_MS = 60_000;

/** Envelopes that one unit has acknowledged and not settled, oldest first. Times are monotonic milliseconds. */
export class Unsettled {
  #entries: Readonly<{ entry: Entry; sinceMs: number }>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  add(entry: Entry, nowMs: number): void {
    this.#entries.push({ entry, sinceMs: nowMs });
  }

  /** Takes out what the unit settled. */
  settle(digests: ReadonlySet<string>): Entry[] {
    return this.#take(({ entry }) => entry.digest !== undefined && digests.has(entry.digest));
  }

  /** Takes out what is to be delivered again. */
  due(nowMs: number): Entry[] {
    return this.#take(({ sinceMs }) => nowMs - sinceMs >= AGAIN_AFTER_MS);
  }

  takeAll(): Entry[] {
    return this.#take(() => true);
  }

  #take(wanted: (each: Readonly<{ entry: Entry; sinceMs: number }>) => boolean): Entry[] {
    const taken = this.#entries.filter(wanted);
    if (taken.length > 0) this.#entries = this.#entries.filter((each) => !wanted(each));
    return taken.map(({ entry }) => entry);
  }
}
