import Database from "better-sqlite3-multiple-ciphers";
import type { Command } from "#audio/protocol.ts";
import { noLog } from "#base/log.ts";
import { controlHandlers } from "#device/control/handlers.ts";
import type { TimelineLine } from "#device/control/requests.ts";
import { Daemon } from "#device/daemon.ts";
import { emptyBook } from "#device/gate/book.ts";
import type { Stores } from "#device/ports.ts";
import { openBookStore } from "#device/store/book.ts";
import { KeptBook } from "#device/store/book-kept.ts";
import type { BookRecord, Confirmed } from "#device/store/book-record.ts";
import { StoredBook } from "#device/store/book-stored.ts";
import { openCallList } from "#device/store/calls.ts";
import { openDayKeyStore } from "#device/store/day-keys.ts";
import type { Db } from "#device/store/db.ts";
import { openInbox } from "#device/store/inbox.ts";
import { openJournal } from "#device/store/journal.ts";
import { openOutbox } from "#device/store/outbox.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { MIGRATIONS } from "#device/store/schema.ts";
import type { LeftMessage } from "#device/wire/messages.ts";
import { voiceMessage } from "#device/wire/parcel.ts";
import { testSeal } from "#test/house/books.ts";
import { evidenceSigner } from "#test/house/evidence.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import type { FixedUnit } from "#test/house/fixed-keys.ts";
import { bookSigner, journalSigner } from "#test/house/signers.ts";
import { FakeUntold } from "#test/house/untold.ts";
import { ben, NOON_MS, OWNER } from "./cast.ts";

/** A database as a unit's is, on no disk. */
export function memoryDb(): Db {
  const db = new Database(":memory:");
  for (const sql of MIGRATIONS) db.exec(sql);
  return db;
}

export const SIGNER = journalSigner("ben");
export const BOOK_SIGNER = bookSigner("ben");
const PLACE = { region: "GB", timeZone: "Europe/London" };

/** Ben's book as it stands in a database. */
export function storedIn(db: Db): StoredBook {
  return new StoredBook({ db, signer: BOOK_SIGNER, place: PLACE, seal: testSeal });
}

function memoryRecord(): BookRecord {
  let confirmed: Confirmed | null = null;
  return {
    read: () => (confirmed ? { found: "record", confirmed } : { found: "nothing" }),
    prepare: (next) => () => {
      confirmed = next;
    },
  };
}

/** Ben's unit without hub and sound: brain, real stores and control, on a clock that stands still. */
export class MemoryUnit implements Disposable {
  readonly clock = new FakeClock(NOON_MS);
  readonly db = memoryDb();
  readonly copyDb = memoryDb();
  readonly commands: Command[] = [];
  readonly timeline: TimelineLine[] = [];
  readonly stores: Stores;
  readonly daemon: Daemon;
  readonly handlers: ReturnType<typeof controlHandlers>;

  constructor() {
    const { db, clock } = this;
    const first = Object.freeze(emptyBook(OWNER, PLACE.region, PLACE.timeZone, testSeal));
    const copy = storedIn(this.copyDb);
    const main = storedIn(db);
    const kept = new KeptBook({
      main,
      copy,
      openCopy: () => copy,
      record: memoryRecord(),
      book: first,
      isSaved: false,
    });
    kept.save(first);
    const book = openBookStore(first, kept, clock);
    const journal = openJournal({ db, signer: SIGNER, clock, log: noLog, maxLines: 500 });
    const calls = openCallList({ db, owner: OWNER, clock, log: noLog });
    const replay = openReplayStore({ db, clock, log: noLog });
    const dayKeys = openDayKeyStore(db, OWNER);
    const spend = (keyId: string) => dayKeys.spend(keyId);
    const inbox = openInbox({ db, owner: OWNER, clock, log: noLog, replay, spend, sharerOf: (account) => account });
    const outbox = openOutbox({ db, owner: OWNER, clock, log: noLog });
    this.stores = { book, journal, calls, replay, dayKeys, inbox, outbox, untold: new FakeUntold() };
    this.daemon = new Daemon({
      clock,
      log: noLog,
      ears: { send: (command) => this.commands.push(command) },
      lights: { show: () => undefined },
      network: null,
      stores: this.stores,
      ringBackMs: 45_000,
      muted: false,
      tell: (line) => this.timeline.push(line),
    });
    this.daemon.dispatch({ type: "report", report: { type: "ready" } });
    const keystore = evidenceSigner(ben);
    const ears = { state: "ready", noSound: null, trouble: null } as const;
    this.handlers = controlHandlers({
      clock: this.clock,
      name: null,
      owner: null,
      daemon: this.daemon,
      ears,
      hal: { fault: null },
      link: null,
      keystore,
      stores: this.stores,
      fault: null,
      warnings: [],
      pin: null,
      takes: null,
      stop: () => undefined,
    });
  }

  /** As if it had come, and the gate had let it in. */
  leave({ sealer }: FixedUnit, id: string, sound: Uint8Array | null): void {
    const said: LeftMessage = sound
      ? voiceMessage(sound, 4_000)
      : { kind: "message.text", body: { text: "I am late" } };
    const atMs = this.clock.nowMs();
    const { account: from } = sealer;
    const envelope = { id, from, to: OWNER, atMs, expiresMs: atMs + 1, hash: id.repeat(2), certSeq: 1, unitKey: "" };
    const header = { signed: new Uint8Array(), cert: new Uint8Array(), sig: new Uint8Array(64) };
    const parcel = { keyId: "", part: 0, data: sound ?? new Uint8Array(), origin: null, header };
    const kept = this.stores.inbox.keep({
      parcel: { ...parcel, envelope: { ...envelope, signature: "valid", message: said } },
      shelf: this.stores.book.personOf(from) ? "inbox" : "requests",
      known: true,
    });
    if (kept !== "kept") throw new Error(`the message was not kept: ${kept}`);
  }

  [Symbol.dispose](): void {
    const { inbox, journal, calls, replay } = this.stores;
    for (const store of [inbox, journal, calls, replay]) store[Symbol.dispose]();
    this.db.close();
    this.copyDb.close();
  }
}
