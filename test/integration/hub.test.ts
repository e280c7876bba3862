import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { seal } from "#device/wire/envelope.ts";
import { startHub } from "../house/hub.ts";
import { frameTo, LinkedUnit } from "../house/linked-unit.ts";

const SDP = "v=0\r\n";
const FINGERPRINT = Array.from({ length: 32 }, () => "AB").join(":");

test("an envelope reaches a connected unit, opens there, and names its sender", async () => {
  await using hub = await startHub();
  const invitation = await hub.invite(2);
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  await using ben = await LinkedUnit.enrolled(hub, invitation);
  const lookup = await ana.link.certificateOf(ben.keystore.account);
  if (!lookup.ok) throw new Error(lookup.reason);
  const sealed = await seal({
    sender: ana.keystore,
    to: lookup.certificate,
    message: { kind: "call.offer", body: { sdp: SDP, fingerprint: FINGERPRINT } },
    nowMs: Date.now(),
  });
  const frame = frameTo(ben.keystore.account, { id: sealed.id, envelope: sealed.bytes });
  expect(await ana.link.publish(frame)).toEqual({ ok: true });
  await ben.until(() => ben.deliveries.length === 1);
  expect(ben.deliveries[0]).toMatchObject({ sender: ana.keystore.account, class: "calls" });
  const opened = await ben.opened(0);
  expect(opened).toMatchObject({
    ok: true,
    envelope: {
      id: sealed.id,
      from: ana.keystore.account,
      to: ben.keystore.account,
      signature: "valid",
      hash: sealed.hash,
    },
  });
});

test("an envelope for an absent unit waits for it, a call until it is delivered, a message until it is settled", async () => {
  await using hub = await startHub();
  const invitation = await hub.invite(2);
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  await using ben = await LinkedUnit.enrolled(hub, invitation);
  await ben.disconnect();
  const first = frameTo(ben.keystore.account, { envelope: new Uint8Array([1]) });
  const second = frameTo(ben.keystore.account, { class: "inbox", envelope: new Uint8Array([2]) });
  expect(await ana.link.publish(first)).toEqual({ ok: true });
  expect(await ana.link.publish(second)).toEqual({ ok: true });
  ben.connect();
  await ben.until(() => ben.deliveries.length === 2);
  // Gone before it could say that it has dealt with the message: that comes again, and the call does not.
  await ben.disconnect();
  ben.connect();
  await ben.until(() => ben.deliveries.length === 3);
  await sleep(1_500);
  await ben.disconnect();
  ben.connect();
  await ben.until(() => ben.link.state === "up");
  await sleep(300);
  expect(ben.deliveries.map(({ bytes }) => bytes[0])).toEqual([1, 2, 2]);
});

test("what was accepted survives the hub's being killed", async () => {
  await using hub = await startHub();
  const invitation = await hub.invite(2);
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  await using ben = await LinkedUnit.enrolled(hub, invitation);
  await ben.disconnect();
  for (let count = 0; count < 20; count += 1) {
    const frame = frameTo(ben.keystore.account, { envelope: new Uint8Array([count]) });
    expect(await ana.link.publish(frame)).toEqual({ ok: true });
  }
  await hub.kill();
  await hub.restart();
  ben.connect();
  await ben.until(() => ben.deliveries.length === 20);
  expect(ben.deliveries.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test("what a unit held unsettled survives the hub's being killed, also where it is more than may wait", async () => {
  await using hub = await startHub({ limits: { inboxEntriesPerSender: 2 } });
  const invitation = await hub.invite(2);
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  await using ben = await LinkedUnit.enrolled(hub, invitation);
  const sent = [1, 2, 3, 4].map((byte) => new Uint8Array([byte]));
  for (const envelope of sent) {
    expect(await ana.link.publish(frameTo(ben.keystore.account, { class: "inbox", envelope }))).toEqual({ ok: true });
  }
  await ben.until(() => ben.deliveries.length === 4);
  await ben.disconnect();
  await hub.kill();
  await hub.restart();
  ben.connect();
  await ben.until(() => ben.deliveries.length === 8);
  expect(ben.deliveries.slice(4).map(({ bytes }) => bytes)).toEqual(sent);
});

test("a publication made while the hub is gone is accepted when it is back", async () => {
  await using hub = await startHub();
  const invitation = await hub.invite(2);
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  await using ben = await LinkedUnit.enrolled(hub, invitation);
  await hub.kill();
  await ana.until(() => ana.link.state === "down");
  const impatient = await ana.link.publish(frameTo(ben.keystore.account), 200);
  expect(impatient).toEqual({ ok: false, reason: "timed-out" });
  const waiting = ana.link.publish(frameTo(ben.keystore.account, { envelope: new Uint8Array([7]) }));
  await hub.restart();
  expect(await waiting).toEqual({ ok: true });
  await ben.until(() => ben.deliveries.length === 1);
  expect(ben.deliveries[0]?.bytes).toEqual(new Uint8Array([7]));
});
