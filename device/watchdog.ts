import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Ears } from "./ears.ts";
import type { Notify } from "./notify.ts";

/** Ears that were ready once and are not for so long are more than the brain can mend: a new unit is tried, once. */
const DEAF_MS = 120_000;
/** Three pings fit into the time that is given: one may come late. */
const PINGS = 3;

/** What `systemctl status` shows. */
const STATUS: Readonly<Record<Ears["state"] | "none", string>> = {
  starting: "the ears start",
  ready: "listening",
  down: "the ears are down, and started again",
  none: "",
};

export type WatchdogOptions = Readonly<{
  notify: Notify;
  /** How long the unit may keep silent; null: nobody watches. */
  withinMs: number | null;
  /** Null while the unit has none, because it waits for an installer. */
  ears: Pick<Ears, "state"> | null;
  clock: Clock;
  log: Log;
}>;

/** What systemd gave to this process (sd_watchdog_enabled(3)), in milliseconds; null where it watches another or none. */
export function watchedWithinMs(env: NodeJS.ProcessEnv, pid: number): number | null {
  const { WATCHDOG_USEC: timeUs, WATCHDOG_PID: watched } = env;
  if (timeUs === undefined || !/^\d{1,15}$/.test(timeUs) || Number(timeUs) === 0) return null;
  return watched === undefined || watched === String(pid) ? Number(timeUs) / 1_000 : null;
}

/**
 * Says again and again that the unit lives, from the event loop itself: a dispatch that does not come back ends it, and
 * so do ears that stay away although they had been there (a unit whose ears never came would only be restarted again
 * and again; it shows its fault light in place of that). Then systemd ends the unit and starts it anew.
 */
export function startWatchdog({ notify, withinMs, ears, clock, log }: WatchdogOptions): Disposable {
  if (withinMs === null) return { [Symbol.dispose]: () => undefined };
  let heardMs: number | null = null;
  let isSilent = false;
  let cancel = () => {};
  const ping = (): void => {
    const nowMs = clock.monotonicMs();
    if (ears?.state === "ready") heardMs = nowMs;
    const isDeaf = heardMs !== null && nowMs - heardMs > DEAF_MS;
    if (isDeaf && !isSilent) log.error("the ears do not come back: the unit asks to be started anew");
    isSilent = isDeaf;
    const status = STATUS[ears?.state ?? "none"];
    if (!isDeaf) notify(status === "" ? "WATCHDOG=1" : `WATCHDOG=1\nSTATUS=${status}`);
    cancel = clock.after(withinMs / PINGS, ping);
  };
  ping();
  return { [Symbol.dispose]: () => cancel() };
}
