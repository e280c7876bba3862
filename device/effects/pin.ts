import type { Event, OwnEffect } from "../events.ts";
import type { Ports } from "../ports.ts";

type Check = Extract<OwnEffect, { type: "check-pin" }>;

/** What it comes to is an event; the journal tells of one that was wrong, never what was entered. */
export async function checkPin(
  { digits, wish }: Check,
  { pin, stores, clock, dispatch }: Pick<Ports, "pin" | "stores" | "clock"> & { dispatch: (event: Event) => void },
): Promise<void> {
  const wrongBefore = pin?.wrong ?? 0;
  const right = (await pin?.check(digits).catch(() => false)) ?? false;
  if (!right) stores?.journal.append({ atMs: clock.nowMs(), what: "change", by: "button", detail: "pin-wrong" });
  const standing = pin?.standing ?? { at: "none" };
  const restMs = standing.at === "unreadable" ? null : standing.at === "resting" ? standing.leftMs : 0;
  dispatch({ type: "pin-checked", wish, right, wrongBefore, restMs });
}
