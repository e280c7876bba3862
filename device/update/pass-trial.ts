import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { realDisk } from "./disk.ts";
import { openRehearsal } from "./rehearsal.ts";
import { ROOT_VARIABLE, SLOT_VARIABLE, Slots } from "./slots.ts";
import { type HealthCheck, judgeHealth } from "./trial.ts";

/** Longer than every check may take, and than a unit takes to start and to stop. */
const AT_MOST_MS = 150_000;

export type TrialOptions = Readonly<{
  env: NodeJS.ProcessEnv;
  /** The unit's own folder. */
  data: string;
  /** Starts a whole unit on another folder, which nothing from outside reaches. */
  rehearse: (data: string) => Promise<{ stop: () => void; stopped: Promise<void>; health: readonly HealthCheck[] }>;
  /** All may take so many times longer, as on an emulated machine; 1 unless told. */
  patience?: number;
  clock: Clock;
  log: Log;
}>;

/**
 * Firmware on trial runs once on a copy of the unit's data, shows that it is well, and is confirmed, before it touches
 * the data themselves: a migration that cannot be undone waits until there is no going back. False where the unit must
 * not start: whatever starts it tries again, or goes back. True at once where nothing is on trial.
 */
export async function passTrial({ env, data, rehearse, patience = 1, clock, log }: TrialOptions): Promise<boolean> {
  const root = env[ROOT_VARIABLE];
  const slot = env[SLOT_VARIABLE];
  if (root === undefined || (slot !== "a" && slot !== "b")) return true;
  const slots = new Slots(realDisk, root);
  if (slots.state()?.trial?.slot !== slot) return true;
  log.info({ slot }, "this firmware is on trial");
  const { promise: late, resolve } = Promise.withResolvers<readonly string[]>();
  const cancel = clock.after(AT_MOST_MS * patience, () => resolve(["it did not start in time"]));
  const faults = await Promise.race([rehearseOn({ data, rehearse, patience, clock }), late]).finally(cancel);
  if (faults.length > 0) {
    log.error({ slot, faults }, "this firmware is not well: it gives way");
    return false;
  }
  if (!slots.confirm(slot)) {
    log.error({ slot }, "this firmware is not on trial any more");
    return false;
  }
  log.info({ slot }, "this firmware is confirmed");
  return true;
}

type Rehearsed = Required<Pick<TrialOptions, "data" | "rehearse" | "patience" | "clock">>;

async function rehearseOn({ data, rehearse, patience, clock }: Rehearsed): Promise<readonly string[]> {
  try {
    using rehearsal = openRehearsal(data);
    const unit = await rehearse(rehearsal.folder);
    const faults = await judgeHealth(unit.health, clock, patience);
    unit.stop();
    await unit.stopped;
    return faults;
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
