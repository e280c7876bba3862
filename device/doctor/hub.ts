import { systemClock } from "#base/clock.ts";
import type { Keystore } from "../keys/keystore.ts";
import { DirectoryClient } from "../link/directory.ts";
import type { HubAddress } from "../link/link.ts";
import { checkNetwork } from "../smp/checks.ts";
import { doubtful, type Finding, fine, wrong } from "./finding.ts";

const NEXT = "look at the unit's network, at the hub's addresses in its config, and whether the hub runs";

/**
 * The way to the hub: names, ports, and with keys whether it knows this unit and gives it a relay. The broker itself is
 * not logged in to, which would cut off a unit that runs and take what waits for it. `patience`: the config's.
 */
export async function examineHub(hub: HubAddress, keystore: Keystore | null, patience: number): Promise<Finding[]> {
  const { steps } = await checkNetwork(hub);
  const findings = steps.map(({ what, ok, detail }) => (ok ? fine(what, detail) : wrong(what, detail, NEXT)));
  const isReached = steps.every(({ ok }) => ok);
  return isReached && keystore !== null ? [...findings, await relay(hub, keystore, patience)] : findings;
}

async function relay(hub: HubAddress, keystore: Keystore, patience: number): Promise<Finding> {
  const ending = new AbortController();
  const directory = new DirectoryClient({ hub, keystore, clock: systemClock, ended: ending.signal, patience });
  const grant = await directory.turn();
  ending.abort();
  if (grant !== null) return fine("relay", `the hub knows this unit, and calls go by ${grant.urls}`);
  const next = "is this unit enrolled (an invitation in its config), is its clock right, has the hub a relay?";
  return doubtful("relay", "the hub gives this unit no relay: no call would come about", next);
}
