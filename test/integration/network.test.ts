import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Impairer } from "#scripts/impairer/impairer.ts";
import { Coturn } from "../house/coturn.ts";
import { connectLeg, LegEnd } from "../house/leg-end.ts";

/** A leg behind a bad network, and what brings it back; what the brain makes of it, see unit/renewal.test.ts. */

let relay: Coturn;
let network: Impairer;
let caller: LegEnd;
let callee: LegEnd;
let round = 0;

beforeAll(async () => {
  relay = await Coturn.start();
  network = await Impairer.start({ toPort: relay.port, seed: 5 });
  caller = await LegEnd.make(network.before(relay.iceServers("caller")));
  callee = await LegEnd.make(relay.iceServers("callee"));
  await connectLeg(caller, callee);
});
afterAll(async () => {
  caller[Symbol.dispose]();
  callee[Symbol.dispose]();
  await network[Symbol.asyncDispose]();
  await relay[Symbol.asyncDispose]();
});

async function bothHearTheTone(patienceMs?: number): Promise<void> {
  await Promise.all([caller.hearsTone(patienceMs), callee.hearsTone(patienceMs)]);
}

/** As the two brains do it: the caller's renewal to the callee, and the answer back. */
async function renew(): Promise<void> {
  round += 1;
  for (const end of [caller, callee]) end.events.length = 0;
  await caller.peer.renew(round, network.before(relay.iceServers(`caller-${round}`)));
  await callee.peer.answerRenewal(round, await caller.event("renewal"), relay.iceServers(`callee-${round}`));
  await caller.peer.completeRenewal(round, await callee.event("renewed"));
}

test("a call goes on through 20 % loss and an outage of 2 s, without anybody's doing", async () => {
  await network.impair({ lossPercent: 20 });
  await bothHearTheTone();
  await network.cut(true);
  await sleep(2_000);
  await network.cut(false);
  await bothHearTheTone();
  await network.impair({});
  const told = [...caller.events, ...callee.events].map(({ type }) => type);
  expect(told).not.toContain("failed");
});

test("where the channel does not keep up sound goes by SRTP, and comes back once it does", async () => {
  await network.impair({});
  await Promise.all([caller.hearsBy("channel", 30_000), callee.hearsBy("channel", 30_000)]);
  await network.impair({ kbitPerS: 100, queueMs: 200 });
  await Promise.all([caller.hearsBy("srtp"), callee.hearsBy("srtp")]);
  await bothHearTheTone();
  await network.impair({});
});

test("a unit whose address changed is heard again, and hears, once its path is renewed; not before", async () => {
  await network.move("127.0.0.7");
  await Promise.all([caller.event("silent"), callee.event("silent")]);
  await expect(caller.hearsTone(700)).rejects.toThrow("no tone");
  await renew();
  await bothHearTheTone();
  await Promise.all([caller.event("alive"), callee.event("alive")]);
});

test("a renewal for another certificate, of an older round, or that is no SDP of ours changes nothing", async () => {
  for (const end of [caller, callee]) end.events.length = 0;
  await caller.peer.renew(++round, network.before(relay.iceServers("caller-again")));
  const renewal = await caller.event("renewal");
  const servers = relay.iceServers("callee-again");
  const other = Array.from({ length: 32 }, () => "AB").join(":");
  await callee.peer.answerRenewal(round, { ...renewal, fingerprint: other }, servers);
  const sdp = renewal.sdp.replace(renewal.fingerprint, other);
  await callee.peer.answerRenewal(round, { sdp, fingerprint: other }, servers);
  await callee.peer.answerRenewal(round, { ...renewal, sdp }, servers);
  await callee.peer.answerRenewal(round, { ...renewal, sdp: `${renewal.sdp}a=candidate:\r\n` }, servers);
  await callee.peer.answerRenewal(round - 1, renewal, servers);
  await caller.peer.completeRenewal(round - 1, renewal);
  expect(callee.events.filter(({ type }) => type !== "alive")).toEqual([]);
  await bothHearTheTone();
});

test("a relay that was restarted, and knows nobody any more, carries the call again", async () => {
  await relay.restart();
  await Promise.all([caller.event("silent"), callee.event("silent")]);
  await renew();
  await bothHearTheTone();
});
