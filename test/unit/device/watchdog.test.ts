import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import type { Ears } from "#device/ears.ts";
import { startWatchdog, watchedWithinMs } from "#device/watchdog.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

const WITHIN_MS = 20_000;

function watched(state: Ears["state"] | null) {
  const clock = new FakeClock();
  const told: string[] = [];
  const ears = state === null ? null : { state };
  const watchdog = startWatchdog({ notify: (lines) => told.push(lines), withinMs: WITHIN_MS, ears, clock, log: noLog });
  const pings = (ms: number) => {
    told.splice(0);
    clock.advance(ms);
    return told.filter((lines) => lines.startsWith("WATCHDOG=1")).length;
  };
  return { clock, told, ears, watchdog, pings };
}

test("the unit says that it lives more often than it must, for as long as its loop goes round", () => {
  const { pings, watchdog } = watched("ready");
  expect(pings(60_000)).toBeGreaterThanOrEqual(8);
  watchdog[Symbol.dispose]();
  expect(pings(60_000)).toBe(0);
});

test("ears that were there and stay away for two minutes end it, and it begins again should they come back", () => {
  const { ears, pings } = watched("ready");
  if (ears) ears.state = "down";
  expect(pings(110_000)).toBeGreaterThan(10);
  pings(20_000);
  expect(pings(60_000)).toBe(0);
  if (ears) ears.state = "ready";
  expect(pings(20_000)).toBeGreaterThan(0);
});

test.each(["down", null] as const)("a unit whose ears never came (%s) is not restarted for it", (state) => {
  expect(watched(state).pings(3_600_000)).toBeGreaterThan(500);
});

test("what the ears do is told for whoever asks how the unit is", () => {
  const { ears, told, clock } = watched("starting");
  expect(told).toEqual(["WATCHDOG=1\nSTATUS=the ears start"]);
  if (ears) ears.state = "ready";
  clock.advance(WITHIN_MS / 2);
  expect(told.at(-1)).toBe("WATCHDOG=1\nSTATUS=listening");
});

test.each([
  [{}, null],
  [{ WATCHDOG_USEC: "20000000" }, 20_000],
  [{ WATCHDOG_USEC: "20000000", WATCHDOG_PID: "7" }, 20_000],
  [{ WATCHDOG_USEC: "20000000", WATCHDOG_PID: "8" }, null],
  [{ WATCHDOG_USEC: "0" }, null],
  [{ WATCHDOG_USEC: "soon" }, null],
  [{ WATCHDOG_USEC: "-1" }, null],
])("%j gives %s ms", (env, ms) => {
  expect(watchedWithinMs(env, 7)).toBe(ms);
});
