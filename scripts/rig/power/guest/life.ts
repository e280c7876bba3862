import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { readBase } from "#device/config.ts";
import { dayOf } from "#device/keys/day-keys.ts";
import { openKeystore } from "#device/keys/keystore.ts";
import { makeBatch } from "#device/keys/make-day-keys.ts";
import { openStores } from "#device/stores.ts";
import { seededRandom } from "#scripts/hear/random.ts";
import { type Deed, Plan } from "../messages.ts";
import { startBrain } from "./brain.ts";
import { flash } from "./flash.ts";
import { look, lookAtFirmware, lookBehind } from "./look.ts";
import { say } from "./say.ts";
import { Writer } from "./write.ts";

/**
 * A unit's life between two power cuts, in the guest: the real stores and brain, with an owner who changes the book, a hub
 * that delivers and an installer who flashes, all at once. First it tells what it finds.
 */
const SENDERS = "/run/senders";
const RESTART_EXIT = 75;
/** Room for all: this is not about floods. */
const MUCH = { allMs: 86_400_000 };

const { values } = parseArgs({ options: { config: { type: "string", default: "" } } });
const read = readBase(values.config);
if (!read.ok) throw new Error(read.faults.join("; "));
const { data } = read.base;
const plan = v.parse(v.pipe(v.string(), v.parseJson(), Plan), readFileSync(process.env.CUT_PLAN ?? "", "utf8"));
const random = seededRandom(plan.seed);

const own = await openKeystore({ folder: data, nowMs: clock.nowMs() });
if (!own.ok) throw new Error(own.message);
const { keystore } = own;
const senders = await Promise.all(
  plan.senders.map(async ({ folder }) => {
    const opened = await openKeystore({ folder: join(SENDERS, folder), nowMs: clock.nowMs() });
    if (!opened.ok) throw new Error(opened.message);
    return opened.keystore;
  }),
);
const rooms = { inbox: MUCH, requests: MUCH, evidence: MUCH };
const opened = openStores(data, keystore, { region: "GB", clock, log, rooms });
const firmware = lookAtFirmware();
if (!opened.ok) {
  say({ say: "found", found: lookBehind(keystore, data, opened.fault), firmware });
  throw new Error(opened.fault);
}
const { stores, warnings } = opened;
say({ say: "found", found: await look(keystore, stores, plan, warnings), firmware });
stores.journal.append({ atMs: clock.nowMs(), what: "start" });

let begun = 0;
async function promise<T>(deed: Deed, act: () => T): Promise<Awaited<T>> {
  begun += 1;
  const n = begun;
  say({ say: "begin", n, deed });
  const result = await act();
  say({ say: "done", n });
  return result;
}

const today = dayOf(clock.nowMs());
if (stores.dayKeys.batchOf(today) === null) {
  const batch = await makeBatch(keystore, today);
  await promise({ do: "keys" }, () => stores.dayKeys.keep(batch));
}
const options = { keystore, senders, stores, brain: startBrain(keystore, stores), random, promise };
const writer = new Writer(options, plan);
const unit = { isToRestart: false };
void flash(plan, promise).then(
  () => {
    unit.isToRestart = true;
  },
  (error: unknown) => say({ say: "trouble", text: error instanceof Error ? error.message : String(error) }),
);
while (!unit.isToRestart) await writer.next();
process.exit(RESTART_EXIT);
