import { connect as connectTcp } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeFrame } from "#device/wire/frame.ts";
import { clientId, deliveryTopic, inFilter, outTopic } from "#device/wire/topics.ts";
import { type HubFixture, startHub } from "../house/hub.ts";
import { frameTo, LinkedUnit } from "../house/linked-unit.ts";
import { RawClient } from "../house/raw-client.ts";

let hub: HubFixture;
let ana: LinkedUnit;
let ben: LinkedUnit;
/** Enrolled, but its link is down: its place is for clients that behave as no unit would. */
let cem: LinkedUnit;
let stranger: LinkedUnit;

beforeAll(async () => {
  hub = await startHub();
  const invitation = await hub.invite(3);
  ana = await LinkedUnit.enrolled(hub, invitation);
  ben = await LinkedUnit.enrolled(hub, invitation);
  cem = await LinkedUnit.enrolled(hub, invitation);
  await cem.disconnect();
  stranger = await LinkedUnit.make(hub);
});

afterAll(async () => {
  for (const unit of [ana, ben, cem, stranger]) await unit[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

/** Nothing that was tried has hurt the hub: an envelope still goes through. */
async function stillCarries(): Promise<void> {
  const before = ben.deliveries.length;
  await ben.until(() => ben.link.state === "up");
  expect(await ana.link.publish(frameTo(ben.keystore.account))).toEqual({ ok: true });
  await ben.until(() => ben.deliveries.length > before);
}

test("a unit that is not enrolled, or shows another's token, or none that holds, is refused", async () => {
  const anaId = clientId(ana.certificate);
  const late = Date.now() - 600_000;
  const wrong = [
    await RawClient.as(stranger),
    await RawClient.as(stranger, { clientId: anaId, username: ana.keystore.account }),
    await RawClient.as(ana, { clientId: clientId(ben.certificate), username: ben.keystore.account }),
    await RawClient.as(ana, { clientId: clientId(ben.certificate) }),
    await RawClient.as(ana, { clientId: clientId(stranger.certificate) }),
    await RawClient.as(ana, { username: ben.keystore.account }),
    await RawClient.as(ana, { password: "not a token" }),
    await RawClient.as(ana, { password: await ana.keystore.mintToken("another-hub", Date.now()) }),
    await RawClient.as(ana, { password: await ana.keystore.mintToken(hub.name, late) }),
    new RawClient(hub.mqttUrl, { clientId: anaId }),
  ];
  for (const client of wrong) {
    using raw = client;
    expect(await raw.opened()).toBe("refused");
  }
  await stillCarries();
});

test("a second connection under a unit's client id without its key does not end the first", async () => {
  using thief = await RawClient.as(stranger, { clientId: clientId(ben.certificate), username: ben.keystore.account });
  expect(await thief.opened()).toBe("refused");
  expect(ben.link.state).toBe("up");
  await stillCarries();
});

test("wills, clean sessions and other protocol versions are refused", async () => {
  const will = { topic: outTopic(cem.certificate), payload: Buffer.from("x"), qos: 1 as const, retain: false };
  for (const options of [{ will }, { clean: true }, { protocolVersion: 5 as const }]) {
    using raw = await RawClient.as(cem, options);
    expect(await raw.opened()).toBe("refused");
  }
  await stillCarries();
});

test("a unit that publishes anywhere but to its own out, retained, or at QoS 2 is cut off and nothing is delivered", async () => {
  const before = ben.deliveries.length;
  const payload = Buffer.from(encodeFrame(frameTo(ben.keystore.account)));
  const attempts = [
    { topic: outTopic(ben.certificate), qos: 1 as const },
    { topic: deliveryTopic(ben.certificate, ana.keystore.account, "calls"), qos: 1 as const },
    { topic: "$SYS/x/new/clients", qos: 1 as const },
    { topic: outTopic(cem.certificate), qos: 1 as const, retain: true },
    { topic: outTopic(cem.certificate), qos: 2 as const },
  ];
  for (const { topic, ...options } of attempts) {
    using raw = await RawClient.as(cem);
    expect(await raw.opened()).toBe("connected");
    raw.client.publish(topic, payload, options, () => {});
    await raw.cutOff();
  }
  await stillCarries();
  expect(ben.deliveries.length).toBe(before + 1);
});

test("a unit that subscribes to anything but its own in is cut off", async () => {
  const filters = [
    "#",
    "porter/1/#",
    "+/1/#",
    "$SYS/#",
    inFilter(ben.certificate),
    `${inFilter(cem.certificate).slice(0, -1)}+/+`,
  ];
  for (const filter of filters) {
    using raw = await RawClient.as(cem);
    expect(await raw.opened()).toBe("connected");
    raw.client.subscribe([filter, inFilter(cem.certificate)], { qos: 1 }, () => {});
    await raw.cutOff();
  }
  await stillCarries();
});

test("300 KiB, bytes that are no CBOR, and frames that are none harm nothing", async () => {
  using raw = await RawClient.as(cem);
  expect(await raw.opened()).toBe("connected");
  const frame = encodeFrame(frameTo(ben.keystore.account));
  const before = ben.deliveries.length;
  for (const payload of [
    Buffer.alloc(300 * 1_024, 7),
    Buffer.from("not CBOR"),
    Buffer.alloc(0),
    frame.subarray(0, 20),
  ]) {
    await raw.client.publishAsync(outTopic(cem.certificate), Buffer.from(payload), { qos: 1 });
  }
  expect(raw.client.connected).toBe(true);
  raw[Symbol.dispose]();
  await stillCarries();
  expect(ben.deliveries.length).toBe(before + 1);
});

test("a packet that announces megabytes is cut off before they arrive", async () => {
  const { hostname, port } = new URL(hub.mqttUrl);
  for (const announced of [
    Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]),
    Buffer.from([0x30, 0x02, 0, 0]),
    Buffer.alloc(64, 0xff),
  ]) {
    const socket = connectTcp(Number(port), hostname);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    socket.write(announced);
    await closed;
  }
  await stillCarries();
});

test("a unit that asks too much is told so, and only by what it did itself", async () => {
  await using small = await startHub({ limits: { publications: { burst: 3, perSecond: 0.1 } } });
  await using caller = await LinkedUnit.enrolled(small, await small.invite(1));
  const results = [];
  for (let count = 0; count < 5; count += 1)
    results.push(await caller.link.publish(frameTo(ben.keystore.account), 3_000));
  expect(results.slice(0, 3)).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  expect(results.slice(3)).toEqual([
    { ok: false, reason: "refused" },
    { ok: false, reason: "refused" },
  ]);
});
