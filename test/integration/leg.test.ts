import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { levelDbfs } from "#audio/level.ts";
import { type LegEvent, Peer } from "#audio/peer/peer.ts";
import { loadWrtc } from "#audio/peer/wrtc.ts";
import type { IceServer } from "#audio/protocol.ts";
import { systemClock } from "#base/clock.ts";
import { Coturn } from "../house/coturn.ts";

const OTHER_FINGERPRINT = Array.from({ length: 32 }, () => "AB").join(":");

let relay: Coturn;
const ends: End[] = [];
beforeAll(async () => {
  relay = await Coturn.start();
});
afterEach(() => {
  for (const end of ends.splice(0)) end[Symbol.dispose]();
});
afterAll(async () => {
  await relay[Symbol.asyncDispose]();
});

/** One end of a leg with its own 10 ms beat, which sends a tone and listens. */
class End implements Disposable {
  readonly peer: Peer;
  readonly events: LegEvent[] = [];
  loudestDbfs = -120;
  sending: "tone" | "nothing" = "tone";
  readonly #beat: NodeJS.Timeout;
  #sample = 0;

  private constructor(peer: Peer, events: LegEvent[]) {
    this.peer = peer;
    this.events = events;
    const frame = new Int16Array(FRAME_SAMPLES);
    const heard = new Int16Array(FRAME_SAMPLES);
    this.#beat = setInterval(() => {
      if (this.sending === "tone") {
        for (let index = 0; index < FRAME_SAMPLES; index += 1, this.#sample += 1)
          frame[index] = 8_000 * Math.sin((2 * Math.PI * 440 * this.#sample) / RATE_HZ);
        this.peer.send(frame);
      }
      if (this.peer.read(heard)) this.loudestDbfs = Math.max(this.loudestDbfs, levelDbfs(heard));
    }, 10);
  }

  static async make(iceServers: IceServer[]): Promise<End> {
    const events: LegEvent[] = [];
    const wrtc = await loadWrtc();
    const peer = new Peer({ clock: systemClock, wrtc, iceServers, onEvent: (event) => events.push(event) });
    const end = new End(peer, events);
    ends.push(end);
    return end;
  }

  async event<T extends LegEvent["type"]>(type: T, patienceMs = 10_000): Promise<Extract<LegEvent, { type: T }>> {
    const untilMs = Date.now() + patienceMs;
    while (Date.now() < untilMs) {
      for (const event of this.events) if (isOfType(event, type)) return event;
      await sleep(5);
    }
    throw new Error(`no ${type} came, only ${this.events.map((event) => event.type).join(", ") || "nothing"}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#beat);
    this.peer[Symbol.dispose]();
  }
}

function isOfType<T extends LegEvent["type"]>(event: LegEvent, type: T): event is Extract<LegEvent, { type: T }> {
  return event.type === type;
}

async function connect(): Promise<readonly [End, End]> {
  const caller = await End.make(relay.iceServers("caller"));
  const callee = await End.make(relay.iceServers("callee"));
  await caller.peer.offer();
  const offer = await caller.event("offer");
  await callee.peer.answer(offer);
  const answer = await callee.event("answer");
  await caller.peer.complete(answer);
  await Promise.all([caller.event("connected"), callee.event("connected")]);
  return [caller, callee];
}

test("two ends find each other through the relay and each hears the other's tone", async () => {
  const [caller, callee] = await connect();
  await Promise.all([caller.event("sound"), callee.event("sound")]);
  await sleep(500);
  // The tone is sent at -15.3 dBFS.
  for (const end of [caller, callee]) expect(Math.abs(end.loudestDbfs + 15.3)).toBeLessThan(2);
});

test("no SDP that leaves a unit holds an address other than the relay's", async () => {
  const caller = await End.make(relay.iceServers("caller"));
  const callee = await End.make(relay.iceServers("callee"));
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
  const caller = await End.make(relay.iceServers("caller"));
  const callee = await End.make(relay.iceServers("callee"));
  await caller.peer.offer();
  const offer = await caller.event("offer");
  await callee.peer.answer({ sdp: offer.sdp, fingerprint: OTHER_FINGERPRINT });
  expect(callee.events).toEqual([{ type: "failed", why: "wrong-certificate" }]);
});

test("whoever rewrites both the SDP and the envelope still fails at the certificate itself", async () => {
  const caller = await End.make(relay.iceServers("caller"));
  const callee = await End.make(relay.iceServers("callee"));
  await caller.peer.offer();
  const offer = await caller.event("offer");
  await callee.peer.answer(offer);
  const answer = await callee.event("answer");
  const sdp = answer.sdp.replace(answer.fingerprint, OTHER_FINGERPRINT);
  await caller.peer.complete({ sdp, fingerprint: OTHER_FINGERPRINT });
  expect(await caller.event("failed", 20_000)).toEqual({ type: "failed", why: "wrong-certificate" });
  expect(caller.loudestDbfs).toBe(-120);
});

test("nothing is heard of a far end that sends nothing", async () => {
  const caller = await End.make(relay.iceServers("caller"));
  const callee = await End.make(relay.iceServers("callee"));
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
  const lonely = await End.make([]);
  await lonely.peer.offer();
  expect(lonely.events).toEqual([{ type: "failed", why: "no-relay" }]);
});

test("a relay that does not answer is given up within six seconds", async () => {
  const [server] = relay.iceServers("caller");
  if (server === undefined) throw new Error("no relay");
  const lonely = await End.make([{ ...server, urls: "turn:127.0.0.1:9?transport=udp" }]);
  await lonely.peer.offer();
  expect(lonely.events).toEqual([{ type: "failed", why: "no-relay" }]);
});

test("wrong credentials get no relay", async () => {
  const [server] = relay.iceServers("caller");
  if (server === undefined) throw new Error("no relay");
  const stranger = await End.make([{ ...server, credential: "wrong" }]);
  await stranger.peer.offer();
  expect(stranger.events).toEqual([{ type: "failed", why: "no-relay" }]);
});
