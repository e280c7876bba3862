import type { WakeDetector, WordSearch } from "../engines.ts";

/** Listens for no word: for a machine that is too slow to (an emulated one), or an owner who wants none. */
export class NoWake implements WakeDetector {
  push(): void {}
  reset(): void {}
  onWake(): void {}

  search(): WordSearch {
    return { find: () => Promise.resolve(false) };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
