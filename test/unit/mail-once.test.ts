import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { type InboxStore, openInbox } from "#device/store/inbox.ts";
import { openReplayStore, type ReplayStore } from "#device/store/replay.ts";
import type { Parcel } from "#device/wire/parcel.ts";
import { voiceMessage } from "#device/wire/parcel.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { account, makeDbFolder, OWNER } from "./store/fixtures.ts";

const ANA = account("ana");
const MESSAGES = 4;

/**
 * What may happen between a hub and a unit, in any order: a parcel is delivered (a copy of it stays at the hub), or
 * delivered while the disk refuses; a settlement arrives, or is lost with the connection; the owner deletes what came;
 * the unit dies, at once or after what it has written behind.
 */
type Happening =
  | Readonly<{ what: "deliver" | "refuse"; which: number }>
  | Readonly<{ what: "settle" | "lose-settlements" | "delete" | "die" | "end" }>;
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant("deliver" as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("refuse" as const), which: fc.nat() }) },
  ...(["settle", "lose-settlements", "delete", "die", "end"] as const).map((what) => ({
    weight: 2,
    arbitrary: fc.constant({ what } as const),
  })),
);

/** Four messages of one to three parts; small ones, though all but the last of a sound's parts are longer on the wire. */
const PARCELS: readonly Parcel[] = Array.from({ length: MESSAGES }, (_, index) => {
  const parts = (index % 3) + 1;
  const sound = new Uint8Array(parts * 2).fill(index);
  const message = voiceMessage(sound, 1_000);
  if (message.kind !== "message.voice") throw new Error("no sound");
  const name = (what: string, length: number) =>
    createHash("sha256").update(`${what} ${index}`).digest("hex").slice(0, length);
  const envelope: Parcel["envelope"] = {
    id: name("id", 32),
    from: ANA,
    to: OWNER,
    atMs: 1_000,
    expiresMs: Date.UTC(2026, 11, 20),
    hash: name("hash", 64),
    signature: "valid",
    certSeq: 1,
    unitKey: "",
    message: { ...message, body: { ...message.body, parts } },
  };
  const header = { signed: new Uint8Array(1), cert: new Uint8Array(1), sig: new Uint8Array(64) };
  return Array.from({ length: parts }, (__, part) => {
    return {
      envelope,
      keyId: name("key", 32),
      part,
      data: sound.subarray(part * 2, part * 2 + 2),
      origin: null,
      header,
    };
  });
}).flat();

type Flaw = "settles-first" | "forgets-ids" | null;

/** How often each message was kept, once the hub had nothing left; null where one never came. */
async function play(story: readonly Happening[], flaw: Flaw): Promise<readonly number[]> {
  await using place = await makeDbFolder();
  const clock = new FakeClock();
  const kept = new Map<string, number>();
  const atHub = new Set(PARCELS);
  let said: Parcel[] = [];
  let isFull = false;
  let inbox: InboxStore;
  let replay: ReplayStore;
  const start = () => {
    const db = place.open();
    db.pragma("synchronous = OFF");
    replay = openReplayStore({ db, clock, log: noLog });
    const lost = { ...replay, rememberWithin: () => () => undefined };
    inbox = openInbox({
      db,
      owner: OWNER,
      clock,
      log: noLog,
      replay: flaw === "forgets-ids" ? lost : replay,
      spend: () => {
        if (isFull) throw new Error("full");
      },
      sharerOf: (of) => of,
    });
  };
  const deliver = (parcel: Parcel) => {
    const { id, from } = parcel.envelope;
    const isReplayed = replay.seen({ account: from, known: true }, id);
    if (flaw === "settles-first") said.push(parcel);
    const became = isReplayed ? "again" : inbox.keep({ parcel, shelf: "inbox", known: true });
    if (became === "kept") kept.set(id, (kept.get(id) ?? 0) + 1);
    if (became !== "not-saved" && flaw !== "settles-first") said.push(parcel);
  };
  const happen = (each: Happening) => {
    const waiting = [...atHub];
    const parcel = "which" in each ? waiting[each.which % Math.max(1, waiting.length)] : undefined;
    switch (each.what) {
      case "deliver":
      case "refuse":
        isFull = each.what === "refuse";
        if (parcel) deliver(parcel);
        isFull = false;
        break;
      case "settle":
        for (const one of said.splice(0)) atHub.delete(one);
        break;
      case "lose-settlements":
        said = [];
        break;
      case "delete":
        for (const { id, from } of inbox.entries()) inbox.remove(id, from);
        break;
      case "die":
      case "end":
        if (each.what === "end") replay.flush();
        said = [];
        start();
        break;
    }
  };
  start();
  for (const each of story) happen(each);
  for (let turn = 0; turn < 3; turn += 1) {
    for (const parcel of atHub) deliver(parcel);
    happen({ what: turn === 1 ? "die" : "settle" });
  }
  return [...new Set(PARCELS.map(({ envelope }) => envelope.id))].map((id) => kept.get(id) ?? 0);
}

const once = Array.from({ length: MESSAGES }, () => 1);

test("whatever is dropped, doubled, reordered or cut, each message is taken exactly once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (story) => {
      expect(await play(story, null)).toEqual(once);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("control: a unit that settles first loses some, and one that forgets ids takes some twice", async () => {
  const refused: Happening[] = PARCELS.map((_, which) => ({ what: "refuse", which }));
  expect(await play([...refused, { what: "settle" }], "settles-first")).not.toEqual(once);
  const delivered: Happening[] = PARCELS.map((_, which) => ({ what: "deliver", which }));
  const forgotten: Happening[] = [...delivered, { what: "delete" }, { what: "die" }, ...delivered];
  expect(await play(forgotten, "forgets-ids")).not.toEqual(once);
  expect(await play(forgotten, null)).toEqual(once);
});
