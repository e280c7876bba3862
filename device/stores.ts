import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Keystore } from "./keys/keystore.ts";
import type { Stores } from "./ports.ts";
import { openBookStore } from "./store/book.ts";
import { openBookFiles } from "./store/book-open.ts";
import { openCallList } from "./store/calls.ts";
import { openDayKeyStore } from "./store/day-keys.ts";
import { keepLittle } from "./store/db.ts";
import { type InboxOptions, openInbox } from "./store/inbox.ts";
import { openJournal } from "./store/journal.ts";
import { openOutbox } from "./store/outbox.ts";
import { openReplayStore } from "./store/replay.ts";
import { forgetStillKnown } from "./store/still-known.ts";
import { openUntold } from "./store/untold.ts";

export type OpenedStores =
  | Readonly<{
      ok: true;
      stores: Stores;
      /** The book is the copy's: the owner is told as soon as they speak. */
      restored: boolean;
      /** What the owner should know of. */
      warnings: readonly string[];
      close: () => void;
    }>
  /** The unit stays up and lets nobody in. */
  | Readonly<{ ok: false; fault: string }>;

const RESTORED =
  "the database was damaged and is kept aside in the unit's folder; people and blocks are those of the copy, the journal and the list of calls begin anew";
const READ_ONLY =
  "the disk took no writing when the unit started: nothing is kept until it is started again with one that does";

/** Never throws. */
export function openStores(
  folder: string,
  keystore: Keystore,
  { region, clock, log, rooms }: { region: string; clock: Clock; log: Log; rooms?: InboxOptions["rooms"] },
): OpenedStores {
  const keys = { databaseKey: keystore.databaseKey(), copyKey: keystore.copyKey() };
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const place = { region, timeZone };
  const opened = openBookFiles({ folder, signer: keystore, ...keys, place, seal: keystore.seal, nowMs: clock.nowMs() });
  if (!opened.ok) {
    for (const key of Object.values(keys)) key.fill(0);
    return opened;
  }
  const { db, kept, restored, readOnly } = opened;
  try {
    const book = openBookStore(opened.book, kept, clock);
    const journal = openJournal({ db, signer: keystore, clock, log });
    const calls = openCallList({ db, owner: keystore.account, clock, log });
    const replay = openReplayStore({ db, clock, log });
    const { account: owner } = keystore;
    const dayKeys = openDayKeyStore(db, owner);
    const sharerOf = (account: string) => book.personOf(account)?.id ?? account;
    const spend = (keyId: string) => dayKeys.spend(keyId);
    const inbox = openInbox({ db, owner, clock, log, replay, spend, sharerOf, ...(rooms && { rooms }) });
    const outbox = openOutbox({ db, owner, clock, log });
    forgetStillKnown({ book, inbox, outbox, calls, journal });
    keepLittle(db);
    if (restored !== null) {
      const detail = `the book was taken from its copy, and this journal begins anew: ${restored}`;
      journal.append({ atMs: clock.nowMs(), what: "start", detail });
    }
    const warnings = [...(restored === null ? [] : [`${RESTORED} (${restored})`]), ...(readOnly ? [READ_ONLY] : [])];
    const close = () => {
      for (const store of [book, inbox, journal, calls, replay]) store[Symbol.dispose]();
      for (const key of Object.values(keys)) key.fill(0);
      opened.close();
    };
    const stores = { book, journal, calls, replay, dayKeys, inbox, outbox, untold: openUntold(folder, log) };
    return { ok: true, stores, restored: restored !== null, warnings, close };
  } catch (error) {
    opened.close();
    return {
      ok: false,
      fault: `the database is unreadable: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
