import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { accountIdOf } from "#device/keys/account.ts";
import { decodeReceipt, encodeFrame } from "#device/wire/frame.ts";
import { hubTopic, outTopic } from "#device/wire/topics.ts";
import type { Leak } from "#scripts/bench/indistinguishable/leaky-hub.ts";
import { compareSamples } from "#scripts/bench/kolmogorov-smirnov.ts";
import { median } from "../house/distribution.ts";
import { startHub } from "../house/hub.ts";
import { frameTo, LinkedUnit } from "../house/linked-unit.ts";
import { RawClient } from "../house/raw-client.ts";

const ROUNDS = 40;
/** By chance alone, one pair in 20,000. */
const SUSPICIOUS = 5e-5;
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

/** How likely the times for any two callees would lie so far apart by chance: the least likely of all pairs. */
function chance(times: Map<string, Times>, what: keyof Times): number {
  const samples = [...times.values()].map((each) => each[what]);
  return Math.min(...samples.flatMap((one) => samples.map((other) => compareSamples(one, other).p)));
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
  const leak: Leak = { leak: "delay", accounts: [absent.keystore.account] };
  if (preload) await writeFile(leakFile, JSON.stringify(leak));
  const callees = [connected, absent, stalled].map((unit) => unit.keystore.account);
  const times = await measure(caller, ana, [...callees, unknown]);
  await rm(leakFile, { force: true });
  const medianMs = median([...times.values()].flatMap(({ acceptedMs }) => acceptedMs));
  return { acknowledged: chance(times, "acknowledgedMs"), accepted: chance(times, "acceptedMs"), medianMs };
}

test("how long a publication takes to be acknowledged and accepted says nothing of its addressee", async () => {
  const { acknowledged, accepted, medianMs } = await measureHub();
  expect(acknowledged).toBeGreaterThan(SUSPICIOUS);
  expect(accepted).toBeGreaterThan(SUSPICIOUS);
  expect(medianMs).toBeLessThan(100);
});

test("control: a hub that takes a tick longer for an absent callee is found out", async () => {
  const { accepted } = await measureHub(import.meta.resolve("#scripts/bench/indistinguishable/leaky-hub.ts"));
  expect(accepted).toBeLessThan(SUSPICIOUS);
});
