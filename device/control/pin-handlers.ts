import type { Clock } from "#base/clock.ts";
import type { OwnersDaemon } from "../daemon.ts";
import type { Stores } from "../ports.ts";
import type { PinStore } from "../store/pin.ts";
import type { ControlHandlers, Reply } from "./requests.ts";

type PinUnit = Readonly<{
  /** Null for whoever is not the first owner: by voice nothing of theirs is loosened. */
  pin: PinStore | null;
  stores: Pick<Stores, "journal"> | null;
  clock: Clock;
  daemon: Pick<OwnersDaemon, "dispatch">;
}>;

/** The PIN that loosening by voice asks for. Whoever can open the owner's socket needs not know the one before. */
export function pinHandlers({
  pin,
  stores,
  clock,
  daemon,
}: PinUnit): Pick<ControlHandlers, "pin" | "pin-set" | "pin-off"> {
  const changed = (detail: string, looser: boolean): Reply<"pin-set"> => {
    stores?.journal.append({ atMs: clock.nowMs(), what: "change", by: "cli", detail });
    daemon.dispatch({ type: "pin-set", looser });
    return { ok: true, answer: {} };
  };
  return {
    pin: () => (pin === null ? NOT_FIRST : { ok: true, answer: { standing: pin.standing.at, wrong: pin.wrong ?? 0 } }),
    "pin-set": async ({ digits }) => {
      if (pin === null) return NOT_FIRST;
      const wasSet = pin.standing.at !== "none";
      return (await pin.set(digits)) ? changed("pin-set", wasSet) : NOT_SAVED;
    },
    "pin-off": () => {
      if (pin === null) return NOT_FIRST;
      if (pin.standing.at === "none") return { ok: true, answer: {} };
      return pin.off() ? changed("pin-off", true) : NOT_SAVED;
    },
  };
}

const NOT_FIRST = {
  ok: false,
  error: { code: "not-first", message: "only the first owner's book is changed by voice: leave --as out" },
} as const;
const NOT_SAVED = {
  ok: false,
  error: { code: "not-saved", message: "the disk refuses it, and the PIN is as it was: make room on the disk" },
} as const;
