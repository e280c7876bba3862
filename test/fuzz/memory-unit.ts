import Database from "better-sqlite3-multiple-ciphers";
import type { Command } from "#audio/protocol.ts";
import { noLog } from "#base/log.ts";
import { type Config, parseConfig } from "#device/config.ts";
import { controlHandlers } from "#device/control/handlers.ts";
import type { TimelineLine } from "#device/control/requests.ts";
import { Daemon } from "#device/daemon.ts";
import { signBytes } from "#device/keys/signing.ts";
import type { Stores } from "#device/ports.ts";
import { openBookStore } from "#device/store/book.ts";
import { openCallList } from "#device/store/calls.ts";
import { openDayKeyStore } from "#device/store/day-keys.ts";
import type { Db } from "#device/store/db.ts";
import { openInbox } from "#device/store/inbox.ts";
import { openJournal } from "#device/store/journal.ts";
import type { JournalSigner } from "#device/store/journal-checkpoint.ts";
import { openOutbox } from "#device/store/outbox.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { MIGRATIONS } from "#device/store/schema.ts";
import { testSeal } from "#test/house/books.ts";
import { evidenceSigner } from "#test/house/evidence.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { ben, NOON_MS, OWNER } from "./cast.ts";

/** A database as a unit's is, on no disk. */
export function memoryDb(): Db {
  const db = new Database(":memory:");
  for (const sql of MIGRATIONS) db.exec(sql);
  return db;
}

export const SIGNER: JournalSigner = {
  account: OWNER,
  certificate: ben.sealer.certificate,
  signJournal: (what, bytes) => signBytes(`porter/1 journal ${what}`, bytes, ben.signingKey),
};

/** Ben's unit without hub and sound: brain, real stores and control, on a clock that stands still. */
export class MemoryUnit implements Disposable {
  readonly clock = new FakeClock(NOON_MS);
  readonly db = memoryDb();
  readonly commands: Command[] = [];
  readonly timeline: TimelineLine[] = [];
  readonly stores: Stores;
  readonly daemon: Daemon;

  constructor() {
    const { db, clock } = this;
    const book = openBookStore(db, OWNER, { region: "GB", timeZone: "Europe/London", seal: testSeal });
    if (!book.ok) throw new Error(book.detail);
    const journal = openJournal({ db, signer: SIGNER, clock, log: noLog, maxLines: 500 });
    const calls = openCallList({ db, owner: OWNER, clock, log: noLog });
    const replay = openReplayStore({ db, clock, log: noLog });
    const dayKeys = openDayKeyStore(db, OWNER);
    const spend = (keyId: string) => dayKeys.spend(keyId);
    const inbox = openInbox({ db, owner: OWNER, clock, log: noLog, replay, spend, sharerOf: (account) => account });
    const outbox = openOutbox({ db, owner: OWNER, clock, log: noLog });
    this.stores = { book: book.store, journal, calls, replay, dayKeys, inbox, outbox };
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
  }

  get handlers() {
    const { daemon, stores } = this;
    const keystore = evidenceSigner(ben);
    const ears = { state: "ready" } as const;
    return controlHandlers({
      clock: this.clock,
      config: CONFIG,
      daemon,
      ears,
      link: null,
      keystore,
      stores,
      fault: null,
      stop: () => undefined,
    });
  }

  [Symbol.dispose](): void {
    const { inbox, journal, calls, replay } = this.stores;
    for (const store of [inbox, journal, calls, replay]) store[Symbol.dispose]();
    this.db.close();
  }
}

const CONFIG: Config = (() => {
  const hub = { name: "hub.example", mqttUrl: "mqtts://hub.example:8883", httpUrl: "https://hub.example" };
  const parsed = parseConfig({ data: "data", hub, audio: { io: { type: "room" } } }, "/nowhere");
  if (!parsed.ok) throw new Error(parsed.faults.join());
  return parsed.config;
})();
