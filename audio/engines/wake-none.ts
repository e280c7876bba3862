import type { WakeDetector, WordSearch } from "../engines.ts";

/** Listens for no word: for a machine that is too slow to (an emulated one), or an owner who wants none. */
export class NoWake implements WakeDetector {
  push(): void {}
  reset(): void {}
  onWake(): void {}
  onDoubt(): void {}
  useHead(): void {}

  search(): WordSearch & Pick<NoWake, "useHead"> {
    return { find: () => Promise.resolve(false), useHead: () => undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
