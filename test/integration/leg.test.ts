import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Coturn } from "../house/coturn.ts";
import { connectLeg, LegEnd, TONE_DBFS } from "../house/leg-end.ts";

const OTHER_FINGERPRINT = Array.from({ length: 32 }, () => "AB").join(":");

let relay: Coturn;
const ends: LegEnd[] = [];
beforeAll(async () => {
  relay = await Coturn.start();
});
afterEach(() => {
  for (const end of ends.splice(0)) end[Symbol.dispose]();
});
afterAll(async () => {
  await relay[Symbol.asyncDispose]();
});

/** Which of two ends, the caller's first, know nothing of the channel. */
const OLD_ONES = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

async function made(name: string, servers = relay.iceServers(name), srtpOnly = false): Promise<LegEnd> {
  const end = await LegEnd.make(servers, { srtpOnly });
  ends.push(end);
  return end;
}

async function connect(isOld: readonly [boolean, boolean] = [false, false]): Promise<readonly [LegEnd, LegEnd]> {
  const caller = await made("caller", undefined, isOld[0]);
  const callee = await made("callee", undefined, isOld[1]);
  await connectLeg(caller, callee);
  return [caller, callee];
}

test("two ends find each other through the relay and each hears the other's tone, by the channel where both know it", async () => {
  for (const isOld of OLD_ONES) {
    const [caller, callee] = await connect(isOld);
    await Promise.all([caller.event("sound"), callee.event("sound")]);
    await sleep(300);
    for (const end of [caller, callee]) {
      expect(Math.abs(end.loudestDbfs - TONE_DBFS), String(isOld)).toBeLessThan(2);
      expect(end.peer.hears).toBe(isOld[0] || isOld[1] ? "srtp" : "channel");
    }
    for (const end of ends.splice(0)) end[Symbol.dispose]();
  }
});

test("no SDP that leaves a unit holds an address other than the relay's", async () => {
  const caller = await made("caller");
  const callee = await made("callee");
  await caller.peer.offer();
  const offer = await caller.event("offer");
  await callee.peer.answer(offer);
  const answer = await callee.event("answer");
  for (const { sdp } of [offer, answer]) {
    const candidates = sdp.split("\r\n").filter((line) => line.startsWith("a=candidate:"));
    expect(candidates.length).toBeGreaterThan(0);
    for (const line of candidates) expect(line).toMatch(/ 127\.0\.0\.1 \d+ typ relay raddr 0\.0\.0\.0 rport 0$/);
    const elsewhere = sdp.split("\r\n").filter((line) => !line.startsWith("a=candidate:"));
    const addresses = elsewhere.join("\n").match(/\d+\.\d+\.\d+\.\d+/g) ?? [];
    expect(new Set(addresses)).toEqual(new Set(["0.0.0.0"]));
    expect(sdp).not.toMatch(/host|srflx|extmap|\.local/);
  }
});

test("a callee whose envelope was signed for another certificate is refused before the library sees the offer", async () => {
  const caller = await made("caller");
  const callee = await made("callee");
  await caller.peer.offer();
  const offer = await caller.event("offer");
  await callee.peer.answer({ sdp: offer.sdp, fingerprint: OTHER_FINGERPRINT });
  expect(callee.events).toEqual([{ type: "failed", why: "wrong-certificate" }]);
});

test("whoever rewrites both the SDP and the envelope still fails at the certificate itself, whichever way sound goes", async () => {
  for (const isOld of [false, true]) {
    const caller = await made("caller", undefined, isOld);
    const callee = await made("callee");
    await caller.peer.offer();
    const offer = await caller.event("offer");
    await callee.peer.answer(offer);
    const answer = await callee.event("answer");
    const sdp = answer.sdp.replace(answer.fingerprint, OTHER_FINGERPRINT);
    await caller.peer.complete({ sdp, fingerprint: OTHER_FINGERPRINT });
    expect(await caller.event("failed", 20_000)).toEqual({ type: "failed", why: "wrong-certificate" });
    expect(caller.loudestDbfs).toBe(-120);
  }
});

test("nothing is heard of a far end that sends nothing", async () => {
  const caller = await made("caller");
  const callee = await made("callee");
  callee.sending = "nothing";
  await caller.peer.offer();
  await callee.peer.answer(await caller.event("offer"));
  await caller.peer.complete(await callee.event("answer"));
  await callee.event("sound");
  await sleep(500);
  expect(caller.events.map((event) => event.type)).toEqual(["offer", "connected"]);
  expect(caller.loudestDbfs).toBe(-120);
});

test("a far end that is gone is noticed within ten seconds", async () => {
  const [caller, callee] = await connect();
  await caller.event("sound");
  callee[Symbol.dispose]();
  expect(await caller.event("failed", 10_000)).toEqual({ type: "failed", why: "disconnected" });
});

test("without a relay there is no offer", async () => {
  const lonely = await made("lonely", []);
  await lonely.peer.offer();
  expect(lonely.events).toEqual([{ type: "failed", why: "no-relay" }]);
});

test("a relay that does not answer is given up within six seconds", async () => {
  const [server] = relay.iceServers("caller");
  if (server === undefined) throw new Error("no relay");
  const lonely = await made("lonely", [{ ...server, urls: "turn:127.0.0.1:9?transport=udp" }]);
  await lonely.peer.offer();
  expect(lonely.events).toEqual([{ type: "failed", why: "no-relay" }]);
});

test("wrong credentials get no relay", async () => {
  const [server] = relay.iceServers("caller");
  if (server === undefined) throw new Error("no relay");
  const stranger = await made("lonely", [{ ...server, credential: "wrong" }]);
  await stranger.peer.offer();
  expect(stranger.events).toEqual([{ type: "failed", why: "no-relay" }]);
});
