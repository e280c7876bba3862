import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { MailSender } from "#device/effects/mail-sender.ts";
import type { Event } from "#device/events.ts";
import type { DayKeyLookup, PublishResult } from "#device/link/link.ts";
import { openOutbox } from "#device/store/outbox.ts";
import { PART_BYTES } from "#device/wire/messages.ts";
import { openParcel } from "#device/wire/parcel.ts";
import { fixedBatch, NOW_MS } from "#test/house/day-keys.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { makeDbFolder } from "./store/fixtures.ts";

const ana = fixedUnit("ana");
const ben = fixedUnit("ben");
const cem = fixedUnit("cem");
const DAY_MS = 86_400_000;

/** Ana's outbox on a real disk, her sender, and a hub that answers as it is told. */
async function makeSender() {
  const place = await makeDbFolder();
  const batch = await fixedBatch(ben);
  const clock = new FakeClock(NOW_MS);
  const published: { frame: string; to: string; bytes: Uint8Array }[] = [];
  const events: Event[] = [];
  const barred = new Set<string>();
  const hub: { answer: PublishResult; key: DayKeyLookup; onPublished: () => void } = {
    onPublished: () => undefined,
    answer: { ok: true },
    key: { ok: true, key: batch.key(12) },
  };
  let outbox = openOutbox({ db: place.open(), owner: ana.sealer.account, clock, log: noLog });
  let sender: MailSender | null = null;
  const start = () => {
    sender?.[Symbol.dispose]();
    outbox = openOutbox({ db: place.open(), owner: ana.sealer.account, clock, log: noLog });
    sender = new MailSender({
      outbox,
      link: {
        state: "up",
        dayKeyOf: async (account) => (account === ben.sealer.account ? hub.key : { ok: false, reason: "none" }),
        publish: async ({ id, to, envelope }) => {
          published.push({ frame: id, to, bytes: envelope });
          hub.onPublished();
          return hub.answer;
        },
      },
      keystore: ana.sealer,
      clock,
      log: noLog,
      mayGo: (to) => !barred.has(to),
      dispatch: (event) => events.push(event),
    });
  };
  start();
  return {
    batch,
    barred,
    clock,
    hub,
    published,
    events,
    get outbox() {
      return outbox;
    },
    restart: start,
    linkIsUp: () => sender?.linkIsUp(),
    /** Lets time pass, and what follows from it happen. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 250) {
        clock.advance(Math.min(250, left));
        for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
    },
    /** Lets time pass until then, in steps. */
    async until(condition: () => boolean, stepMs = 250) {
      for (let step = 0; step < 400 && !condition(); step += 1) {
        await this.pass(stepMs);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(condition()).toBe(true);
    },
    stop: () => sender?.[Symbol.dispose](),
    async [Symbol.asyncDispose]() {
      sender?.[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

const sound = new Uint8Array(PART_BYTES + 10).fill(7);
const toBen = ben.sealer.account;

test("a message leaves in parcels that its addressee opens, and is gone once the hub has all of them", async () => {
  await using made = await makeSender();
  expect(made.outbox.add({ to: toBen, kind: "voice", sound, durationMs: 60_000 })).toMatchObject({ ok: true });
  await made.until(() => made.outbox.waiting().length === 0, 250);
  expect(made.published).toHaveLength(2);
  for (const [part, { bytes }] of made.published.entries()) {
    const opened = await openParcel(bytes, made.batch.context(ana.sealer.account));
    expect(opened.ok && opened.parcel.part).toBe(part);
  }
});

test("what the hub did not accept goes out again, after a restart too, as the same parcels; what it has does not", async () => {
  await using made = await makeSender();
  made.outbox.add({ to: toBen, kind: "voice", sound, durationMs: 60_000 });
  await made.until(() => made.published.length === 1, 1);
  made.hub.answer = { ok: false, reason: "timed-out" };
  await made.until(() => made.published.length === 2, 250);
  made.restart();
  made.hub.answer = { ok: true };
  await made.until(() => made.outbox.waiting().length === 0, 250);
  const [first, second, again] = made.published;
  expect(made.published).toHaveLength(3);
  expect([again?.frame, again?.bytes]).toEqual([second?.frame, second?.bytes]);
  expect(first?.frame).not.toBe(second?.frame);
});

test("who has no keys holds up nobody else, and is tried again when the link is up", async () => {
  await using made = await makeSender();
  made.outbox.add({ to: cem.sealer.account, kind: "text", text: "to cem" });
  made.outbox.add({ to: toBen, kind: "text", text: "to ben" });
  await made.until(() => made.published.length === 1, 250);
  expect(made.outbox.waiting().map(({ to }) => to)).toEqual([cem.sealer.account]);
  made.hub.key = { ok: false, reason: "unreachable" };
  made.outbox.add({ to: toBen, kind: "text", text: "later" });
  await made.pass(1_000);
  expect(made.published).toHaveLength(1);
  made.hub.key = { ok: true, key: made.batch.key(0) };
  made.linkIsUp();
  await made.until(() => made.published.length === 2, 250);
});

test("after thirty days the owner is told that it never left", async () => {
  await using made = await makeSender();
  made.outbox.add({ to: cem.sealer.account, kind: "text", text: "to cem" });
  await made.pass(1_000);
  expect(made.events).toEqual([]);
  made.clock.advance(30 * DAY_MS);
  await made.until(() => made.outbox.waiting().length === 0, 5_000);
  expect([made.events, made.outbox.waiting()]).toEqual([[{ type: "message-lost", to: cem.sealer.account }], []]);
});

test("what waits for somebody who is blocked stays here until they are not, whatever of it has left", async () => {
  await using made = await makeSender();
  made.barred.add(toBen);
  made.outbox.add({ to: toBen, kind: "voice", sound, durationMs: 60_000 });
  await made.pass(20_000);
  expect(made.published).toEqual([]);
  made.barred.clear();
  made.hub.onPublished = () => made.barred.add(toBen);
  await made.until(() => made.published.length === 1, 1_000);
  await made.pass(20_000);
  expect(made.published).toHaveLength(1);
  made.hub.onPublished = () => undefined;
  made.barred.clear();
  await made.until(() => made.outbox.waiting().length === 0, 5_000);
  expect(made.published).toHaveLength(2);
});

test("of what is taken back while it leaves, nothing more leaves", async () => {
  await using made = await makeSender();
  made.hub.onPublished = () => made.outbox.removeAllTo(toBen);
  made.outbox.add({ to: toBen, kind: "voice", sound, durationMs: 60_000 });
  await made.until(() => made.published.length === 1, 250);
  await made.pass(5_000);
  expect(made.published).toHaveLength(1);
});

test("what was sealed yesterday and never left is sealed anew, to a key that is still good", async () => {
  await using made = await makeSender();
  made.hub.answer = { ok: false, reason: "refused" };
  made.outbox.add({ to: toBen, kind: "text", text: "hello" });
  await made.until(() => made.published.length === 1, 250);
  made.stop();
  made.clock.advance(DAY_MS);
  made.hub.key = { ok: true, key: made.batch.key(3) };
  made.hub.answer = { ok: true };
  made.restart();
  await made.until(() => made.outbox.waiting().length === 0, 5_000);
  const [before, after] = await Promise.all(
    [made.published[0], made.published.at(-1)].map((each) =>
      openParcel(each?.bytes ?? new Uint8Array(), made.batch.context(ana.sealer.account)),
    ),
  );
  expect(before?.ok && after?.ok && before.parcel.envelope.id === after.parcel.envelope.id).toBe(true);
  expect(before?.ok && after?.ok && before.parcel.keyId !== after.parcel.keyId).toBe(true);
});

test("what is no message is refused, and so is what finds no room", async () => {
  await using made = await makeSender();
  made.hub.key = { ok: false, reason: "none" };
  const add = (text: string) => made.outbox.add({ to: toBen, kind: "text", text });
  expect([add(""), add("x".repeat(2_001))]).toEqual([1, 2].map(() => ({ ok: false, reason: "not-a-message" })));
  expect(made.outbox.add({ to: toBen, kind: "voice", sound, durationMs: 121_000 })).toMatchObject({ ok: false });
  for (let count = 0; count < 200; count += 1) expect(add(`${count}`).ok).toBe(true);
  expect(add("one more")).toEqual({ ok: false, reason: "no-room" });
  expect(made.outbox.removeAllTo(toBen)).toBe(200);
  made.restart();
  expect(made.outbox.waiting()).toEqual([]);
});
