import type { ReplayStore } from "#device/store/replay.ts";

/** Has seen nothing, and remembers nothing but how late it was. */
export function noReplay(floorMs: number): ReplayStore {
  const nothing = () => undefined;
  return {
    seen: () => false,
    remember: nothing,
    rememberWithin: () => nothing,
    floorMs: () => floorMs,
    highestSeq: () => 0,
    rememberSeq: nothing,
    flush: nothing,
    [Symbol.dispose]: nothing,
  };
}
