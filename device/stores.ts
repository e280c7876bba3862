import { closeSync, existsSync, fsyncSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Keystore } from "./keys/keystore.ts";
import type { Stores } from "./ports.ts";
import { openBookStore } from "./store/book.ts";
import { openCallList } from "./store/calls.ts";
import { openDayKeyStore } from "./store/day-keys.ts";
import { openDb } from "./store/db.ts";
import { type InboxOptions, openInbox } from "./store/inbox.ts";
import { openJournal } from "./store/journal.ts";
import { openOutbox } from "./store/outbox.ts";
import { openReplayStore } from "./store/replay.ts";

export type OpenedStores =
  | Readonly<{ ok: true; stores: Stores; close: () => void }>
  /** The unit stays up and lets nobody in. */
  | Readonly<{ ok: false; fault: string }>;

/** Stands in the unit's folder once there was a book: from then on a missing one is a fault, and not a first start. */
const MARK = "book-was-made";

export function openStores(
  folder: string,
  keystore: Keystore,
  { region, clock, log, rooms }: { region: string; clock: Clock; log: Log; rooms?: InboxOptions["rooms"] },
): OpenedStores {
  const key = keystore.databaseKey();
  const mark = join(folder, MARK);
  const opened = openDb({ path: join(folder, "porter.db"), key, mayCreate: !existsSync(mark) });
  key.fill(0);
  if (!opened.ok) return { ok: false, fault: `the database is ${opened.reason}: ${opened.detail}` };
  const { db } = opened;
  try {
    const owner = keystore.account;
    const book = openBookStore(db, owner, { region, seal: keystore.seal });
    if (!book.ok) throw new Error(book.detail);
    if (!existsSync(mark)) leaveMark(mark);
    const journal = openJournal({ db, signer: keystore, clock, log });
    const calls = openCallList({ db, owner, clock, log });
    const replay = openReplayStore({ db, clock, log });
    const dayKeys = openDayKeyStore(db, owner);
    const sharerOf = (account: string) => book.store.personOf(account)?.id ?? account;
    const spend = (keyId: string) => dayKeys.spend(keyId);
    const inbox = openInbox({ db, owner, clock, log, replay, spend, sharerOf, ...(rooms && { rooms }) });
    const outbox = openOutbox({ db, owner, clock, log });
    const close = () => {
      for (const store of [inbox, journal, calls, replay]) store[Symbol.dispose]();
      db.close();
    };
    return { ok: true, stores: { book: book.store, journal, calls, replay, dayKeys, inbox, outbox }, close };
  } catch (error) {
    db.close();
    return { ok: false, fault: `the book is unreadable: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Durable before it returns. */
function leaveMark(path: string): void {
  closeSync(openSync(path, "w", 0o600));
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}
