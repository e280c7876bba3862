import type { Clock } from "#base/clock.ts";
import type { Hal } from "#hal/hal.ts";
import type { Ears } from "../ears.ts";

/**
 * Something that firmware on trial must show of itself: null is health, a text says what is wrong. `patient`: it may
 * take its time, and is asked again.
 */
export type HealthCheck = Readonly<{
  what: "book" | "ears" | "board";
  patient: boolean;
  fault: () => string | null;
}>;

/** How long it may take until all is well: an engine loads its models meanwhile. */
const HEALTHY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 250;
/** A board that does not answer says so a moment after it was asked. */
const WELL_FOR_MS = 1_000;

export function healthOf(unit: Readonly<{ fault: string | null; ears: Pick<Ears, "state">; hal: Hal }>): HealthCheck[] {
  const { fault, ears, hal } = unit;
  return [
    { what: "book", patient: false, fault: () => fault },
    {
      what: "ears",
      patient: true,
      fault: () => (ears.state === "ready" ? null : `the audio process is ${ears.state}`),
    },
    {
      what: "board",
      patient: true,
      fault: () => {
        hal.lights.show("listening");
        return hal.fault?.message ?? null;
      },
    },
  ];
}

/**
 * Empty once all has been well at once for a second; else what is wrong for good, or still when the time is up, which is
 * `patience` times as long on an emulated machine.
 */
export async function judgeHealth(
  checks: readonly HealthCheck[],
  clock: Clock,
  patience = 1,
): Promise<readonly string[]> {
  const untilMs = clock.monotonicMs() + HEALTHY_WITHIN_MS * patience;
  for (let wellSinceMs: number | null = null; ; ) {
    const ill = checks.flatMap(({ what, patient, fault }) => {
      const found = fault();
      return found === null ? [] : [{ patient, text: `${what}: ${found}` }];
    });
    const faults = ill.map(({ text }) => text);
    const nowMs = clock.monotonicMs();
    wellSinceMs = ill.length === 0 ? (wellSinceMs ?? nowMs) : null;
    if (wellSinceMs !== null && nowMs - wellSinceMs >= WELL_FOR_MS) return [];
    if (ill.some(({ patient }) => !patient) || (ill.length > 0 && nowMs >= untilMs)) return faults;
    await new Promise<void>((resolve) => clock.after(ASK_EVERY_MS, resolve));
  }
}
