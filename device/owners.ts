import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "./gate/book.ts";
import { exposure, type Keystore, openKeystore } from "./keys/keystore.ts";
import type { Stores } from "./ports.ts";
import { openStores } from "./stores.ts";

type Place = Readonly<{
  /** What the unit calls the owner; null where there is nobody to be told from. */
  name: string | null;
  folder: string;
}>;

/** What one of the unit's owners has for themselves, as far as it could be opened. */
export type OpenedOwner = Place &
  Readonly<{
    keystore: Keystore | null;
    /** Null where keys or book cannot be trusted: then nobody gets in to this owner, and to the others as ever. */
    stores: Stores | null;
    /** Why not. */
    fault: string | null;
    /** What else this owner should know of. */
    warnings: readonly string[];
    /** The book is its copy. */
    restored: boolean;
    close: () => void;
  }>;

type Shared = Readonly<{ region: string; clock: Clock; log: Log }>;

/** In order, the first owner first; never throws. At first start it makes an owner's folder, keys and book. */
export async function openOwners(places: readonly Place[], shared: Shared): Promise<readonly OpenedOwner[]> {
  const owners: OpenedOwner[] = [];
  for (const place of places) {
    const carried = owners.flatMap(({ keystore }) => (keystore === null ? [] : [keystore.account]));
    const exposed = owners.length === 0 ? "" : await exposureAbove(place.folder);
    owners.push(exposed === "" ? await openOwner(place, carried, shared) : failed(place, exposed, shared));
  }
  return owners;
}

/** `carried`: the accounts of the owners before. A folder that was copied would answer for one account by two books. */
async function openOwner(place: Place, carried: readonly AccountId[], shared: Shared): Promise<OpenedOwner> {
  const { folder } = place;
  const keys = await openKeystore({ folder, nowMs: shared.clock.nowMs() });
  if (!keys.ok) return failed(place, keys.message, shared);
  const { keystore } = keys;
  if (carried.includes(keystore.account)) {
    const fault = `${folder} holds the keys of another owner of this unit; move it away, and a new one is made`;
    return failed(place, fault, shared);
  }
  const opened = openStores(folder, keystore, shared);
  if (!opened.ok) return failed(place, opened.fault, shared, keystore);
  const { stores, restored, warnings, close } = opened;
  for (const warning of warnings) shared.log.error({ warning }, "the unit starts with a warning");
  return { ...place, keystore, stores, fault: null, warnings, restored, close };
}

function failed(place: Place, fault: string, { log }: Shared, keystore: Keystore | null = null): OpenedOwner {
  log.error({ fault }, "an owner's book is not open: nobody gets in to them");
  return { ...place, keystore, stores: null, fault, warnings: [], restored: false, close: () => undefined };
}

/** Whoever can write to a folder can put another in the place of what is in it. Empty where nobody else can. */
async function exposureAbove(folder: string): Promise<string> {
  const parent = dirname(folder);
  try {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    return (await exposure(parent, 0o700)) || (await exposure(dirname(parent), 0o700));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
