import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { accountIdOf } from "#device/keys/account.ts";
import { decodeReceipt, encodeFrame } from "#device/wire/frame.ts";
import { hubTopic, outTopic } from "#device/wire/topics.ts";
import { distance, median, suspiciousDistance } from "../house/distribution.ts";
import { startHub } from "../house/hub.ts";
import { frameTo, LinkedUnit } from "../house/linked-unit.ts";
import { RawClient } from "../house/raw-client.ts";

const ROUNDS = 40;
const limits = { publications: { burst: 5_000, perSecond: 1_000 }, queueEntries: 20, queueEntriesPerSender: 10 };

type Times = { acknowledgedMs: number[]; acceptedMs: number[] };

/** Publishes to each callee in turn, at moments that have nothing to do with the hub's grid. */
async function measure(caller: RawClient, unit: LinkedUnit, callees: readonly string[]): Promise<Map<string, Times>> {
  const times = new Map<string, Times>(callees.map((callee) => [callee, { acknowledgedMs: [], acceptedMs: [] }]));
  const accepted = new Map<string, () => void>();
  caller.client.on("message", (topic, payload) => {
    if (topic === hubTopic(unit.certificate, "accepted")) accepted.get(decodeReceipt(payload) ?? "")?.();
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const callee of callees.toSorted(() => Math.random() - 0.5)) {
      await sleep(Math.random() * 25);
      const frame = frameTo(callee, { envelope: new Uint8Array(1_000) });
      const heard = Promise.withResolvers<void>();
      accepted.set(frame.id, heard.resolve);
      const startMs = performance.now();
      await caller.client.publishAsync(outTopic(unit.certificate), Buffer.from(encodeFrame(frame)), { qos: 1 });
      times.get(callee)?.acknowledgedMs.push(performance.now() - startMs);
      await heard.promise;
      times.get(callee)?.acceptedMs.push(performance.now() - startMs);
    }
  }
  return times;
}

/** How far the times for one callee lie from those for the others, at most; 1 is where chance ends. */
function tell(times: Map<string, Times>, what: keyof Times): number {
  const samples = [...times.values()].map((each) => each[what]);
  const limit = suspiciousDistance(ROUNDS, ROUNDS);
  return Math.max(...samples.flatMap((one) => samples.map((other) => distance(one, other) / limit)));
}

async function measureHub(preload?: string): Promise<{ acknowledged: number; accepted: number; medianMs: number }> {
  const leakFile = join(tmpdir(), `porter-leak-${process.pid}`);
  await using hub = await startHub({
    limits,
    ...(preload && { preload, environment: { PORTER_TEST_LEAK: leakFile } }),
  });
  const invitation = await hub.invite(4);
  await using connected = await LinkedUnit.enrolled(hub, invitation);
  await using absent = await LinkedUnit.enrolled(hub, invitation);
  await using stalled = await LinkedUnit.enrolled(hub, invitation);
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  for (const unit of [absent, stalled, ana]) await unit.disconnect();
  using deaf = await RawClient.as(stalled);
  await deaf.opened();
  await deaf.subscribeOwn(stalled);
  deaf.client.stream.pause();
  using caller = await RawClient.as(ana);
  await caller.opened();
  await caller.subscribeOwn(ana);
  const unknown = accountIdOf(new Uint8Array(32).fill(3));
  if (preload) await writeFile(leakFile, absent.keystore.account);
  const callees = [connected, absent, stalled].map((unit) => unit.keystore.account);
  const times = await measure(caller, ana, [...callees, unknown]);
  await rm(leakFile, { force: true });
  const medianMs = median([...times.values()].flatMap(({ acceptedMs }) => acceptedMs));
  return { acknowledged: tell(times, "acknowledgedMs"), accepted: tell(times, "acceptedMs"), medianMs };
}

test("how long a publication takes to be acknowledged and accepted says nothing of its addressee", async () => {
  const { acknowledged, accepted, medianMs } = await measureHub();
  expect(acknowledged).toBeLessThan(1);
  expect(accepted).toBeLessThan(1);
  expect(medianMs).toBeLessThan(100);
});

test("control: a hub that takes a tick longer for an absent callee is found out", async () => {
  const { accepted } = await measureHub(import.meta.resolve("../house/leaky-ingress.ts"));
  expect(accepted).toBeGreaterThan(1);
});
