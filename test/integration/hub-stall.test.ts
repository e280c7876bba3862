import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { median } from "../house/distribution.ts";
import { startHub } from "../house/hub.ts";
import { frameTo, LinkedUnit } from "../house/linked-unit.ts";
import { RawClient } from "../house/raw-client.ts";

const CUT_OFF_WITHIN_MS = 5_000;

test("a unit that stops reading is cut off within 5 s, delays nobody meanwhile, and gets all of it when it is back", async () => {
  await using hub = await startHub();
  const invitation = await hub.invite(3);
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  await using ben = await LinkedUnit.enrolled(hub, invitation);
  await using cem = await LinkedUnit.enrolled(hub, invitation);
  await cem.disconnect();
  using frozen = await RawClient.as(cem);
  await frozen.opened();
  await frozen.subscribeOwn(cem);
  frozen.client.stream.pause();

  const large = (index: number) =>
    frameTo(cem.keystore.account, { class: "inbox", envelope: new Uint8Array(200_000).fill(index) });
  const startMs = performance.now();
  const toFrozen = Array.from({ length: 12 }, (_, index) => ana.link.publish(large(index)));
  expect(await Promise.all(toFrozen)).toEqual(toFrozen.map(() => ({ ok: true })));
  const deliveredMs: number[] = [];
  const isCutOff = () => hub.log.some((line) => line.includes("cut off a unit"));
  while (!isCutOff() && performance.now() - startMs < 2 * CUT_OFF_WITHIN_MS) {
    const sentMs = performance.now();
    const before = ben.deliveries.length;
    expect(await ana.link.publish(frameTo(ben.keystore.account))).toEqual({ ok: true });
    await ben.until(() => ben.deliveries.length > before);
    deliveredMs.push(performance.now() - sentMs);
    await sleep(150);
  }
  expect(isCutOff()).toBe(true);
  expect(performance.now() - startMs).toBeLessThan(CUT_OFF_WITHIN_MS + 1_000); // the seconds before it had anything to read
  expect(median(deliveredMs)).toBeLessThan(150);
  expect(Math.max(...deliveredMs)).toBeLessThan(1_000);

  cem.connect();
  await cem.until(() => cem.deliveries.length === 12);
  expect(cem.deliveries.every(({ bytes }) => bytes.length === 200_000)).toBe(true);
});
