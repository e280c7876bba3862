import { stat } from "node:fs/promises";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { changing } from "#device/effects/change.ts";
import { openBookStore } from "#device/store/book.ts";
import { openCallList } from "#device/store/calls.ts";
import { openDayKeyStore } from "#device/store/day-keys.ts";
import type { Db } from "#device/store/db.ts";
import { openInbox } from "#device/store/inbox.ts";
import { openJournal } from "#device/store/journal.ts";
import { openOutbox } from "#device/store/outbox.ts";
import { openReplayStore } from "#device/store/replay.ts";
import type { Parcel } from "#device/wire/parcel.ts";
import { testSeal } from "#test/house/books.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { account, journalSigner, makeDbFolder, OWNER } from "./fixtures.ts";

const DAVE = account("dave");
const SAID = ["written to dave", "spoken by dave", "signed by dave"];
const WORDS = ["Davenport", "Daveyboy", DAVE, "447700900123", "davenport@example.org", ...SAID];

/** Every byte of the database's pages, deciphered, what no row stands in any more too. */
function bytesOf(db: Db): string {
  return db.serialize().toString("latin1");
}

/** The first of two parts of a long message, in which he can be heard. */
function voiceFrom(from: string): Parcel {
  const data = new TextEncoder().encode("spoken by dave ".repeat(1_000));
  const body = { format: "ogg-opus" as const, durationMs: 1_000, bytes: 300_000, hash: "ab".repeat(32), parts: 2 };
  const envelope: Parcel["envelope"] = {
    id: "12".repeat(16),
    from,
    to: OWNER,
    atMs: 1,
    expiresMs: Date.UTC(2026, 11, 20),
    hash: "34".repeat(32),
    signature: "valid",
    certSeq: 1,
    unitKey: "",
    message: { kind: "message.voice", body },
  };
  const header = {
    signed: new TextEncoder().encode("signed by dave"),
    cert: new Uint8Array(1),
    sig: new Uint8Array(64),
  };
  return { envelope, keyId: "56".repeat(16), part: 0, data, origin: null, header };
}

/** A unit's stores, in which Dave was added, called, is blocked or not, and then removed or not. */
function live(db: Db, gone: boolean) {
  const clock = new FakeClock();
  const opened = openBookStore(db, OWNER, { seal: testSeal });
  if (!opened.ok) throw new Error(opened.detail);
  const journal = openJournal({ db, signer: journalSigner(), clock, log: noLog });
  const calls = openCallList({ db, owner: OWNER, clock, log: noLog });
  const replay = openReplayStore({ db, clock, log: noLog });
  const mail = { db, owner: OWNER, clock, log: noLog };
  const inbox = openInbox({ ...mail, replay, spend: () => undefined, sharerOf: (of) => of });
  const outbox = openOutbox(mail);
  const stores = { book: opened.store, journal, calls, replay, dayKeys: openDayKeyStore(db, OWNER), inbox, outbox };
  const change = changing(stores, clock, () => undefined);
  for (let at = 0; at < 40; at += 1) change({ type: "add-person", name: `Somebody ${at}` }, "cli", []);
  const card = {
    name: "Davenport",
    aliases: ["Daveyboy"],
    accounts: [DAVE],
    numbers: [["+447700900123"]],
    addresses: [],
  };
  change({ type: "import", cards: [{ ...card, bringBack: false, another: false }] }, "cli", []);
  change({ type: "add-address", person: "davenport", address: "davenport@example.org" }, "cli", []);
  change({ type: "grant", person: "davenport", grants: ["ring"] }, "cli", []);
  change({ type: "block", block: { person: "davenport" } }, "voice", []);
  calls.add({ atMs: 1, account: DAVE, direction: "in", kind: "missed", heard: false });
  journal.append({ atMs: 1, what: "verdict", account: DAVE, person: "davenport", act: "admit", because: "granted" });
  outbox.add({ to: DAVE, kind: "text", text: "written to dave" });
  inbox.keep({ parcel: voiceFrom(DAVE), shelf: "inbox", known: true });
  if (gone) change({ type: "remove-person", person: "davenport", atMs: 2 }, "cli", []);
  const { length } = calls.list(10);
  for (const store of [inbox, journal, calls, stores.replay]) store[Symbol.dispose]();
  return { bytes: bytesOf(db), calls: length };
}

test("nothing that names somebody who was deleted is left in any byte of the database, blocked as they are", async () => {
  await using place = await makeDbFolder();
  const { bytes, calls } = live(place.open(), true);
  expect(calls).toBe(0);
  expect(bytes).toContain("Somebody 39");
  for (const word of WORDS) expect(bytes.toLowerCase()).not.toContain(word.toLowerCase());
  const opened = openBookStore(place.open(), OWNER, { seal: testSeal });
  expect(opened).toMatchObject({ ok: true, store: { book: { deleted: [{ blocked: true }] } } });
});

test("(the same bytes do name somebody who was not deleted)", async () => {
  await using place = await makeDbFolder();
  const { bytes, calls } = live(place.open(), false);
  expect(calls).toBe(1);
  for (const word of WORDS) expect(bytes).toContain(word);
});

test("the write-ahead log is emptied when somebody is deleted", async () => {
  await using place = await makeDbFolder();
  const opened = openBookStore(place.open(), OWNER, { seal: testSeal });
  if (!opened.ok) throw new Error(opened.detail);
  opened.store.change({ type: "add-person", name: "Davenport", accounts: [DAVE] });
  expect((await stat(`${place.path}-wal`)).size).toBeGreaterThan(0);
  opened.store.change({ type: "remove-person", person: "davenport", atMs: 0 });
  expect((await stat(`${place.path}-wal`)).size).toBe(0);
});
