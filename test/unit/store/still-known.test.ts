import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { openCallList } from "#device/store/calls.ts";
import { openInbox } from "#device/store/inbox.ts";
import { openJournal } from "#device/store/journal.ts";
import { openOutbox } from "#device/store/outbox.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { forgetStillKnown } from "#device/store/still-known.ts";
import type { Parcel } from "#device/wire/parcel.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { journalSigner } from "#test/house/signers.ts";
import { account, makeBookFolder, OWNER } from "./fixtures.ts";

const ANA = account("ana");
const DAVE = account("dave");
const HOUR_MS = 3_600_000;

function textFrom(from: string, text: string, origin: Parcel["origin"] = null): Parcel {
  const id = Buffer.from(text).toString("hex").padStart(32, "0");
  const envelope: Parcel["envelope"] = {
    id,
    from,
    to: OWNER,
    atMs: 1,
    expiresMs: Date.UTC(2026, 11, 20),
    hash: id.padStart(64, "0"),
    signature: "valid",
    certSeq: 1,
    unitKey: "",
    message: { kind: "message.text", body: { text } },
  };
  const header = { signed: new Uint8Array(1), cert: new Uint8Array(1), sig: new Uint8Array(64) };
  return { envelope, keyId: "56".repeat(16), part: 0, data: new Uint8Array(), origin, header };
}

/** Ana and Dave left messages and are written to; Dave is deleted, and the power goes before anything else is done. */
async function cutWhileDeleting() {
  const place = await makeBookFolder();
  const { store: book, db } = place.open();
  const clock = new FakeClock();
  const mail = { db, owner: OWNER, clock, log: noLog };
  const journal = openJournal({ db, signer: journalSigner(), clock, log: noLog });
  const calls = openCallList(mail);
  const replay = openReplayStore(mail);
  const inbox = openInbox({ ...mail, replay, spend: () => undefined, sharerOf: (of) => of });
  const outbox = openOutbox(mail);
  const keep = (parcel: Parcel, shelf: "inbox" | "evidence" = "inbox") => inbox.keep({ parcel, shelf, known: true });
  for (const [name, of] of [
    ["Ana", ANA],
    ["Dave", DAVE],
  ] as const) {
    book.change({ type: "add-person", name, accounts: [of], grants: ["message"] });
    outbox.add({ to: of, kind: "text", text: `to ${name}` });
    calls.add({ atMs: clock.nowMs(), account: of, direction: "in", kind: "missed", heard: false });
  }
  keep(textFrom(ANA, "by ana"));
  keep(textFrom(ANA, "by dave, of ana", { account: DAVE }));
  keep(textFrom(DAVE, "by dave"));
  keep(textFrom(DAVE, "threat"), "evidence");
  clock.advance(HOUR_MS);
  book.change({ type: "remove-person", person: "dave", atMs: clock.nowMs() });
  clock.advance(HOUR_MS);
  const stores = { book, inbox, outbox, calls, journal };
  return {
    book,
    keep,
    start: () => forgetStillKnown(stores),
    texts: () => inbox.entries().map(({ text }) => text),
    writtenTo: () => outbox.waiting().map(({ to }) => to),
    calledBy: () => calls.list(10).map(({ account: of }) => of),
    [Symbol.asyncDispose]: async () => {
      for (const each of [inbox, journal, calls, replay]) each[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

test("whoever was deleted when the power went is forgotten by all else at the next start, but for evidence", async () => {
  await using unit = await cutWhileDeleting();
  expect(unit.texts()).toContain("by dave");
  unit.start();
  expect([unit.texts(), unit.writtenTo(), unit.calledBy()]).toEqual([["by ana", "threat"], [ANA], [ANA]]);
});

test("what somebody leaves after they were deleted, or who is in the book again, stays", async () => {
  await using unit = await cutWhileDeleting();
  unit.keep(textFrom(DAVE, "later"));
  unit.start();
  expect(unit.texts()).toEqual(["by ana", "threat", "later"]);
  unit.book.change({ type: "add-person", name: "Dave", accounts: [DAVE] });
  unit.start();
  expect(unit.texts()).toEqual(["by ana", "threat", "later"]);
});
