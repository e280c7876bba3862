import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { type InboxStore, type Kept, openInbox } from "#device/store/inbox.ts";
import type { Room, Shelf } from "#device/store/inbox-room.ts";
import { openReplayStore, type ReplayStore } from "#device/store/replay.ts";
import { PART_BYTES } from "#device/wire/messages.ts";
import { type Parcel, voiceMessage } from "#device/wire/parcel.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { account, makeDbFolder, OWNER } from "./fixtures.ts";

const ANA = account("ana");
const BEN = account("ben");
const EVE = account("eve");
const DAY_MS = 86_400_000;
const KEY = "ef".repeat(16);

/** An inbox on a real disk, opened again as after a restart. `disk.full`: whoever completes a message finds it full. */
async function makeInbox(room?: Room) {
  const place = await makeDbFolder();
  const clock = new FakeClock();
  const spent: string[] = [];
  const disk = { full: false };
  let inbox: InboxStore;
  let replay: ReplayStore;
  const open = () => {
    const db = place.open();
    replay = openReplayStore({ db, clock, log: noLog });
    const spend = (keyId: string) => {
      if (disk.full) throw new Error("full");
      spent.push(keyId);
    };
    // Eve has two accounts.
    const sharerOf = (of: string) => (of === EVE || of === account("eve 2") ? "eve" : of);
    inbox = openInbox({
      db,
      owner: OWNER,
      clock,
      log: noLog,
      replay,
      spend,
      sharerOf,
      ...(room && { rooms: { inbox: room, requests: room, evidence: room } }),
    });
  };
  open();
  return {
    clock,
    spent,
    disk,
    get inbox() {
      return inbox;
    },
    get replay() {
      return replay;
    },
    /** Nothing is written on the way out. */
    restart: open,
    keep: (parcel: Parcel, shelf: Shelf = "inbox"): Kept => inbox.keep({ parcel, shelf, known: true }),
    texts: () => inbox.entries().map(({ text }) => text),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

type Changes = Partial<Parcel["envelope"]> & { origin?: Parcel["origin"] };

function parcelOf(
  message: Parcel["envelope"]["message"],
  part: number,
  data: Uint8Array,
  changes: Changes = {},
): Parcel {
  const { origin = null, ...rest } = changes;
  const envelope = {
    id: randomBytes(16).toString("hex"),
    from: ANA,
    to: OWNER,
    atMs: 1_000,
    expiresMs: Date.UTC(2026, 11, 23),
    hash: randomBytes(32).toString("hex"),
    signature: "valid" as const,
    certSeq: 1,
    unitKey: "",
    message,
    ...rest,
  };
  const header = { signed: new Uint8Array([1]), cert: new Uint8Array([2]), sig: new Uint8Array(64) };
  return { envelope, keyId: KEY, part, data, origin, header };
}

function textOf(text: string, changes: Changes = {}): Parcel {
  return parcelOf({ kind: "message.text", body: { text } }, 0, new Uint8Array(), changes);
}

/** All parts of a voice message of so many bytes. */
function voiceOf(bytes: number, durationMs: number, changes: Changes = {}): { sound: Uint8Array; parts: Parcel[] } {
  const sound = new Uint8Array(randomBytes(bytes));
  const message = voiceMessage(sound, durationMs);
  const common = { id: randomBytes(16).toString("hex"), hash: randomBytes(32).toString("hex"), ...changes };
  const parts = Array.from({ length: Math.ceil(bytes / PART_BYTES) }, (_, part) =>
    parcelOf(message, part, sound.subarray(part * PART_BYTES, (part + 1) * PART_BYTES), common),
  );
  return { sound, parts };
}

test("a message of several parts is there when the last of them is, whatever their order, and across restarts", async () => {
  await using made = await makeInbox();
  const { sound, parts } = voiceOf(2.5 * PART_BYTES, 90_000);
  const [first, second, third] = parts as [Parcel, Parcel, Parcel];
  expect(made.keep(third)).toBe("waiting-for-parts");
  expect(made.keep(third)).toBe("again");
  made.restart();
  expect(made.keep(first)).toBe("waiting-for-parts");
  expect([made.inbox.entries(), made.spent]).toEqual([[], []]);
  expect(made.keep(second)).toBe("kept");
  expect(made.spent).toEqual([KEY]);
  for (const part of parts) expect(made.keep(part)).toBe("again");
  made.restart();
  for (const part of parts) expect(made.keep(part)).toBe("again");
  const { id, from } = first.envelope;
  expect(made.inbox.entries()).toMatchObject([{ id, from, kind: "voice", durationMs: 90_000, standing: "new" }]);
  expect(Buffer.compare(made.inbox.sound(id, from) ?? new Uint8Array(), sound)).toBe(0);
  expect(made.inbox.header(id, from)?.signed).toEqual(new Uint8Array([1]));
});

test("the id is as durable as the message: deleted, and the unit killed, it is known for as long as it can be opened", async () => {
  await using made = await makeInbox();
  const parcel = textOf("once");
  const { id, from } = parcel.envelope;
  made.keep(parcel);
  expect(made.inbox.remove(id, from)).toBe(true);
  made.restart();
  expect(made.replay.seen({ account: from, known: true }, id)).toBe(true);
  made.clock.advance(35 * DAY_MS);
  made.restart();
  expect(made.replay.seen({ account: from, known: true }, id)).toBe(true);
});

test("what the disk refuses is not half there: neither the entry nor its id, and its key is not spent", async () => {
  await using made = await makeInbox();
  const parcel = textOf("later");
  made.disk.full = true;
  expect(made.keep(parcel)).toBe("not-saved");
  expect([made.inbox.entries(), made.replay.seen({ account: ANA, known: true }, parcel.envelope.id)]).toEqual([
    [],
    false,
  ]);
  made.restart();
  expect(made.inbox.entries()).toEqual([]);
  made.disk.full = false;
  expect(made.keep(parcel)).toBe("kept");
});

test("sound that is not what was signed is forgotten whole, and the key is not spent for it", async () => {
  await using made = await makeInbox();
  const { parts } = voiceOf(1.5 * PART_BYTES, 60_000);
  const [first, second] = parts as [Parcel, Parcel];
  expect(made.keep(first)).toBe("waiting-for-parts");
  expect(made.keep({ ...second, data: new Uint8Array(second.data.length) })).toBe("spoiled");
  made.restart();
  expect([made.inbox.entries(), made.spent]).toEqual([[], []]);
  expect(parts.map((part) => made.keep(part))).toEqual(["waiting-for-parts", "kept"]);
});

test("parts of two messages of one id never make one, and only the first that is complete counts", async () => {
  await using made = await makeInbox();
  const id = "ab".repeat(16);
  const one = voiceOf(1.5 * PART_BYTES, 60_000, { id });
  const other = voiceOf(1.5 * PART_BYTES, 60_000, { id });
  expect(made.keep(one.parts[0] as Parcel)).toBe("waiting-for-parts");
  expect(made.keep(other.parts[1] as Parcel)).toBe("waiting-for-parts");
  expect(made.keep(other.parts[0] as Parcel)).toBe("kept");
  expect(made.keep(one.parts[1] as Parcel)).toBe("again");
  expect(made.inbox.sound(id, ANA)).toEqual(other.sound);
});

test("a flood by one person, over all their accounts, takes nobody else's room and pushes nothing out", async () => {
  await using made = await makeInbox();
  made.keep(textOf("from ben", { from: BEN }));
  const answers = new Set<Kept>();
  for (let count = 0; count < 1_000; count += 1) {
    const from = count % 2 ? EVE : account("eve 2");
    answers.add(made.keep(parcelOf(voiceMessage(new Uint8Array(10), 110_000), 0, new Uint8Array(10), { from })));
  }
  expect(answers).toEqual(new Set(["kept", "no-room"]));
  // A quarter of an hour, of an hour.
  expect(made.inbox.entries().filter(({ kind }) => kind === "voice")).toHaveLength(8);
  expect(made.keep(textOf("from ana"))).toBe("kept");
  expect(made.texts().filter((text) => text !== null)).toEqual(["from ben", "from ana"]);
});

test("whoever claims little time for many bytes is charged for the bytes, and texts are not free", async () => {
  await using made = await makeInbox({ allMs: 80_000 });
  // A quarter is one person's: 20 s, at 24 kbit/s, and a little for each.
  const fill = (one: () => Parcel) => {
    let kept = 0;
    while (made.keep(one()) === "kept") kept += 1;
    return kept;
  };
  expect(fill(() => textOf("x".repeat(2_000)))).toBe(21);
  expect(fill(() => parcelOf(voiceMessage(new Uint8Array(12_000), 1), 0, new Uint8Array(12_000), { from: EVE }))).toBe(
    4,
  );
});

test("four who fill their shares leave room for the messages of whoever has few", async () => {
  await using made = await makeInbox();
  for (let who = 0; who < 20; who += 1) {
    for (let count = 0; count < 20; count += 1) {
      made.keep(
        parcelOf(voiceMessage(new Uint8Array(10), 110_000), 0, new Uint8Array(10), { from: account(`${who}`) }),
      );
    }
  }
  expect(made.keep(textOf("from ana"))).toBe("kept");
});

test("strangers fill the room of Requests alone, and what is kept of blocked people another", async () => {
  await using made = await makeInbox();
  for (const shelf of ["requests", "evidence"] as const) {
    for (let who = 0; who < 100; who += 1) {
      made.keep(
        parcelOf(voiceMessage(new Uint8Array(10), 100_000), 0, new Uint8Array(10), {
          from: account(`${shelf} ${who}`),
        }),
        shelf,
      );
    }
  }
  const on = (shelf: Shelf) => made.inbox.entries().filter((entry) => entry.shelf === shelf).length;
  expect([on("requests"), on("evidence")]).toEqual([4, 17]);
  expect(made.keep(textOf("from ana"))).toBe("kept");
});

test("who has no room left makes some with what was heard of theirs, and with nobody else's", async () => {
  await using made = await makeInbox();
  const voice = (from: string) => parcelOf(voiceMessage(new Uint8Array(10), 110_000), 0, new Uint8Array(10), { from });
  const heard = voice(BEN);
  made.keep(heard);
  made.inbox.mark(heard.envelope.id, BEN, "heard");
  const own = Array.from({ length: 8 }, () => voice(ANA));
  for (const each of own) expect(made.keep(each)).toBe("kept");
  expect(made.keep(voice(ANA))).toBe("no-room");
  made.inbox.mark(own[3]?.envelope.id ?? "", ANA, "saved");
  expect(made.keep(voice(ANA))).toBe("no-room");
  made.inbox.mark(own[5]?.envelope.id ?? "", ANA, "heard");
  expect(made.keep(voice(ANA))).toBe("kept");
  expect(made.inbox.entries().map(({ id }) => id)).not.toContain(own[5]?.envelope.id);
  expect(made.inbox.entries().map(({ id }) => id)).toContain(heard.envelope.id);
});

test("what was heard goes after 30 days, also while the unit runs; what is new, saved (heard again or not) or evidence stays", async () => {
  await using made = await makeInbox();
  const [heard, saved, evidence, fresh] = ["heard", "saved", "evidence", "new"].map((text) => textOf(text));
  for (const each of [heard, saved, evidence, fresh]) if (each) made.keep(each);
  made.inbox.mark(heard?.envelope.id ?? "", ANA, "heard");
  for (const standing of ["saved", "heard"] as const) made.inbox.mark(saved?.envelope.id ?? "", ANA, standing);
  made.inbox.mark(evidence?.envelope.id ?? "", ANA, "heard");
  made.inbox.moveToEvidence(evidence?.envelope.id ?? "", ANA);
  made.keep(textOf("request", { from: EVE }), "requests");
  made.clock.advance(29 * DAY_MS);
  expect(made.texts()).toEqual(["heard", "saved", "evidence", "new", "request"]);
  made.clock.advance(2 * DAY_MS);
  expect(made.texts()).toEqual(["saved", "evidence", "new"]);
  made.restart();
  expect(made.texts()).toEqual(["saved", "evidence", "new"]);
});

test("whoever is purged leaves nothing but evidence, complete or not, nor what others passed on of theirs", async () => {
  await using made = await makeInbox();
  const evidence = textOf("evidence");
  made.keep(evidence);
  made.inbox.moveToEvidence(evidence.envelope.id, ANA);
  made.keep(textOf("from ana"));
  const { parts } = voiceOf(1.5 * PART_BYTES, 60_000);
  made.keep(parts[0] as Parcel);
  made.keep(textOf("ana said", { from: BEN, origin: { account: ANA } }));
  made.keep(textOf("from ben", { from: BEN }));
  expect(made.inbox.purge([ANA])).toBe(2);
  expect(made.texts()).toEqual(["evidence", "from ben"]);
  made.restart();
  expect(made.texts()).toEqual(["evidence", "from ben"]);
  expect(made.keep(parts[1] as Parcel)).toBe("waiting-for-parts");
});

test("parts that wait in vain go when the message has expired", async () => {
  await using made = await makeInbox();
  const { parts } = voiceOf(1.5 * PART_BYTES, 60_000, { expiresMs: made.clock.nowMs() + DAY_MS });
  made.keep(parts[0] as Parcel);
  made.clock.advance(2 * DAY_MS);
  expect(made.keep(parts[1] as Parcel)).toBe("waiting-for-parts");
});
