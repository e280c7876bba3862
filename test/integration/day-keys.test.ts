import { afterAll, expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { verifyCertificate } from "#device/keys/certificate.ts";
import { openLink } from "#device/link/broker.ts";
import { openDayKeyStore } from "#device/store/day-keys.ts";
import { openParcel, sealMessage } from "#device/wire/parcel.ts";
import { startHub } from "../house/hub.ts";
import { LinkedUnit } from "../house/linked-unit.ts";
import { makeDbFolder } from "../unit/store/fixtures.ts";

const hub = await startHub();
const invitation = await hub.invite(20);
afterAll(() => hub[Symbol.asyncDispose]());

/** A unit that keeps day keys and brings them to the hub. */
async function unitWithDayKeys() {
  const unit = await LinkedUnit.make(hub);
  const place = await makeDbFolder();
  const store = openDayKeyStore(place.open(), unit.keystore.account);
  const link = openLink({
    hub,
    keystore: unit.keystore,
    clock: systemClock,
    log: noLog,
    seqs: new Map<string, number>(),
    dayKeys: store,
    onEnvelope: () => {},
    onState: () => {},
  });
  return {
    unit,
    store,
    link,
    async [Symbol.asyncDispose]() {
      await link[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
      await unit[Symbol.asyncDispose]();
    },
  };
}

/** The hub has today's keys of this unit. */
async function published(unit: LinkedUnit): Promise<void> {
  const held = async () => (await answerTo(unit, "/day-keys")).body.held;
  for (let tries = 0; !(await held().then((days) => Array.isArray(days) && days.length > 1)); tries += 1) {
    if (tries > 100) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** The answer to a request in the name of a unit, as it is on the wire. */
async function answerTo(unit: LinkedUnit, path: string, request: RequestInit = {}) {
  const token = await unit.keystore.mintToken(hub.name, Date.now());
  const response = await fetch(new URL(path, hub.httpUrl), {
    ...request,
    headers: { authorization: `Bearer ${token}` },
  });
  const text = await response.text();
  return { status: response.status, length: text.length, body: JSON.parse(text) as Record<string, unknown> };
}

test("a message is sealed to a unit that is gone, by keys that it left with the hub, and opens when it is back", async () => {
  await using ben = await unitWithDayKeys();
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  expect(await ben.link.enrol(invitation)).toEqual({ ok: true });
  await published(ben.unit);
  await ben.link[Symbol.asyncDispose](); // off
  await hub.kill();
  await hub.restart();
  const account = ben.unit.keystore.account;
  const found = await ana.link.dayKeyOf(account);
  if (!found.ok) throw new Error(found.reason);
  expect(found.key.kind).toBe("one-time");
  const message = { kind: "message.text", body: { text: "See you on Friday." } } as const;
  const nowMs = Date.now();
  const { parcels } = await sealMessage({ sender: ana.keystore, key: found.key, message, sound: null, nowMs });
  const context = {
    sender: ana.keystore.account,
    secretOf: (id: string) => ben.store.secretOf(id),
    nowMs,
    highestSeq: () => undefined,
  };
  const [parcel = new Uint8Array()] = parcels;
  expect(await openParcel(parcel, context)).toMatchObject({ ok: true, parcel: { envelope: { message } } });
  ben.store.spend(found.key.id);
  expect(await openParcel(parcel, context)).toEqual({ ok: false, reason: "no such key" });

  // The next one-time key, then the fallback; and none of them twice after the hub was killed.
  await hub.kill();
  await hub.restart();
  const more = [await ana.link.dayKeyOf(account), await ana.link.dayKeyOf(account)];
  expect(more.map((each) => each.ok && each.key.kind)).toEqual(["one-time", "fallback"]);
});

test("answers about day keys have one length, for whomever they are asked", async () => {
  await using ben = await unitWithDayKeys();
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  await using carol = await LinkedUnit.enrolled(hub, invitation); // published none
  const stranger = await LinkedUnit.make(hub); // enrolled nowhere
  await ben.link.enrol(invitation);
  await published(ben.unit);
  const asked = [ben.unit, ben.unit, ben.unit, carol, stranger, ana].map(({ keystore }) => keystore.account);
  const answers: Awaited<ReturnType<typeof answerTo>>[] = [];
  for (const account of asked) answers.push(await answerTo(ana, `/day-key/${account}`));
  expect(answers.map(({ body }) => typeof body.key)).toEqual([
    "string",
    "string",
    "string",
    "object",
    "object",
    "object",
  ]);
  expect(new Set(answers.map(({ status, length }) => `${status} ${length}`))).toEqual(new Set(["200 2048"]));
  await stranger[Symbol.asyncDispose]();
});

test("who has no business with day keys is turned away", async () => {
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  await using stranger = await LinkedUnit.make(hub);
  expect(verifyCertificate(stranger.keystore.certificate, Date.now()).ok).toBe(true);
  const put = { method: "PUT", body: new Uint8Array(20) };
  const day = Math.floor(Date.now() / 86_400_000);
  expect(await answerTo(stranger, `/day-keys/${day}`, put)).toMatchObject({ status: 401 });
  expect(await answerTo(stranger, `/day-key/${ana.keystore.account}`)).toMatchObject({ status: 401 });
  expect(await answerTo(ana, `/day-keys/${day}`, put)).toMatchObject({ status: 400 });
  for (const path of ["/day-keys/0x10", "/day-keys/-1", "/day-keys/1e9", "/day-keys/", "/day-keys"]) {
    expect(await answerTo(ana, path, put), path).toMatchObject({ status: 404 });
  }
  expect(await answerTo(ana, "/day-key/nobody")).toMatchObject({ status: 400 });
  expect(await answerTo(ana, `/day-key/${ana.keystore.account}/x`)).toMatchObject({ status: 404 });
  expect(await answerTo(ana, "/day-keys")).toMatchObject({ status: 200, body: { today: day, held: [] } });
  const long = answerTo(ana, `/day-keys/${day}`, { method: "PUT", body: new Uint8Array(1_000_000) });
  expect(await long.then(({ status }) => status).catch(() => "cut off")).not.toBe(200);
});
