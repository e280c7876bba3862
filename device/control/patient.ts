import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";

const RETRY_MS = 10_000;
/** A disk without room, or that takes no writing. */
const DISK_CODES: readonly unknown[] = ["ENOSPC", "EROFS", "EDQUOT", "EIO"];

/**
 * Opens a socket; where the disk refuses it for now, it is tried again, and the unit meanwhile runs without it. Any other
 * failure is thrown.
 */
export async function openPatiently(
  open: () => Promise<AsyncDisposable>,
  { clock, log }: { clock: Pick<Clock, "after">; log: Log },
): Promise<AsyncDisposable> {
  let opened: AsyncDisposable | null = null;
  let closed = false;
  let cancel: () => void = () => undefined;
  const attempt = async () => {
    try {
      opened = await open();
    } catch (error) {
      if (!isOfDisk(error)) throw error;
      log.error(
        { error: error instanceof Error ? error.message : String(error) },
        "no control socket: the disk refuses",
      );
      cancel = clock.after(RETRY_MS, () => void attempt().catch(() => undefined));
    }
    if (closed) await opened?.[Symbol.asyncDispose]();
  };
  await attempt();
  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      cancel();
      await opened?.[Symbol.asyncDispose]();
    },
  };
}

function isOfDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && DISK_CODES.includes(error.code)) || isOfDisk(error.cause);
}
