import { setTimeout as sleep } from "node:timers/promises";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { levelDbfs } from "#audio/level.ts";
import { type LegEvent, Peer } from "#audio/peer/peer.ts";
import { loadWrtc } from "#audio/peer/wrtc.ts";
import type { IceServer } from "#audio/protocol.ts";
import { systemClock } from "#base/clock.ts";

/** Of the tone that an end sends. */
export const TONE_DBFS = -15.3;

/** One end of a leg with its own 10 ms beat, which sends a tone and listens. */
export class LegEnd implements Disposable {
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

  /** `srtpOnly`: as a unit that knows nothing of the channel. */
  static async make(iceServers: IceServer[], { srtpOnly = false } = {}): Promise<LegEnd> {
    const events: LegEvent[] = [];
    const wrtc = await loadWrtc();
    const peer = new Peer({ clock: systemClock, wrtc, iceServers, srtpOnly, onEvent: (event) => events.push(event) });
    return new LegEnd(peer, events);
  }

  async event<T extends LegEvent["type"]>(type: T, patienceMs = 10_000): Promise<Extract<LegEvent, { type: T }>> {
    const untilMs = Date.now() + patienceMs;
    while (Date.now() < untilMs) {
      for (const event of this.events) if (isOfType(event, type)) return event;
      await sleep(5);
    }
    throw new Error(`no ${type} came, only ${this.events.map((event) => event.type).join(", ") || "nothing"}`);
  }

  /** Waits until the other end's tone is heard, now and not before. */
  async hearsTone(patienceMs = 5_000): Promise<void> {
    const untilMs = Date.now() + patienceMs;
    this.loudestDbfs = -120;
    while (Math.abs(this.loudestDbfs - TONE_DBFS) > 3) {
      if (Date.now() > untilMs) throw new Error(`no tone, only ${this.loudestDbfs.toFixed(0)} dBFS`);
      await sleep(20);
    }
  }

  /** Waits until the other end's sound comes this way. */
  async hearsBy(way: "srtp" | "channel", patienceMs = 5_000): Promise<void> {
    const untilMs = Date.now() + patienceMs;
    while (this.peer.hears !== way) {
      if (Date.now() > untilMs) throw new Error(`nothing comes by ${way}`);
      await sleep(5);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#beat);
    this.peer[Symbol.dispose]();
  }
}

/** Joins two ends as their brains would, through the hub and the gate. */
export async function connectLeg(caller: LegEnd, callee: LegEnd): Promise<void> {
  await caller.peer.offer();
  await callee.peer.answer(await caller.event("offer"));
  await caller.peer.complete(await callee.event("answer"));
  await Promise.all([caller.event("connected"), callee.event("connected")]);
}

function isOfType<T extends LegEvent["type"]>(event: LegEvent, type: T): event is Extract<LegEvent, { type: T }> {
  return event.type === type;
}
