import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";

/** Runs one write for many wishes, so that a flood from outside costs a bounded number of disk writes. */
export interface WriteBehind extends Disposable {
  /** Writes within the delay. */
  soon(): void;
  /** Writes what waits, at once. Never throws: a disk that refuses is logged, and tried again with the next write. */
  flush(): void;
}

/** Who asks to write, and how to do it. `write` throws where the disk refuses, and has then lost nothing. */
export function writeBehind(options: {
  clock: Clock;
  log: Log;
  delayMs: number;
  what: string;
  write: () => void;
}): WriteBehind {
  let cancel: (() => void) | null = null;
  let disposed = false;
  const flush = () => {
    cancel?.();
    cancel = null;
    if (disposed) return;
    try {
      options.write();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      options.log.error({ what: options.what, code }, "could not write to the database");
    }
  };
  return {
    flush,
    soon() {
      cancel ??= options.clock.after(options.delayMs, flush);
    },
    [Symbol.dispose]() {
      flush();
      disposed = true;
    },
  };
}
