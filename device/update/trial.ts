import type { Clock } from "#base/clock.ts";
import type { Hal } from "#hal/hal.ts";
import type { Ears } from "../ears.ts";

/**
 * Something that firmware on trial must show of itself: null is health, a text says what is wrong. `patient`: it may
 * take its time, and is asked again.
 */
export type HealthCheck = Readonly<{
  what: "book" | "ears" | "lights" | "buttons";
  patient: boolean;
  fault: () => string | null;
}>;

/** How long it may take until all is well: an engine loads its models meanwhile. */
const HEALTHY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 250;

export function healthOf(unit: Readonly<{ fault: string | null; ears: Pick<Ears, "state">; hal: Hal }>): HealthCheck[] {
  const { fault, ears, hal } = unit;
  return [
    { what: "book", patient: false, fault: () => fault },
    {
      what: "ears",
      patient: true,
      fault: () => (ears.state === "ready" ? null : `the audio process is ${ears.state}`),
    },
    { what: "lights", patient: false, fault: () => told(() => hal.lights.show("listening")) },
    { what: "buttons", patient: false, fault: () => told(() => hal.button.held || hal.mute.engaged) },
  ];
}

/** Empty as soon as all is well at once; else what is wrong for good, or still when the time is up. */
export async function judgeHealth(checks: readonly HealthCheck[], clock: Clock): Promise<readonly string[]> {
  const untilMs = clock.monotonicMs() + HEALTHY_WITHIN_MS;
  for (;;) {
    const ill = checks.flatMap(({ what, patient, fault }) => {
      const found = fault();
      return found === null ? [] : [{ patient, text: `${what}: ${found}` }];
    });
    const faults = ill.map(({ text }) => text);
    if (ill.length === 0 || ill.some(({ patient }) => !patient) || clock.monotonicMs() >= untilMs) return faults;
    await new Promise<void>((resolve) => clock.after(ASK_EVERY_MS, resolve));
  }
}

function told(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
