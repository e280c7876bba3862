import type { Clock } from "#base/clock.ts";
import type { Hal } from "#hal/hal.ts";
import type { Ears } from "../ears.ts";

/** Something that firmware on trial must show of itself. Null is health; a text says what is wrong. Asked until then. */
export type HealthCheck = Readonly<{ what: "book" | "ears" | "lights" | "buttons"; fault: () => string | null }>;

/** How long it may take until all is well: an engine loads its models meanwhile. */
const HEALTHY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 250;

export function healthOf(unit: Readonly<{ fault: string | null; ears: Pick<Ears, "state">; hal: Hal }>): HealthCheck[] {
  const { fault, ears, hal } = unit;
  return [
    { what: "book", fault: () => fault },
    { what: "ears", fault: () => (ears.state === "ready" ? null : `the audio process is ${ears.state}`) },
    { what: "lights", fault: () => told(() => hal.lights.show("listening")) },
    { what: "buttons", fault: () => told(() => hal.button.held || hal.mute.engaged) },
  ];
}

/** What is still wrong when the time is up; empty as soon as all is well at once. */
export async function judgeHealth(checks: readonly HealthCheck[], clock: Clock): Promise<readonly string[]> {
  const untilMs = clock.monotonicMs() + HEALTHY_WITHIN_MS;
  for (;;) {
    const faults = checks.flatMap(({ what, fault }) => {
      const found = fault();
      return found === null ? [] : [`${what}: ${found}`];
    });
    if (faults.length === 0 || clock.monotonicMs() >= untilMs) return faults;
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
