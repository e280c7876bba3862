import { stat } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { Daemon } from "#device/daemon.ts";
import { COPY, DATABASE } from "#device/store/book-open.ts";
import { openCallList } from "#device/store/calls.ts";
import type { BookChange } from "#device/store/change.ts";
import { openDayKeyStore } from "#device/store/day-keys.ts";
import { openInbox } from "#device/store/inbox.ts";
import { openJournal } from "#device/store/journal.ts";
import { openOutbox } from "#device/store/outbox.ts";
import { openReplayStore } from "#device/store/replay.ts";
import type { Parcel } from "#device/wire/parcel.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { journalSigner } from "#test/house/signers.ts";
import { FakeUntold } from "#test/house/untold.ts";
import { account, COPY_KEY, KEY, makeBookFolder, OWNER } from "./fixtures.ts";

const DAVE = account("dave");
const SAID = ["written to dave", "spoken by dave", "signed by dave"];
const WORDS = ["Davenport", "Daveyboy", DAVE, "447700900123", "davenport@example.org", ...SAID];

/** Every byte of a database's pages, deciphered, what no row stands in any more too. */
function bytesOf({ folder }: Made["place"]): string {
  const files = [
    [DATABASE, KEY],
    [COPY, COPY_KEY],
  ] as const;
  return files
    .map(([name, key]) => {
      const db = new Database(join(folder, name));
      db.pragma(`key = "x'${Buffer.from(key).toString("hex")}'"`);
      const bytes = db.serialize().toString("latin1");
      db.close();
      return bytes;
    })
    .join();
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

type Made = Awaited<ReturnType<typeof makeUnit>>;

/** A unit's stores, in which Dave was added, called, is blocked or not, and then removed or not. */
async function makeUnit(gone: boolean) {
  const place = await makeBookFolder();
  const { store, db } = place.open();
  const clock = new FakeClock();
  const journal = openJournal({ db, signer: journalSigner(), clock, log: noLog });
  const calls = openCallList({ db, owner: OWNER, clock, log: noLog });
  const replay = openReplayStore({ db, clock, log: noLog });
  const mail = { db, owner: OWNER, clock, log: noLog };
  const inbox = openInbox({ ...mail, replay, spend: () => undefined, sharerOf: (of) => of });
  const outbox = openOutbox(mail);
  const kept = { book: store, journal, calls, replay, inbox, outbox };
  const stores = { ...kept, dayKeys: openDayKeyStore(db, OWNER), untold: new FakeUntold() };
  const daemon = new Daemon({
    clock,
    log: noLog,
    ears: { send: () => undefined },
    lights: { show: () => undefined },
    network: null,
    stores,
    ringBackMs: 1_000,
    muted: false,
    tell: () => undefined,
  });
  const change = (wanted: BookChange) => daemon.change(wanted, "cli", []);
  for (let at = 0; at < 40; at += 1) change({ type: "add-person", name: `Somebody ${at}` });
  const card = {
    name: "Davenport",
    aliases: ["Daveyboy"],
    accounts: [DAVE],
    numbers: [["+447700900123"]],
    addresses: [],
  };
  change({ type: "import", cards: [{ ...card, bringBack: false, another: false }] });
  change({ type: "add-address", person: "davenport", address: "davenport@example.org" });
  change({ type: "grant", person: "davenport", grants: ["ring"] });
  change({ type: "block", block: { person: "davenport" } });
  calls.add({ atMs: 1, account: DAVE, direction: "in", kind: "missed", heard: false });
  journal.append({ atMs: 1, what: "verdict", account: DAVE, person: "davenport", act: "admit", because: "granted" });
  outbox.add({ to: DAVE, kind: "text", text: "written to dave" });
  inbox.keep({ parcel: voiceFrom(DAVE), shelf: "inbox", known: true });
  if (gone) change({ type: "remove-person", person: "davenport", atMs: 2 });
  const listed = calls.list(10).length;
  for (const each of [inbox, journal, calls, replay]) each[Symbol.dispose]();
  place.close();
  return { place, listed };
}

test("nothing that names somebody who was deleted is left in any byte of database or copy, blocked as they are", async () => {
  const { place, listed } = await makeUnit(true);
  await using _ = place;
  expect(listed).toBe(0);
  const bytes = bytesOf(place);
  expect(bytes).toContain("Somebody 39");
  for (const word of WORDS) expect(bytes.toLowerCase()).not.toContain(word.toLowerCase());
  expect(place.open().store.book).toMatchObject({ deleted: [{ blocked: true }] });
});

test("(the same bytes do name somebody who was not deleted)", async () => {
  const { place, listed } = await makeUnit(false);
  await using _ = place;
  expect(listed).toBe(1);
  const bytes = bytesOf(place);
  for (const word of WORDS) expect(bytes).toContain(word);
});

test("the write-ahead logs are emptied when somebody is deleted", async () => {
  await using place = await makeBookFolder();
  const { store } = place.open();
  const sizes = () =>
    Promise.all([DATABASE, COPY].map(async (name) => (await stat(join(place.folder, `${name}-wal`))).size));
  store.change({ type: "add-person", name: "Davenport", accounts: [DAVE] });
  for (const size of await sizes()) expect(size).toBeGreaterThan(0);
  store.change({ type: "remove-person", person: "davenport", atMs: 0 });
  expect(await sizes()).toEqual([0, 0]);
});
