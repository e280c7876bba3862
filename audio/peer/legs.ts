import type { Clock } from "#base/clock.ts";
import { FRAME_SAMPLES, type Frame16k } from "../frame.ts";
import { saturate } from "../level.ts";
import type { FarEnd } from "../pipeline.ts";
import type { Command, Report } from "../protocol.ts";
import { type LegEvent, LINGER_MS, Peer } from "./peer.ts";
import { checkRemote } from "./remote.ts";
import type { Wrtc } from "./wrtc.ts";

/** One call, one that replaces it, and one that is being closed. */
const MOST_LEGS = 3;

type LegCommand = Extract<Command, { leg: string }>;
type LegsOptions = Readonly<{
  clock: Clock;
  loadWrtc: () => Promise<Wrtc>;
  report: (report: Report) => void;
  /** As units that know of no sound channel. */
  srtpOnly?: boolean;
}>;

/** The unit's legs by name, together one far end: what is sent goes to all that are open, what they play adds up. */
export class Legs implements FarEnd, Disposable {
  readonly #options: LegsOptions;
  readonly #peers = new Map<string, Peer>();
  /** Legs that wait for the library to load. */
  readonly #opening = new Set<string>();
  readonly #part = new Int16Array(FRAME_SAMPLES);

  constructor(options: LegsOptions) {
    this.#options = options;
  }

  /** There is a leg, or there is going to be one. */
  get open(): boolean {
    return this.#peers.size + this.#opening.size > 0;
  }

  async handle(command: LegCommand): Promise<void> {
    switch (command.type) {
      case "offer-leg": {
        const peer = await this.#open(command);
        return peer?.offer();
      }
      case "answer-leg": {
        const checked = checkRemote(command, "offer");
        if (!checked.ok) return this.#failed(command.leg, checked.why);
        const peer = await this.#open(command);
        return peer?.answer(command);
      }
      case "complete-leg": {
        const peer = this.#peers.get(command.leg);
        return peer === undefined ? this.#failed(command.leg, "internal") : peer.complete(command);
      }
      // Of a leg that is gone meanwhile nothing can be renewed.
      case "renew-leg":
        return this.#peers.get(command.leg)?.renew(command.round, command.iceServers);
      case "answer-renewal":
        return this.#peers.get(command.leg)?.answerRenewal(command.round, command, command.iceServers);
      case "complete-renewal":
        return this.#peers.get(command.leg)?.completeRenewal(command.round, command);
      case "close-leg":
        return this.#close(command.leg);
    }
  }

  get present(): boolean {
    return this.#peers.size > 0;
  }

  send(frame: Frame16k | null): void {
    for (const peer of this.#peers.values()) peer.send(frame);
  }

  read(out: Frame16k): boolean {
    let read = 0;
    for (const peer of this.#peers.values()) {
      if (!peer.read(read === 0 ? out : this.#part)) continue;
      if (read > 0)
        for (let index = 0; index < FRAME_SAMPLES; index += 1)
          out[index] = saturate((out[index] ?? 0) + (this.#part[index] ?? 0));
      read += 1;
    }
    return read > 0;
  }

  /** As dispose; resolves when what it closed may go: the other ends know by then that nobody is to send there. */
  async leave(): Promise<void> {
    const { present } = this;
    this[Symbol.dispose]();
    if (present) await new Promise<void>((resolve) => this.#options.clock.after(LINGER_MS, resolve));
  }

  [Symbol.dispose](): void {
    for (const peer of this.#peers.values()) peer[Symbol.dispose]();
    this.#peers.clear();
    this.#opening.clear();
  }

  async #open(command: Extract<LegCommand, { iceServers: unknown }>): Promise<Peer | null> {
    const { leg, iceServers } = command;
    if (this.#peers.has(leg) || this.#opening.has(leg) || this.#peers.size + this.#opening.size >= MOST_LEGS) {
      this.#failed(leg, "internal");
      return null;
    }
    this.#opening.add(leg);
    try {
      const wrtc = await this.#options.loadWrtc();
      // Closed while the library was loading.
      if (!this.#opening.has(leg)) return null;
      const onEvent = (event: LegEvent): void => this.#report(leg, event);
      const { clock, srtpOnly = false } = this.#options;
      const peer = new Peer({ clock, wrtc, iceServers, srtpOnly, onEvent });
      this.#peers.set(leg, peer);
      return peer;
    } catch {
      // The library is missing, or it refuses the relay's address.
      this.#failed(leg, "internal");
      return null;
    } finally {
      this.#opening.delete(leg);
    }
  }

  #close(leg: string): void {
    this.#opening.delete(leg);
    this.#peers.get(leg)?.[Symbol.dispose]();
    this.#peers.delete(leg);
  }

  #failed(leg: string, why: Extract<Report, { type: "leg-failed" }>["why"]): void {
    this.#options.report({ type: "leg-failed", leg, why });
  }

  #report(leg: string, event: LegEvent): void {
    const { report } = this.#options;
    switch (event.type) {
      case "offer":
        report({ type: "leg-offer", leg, sdp: event.sdp, fingerprint: event.fingerprint });
        break;
      case "answer":
        report({ type: "leg-answer", leg, sdp: event.sdp, fingerprint: event.fingerprint });
        break;
      case "connected":
        report({ type: "leg-connected", leg });
        break;
      case "sound":
        report({ type: "leg-sound", leg, atMs: event.atMs });
        break;
      case "silent":
        report({ type: "leg-silent", leg });
        break;
      case "alive":
        report({ type: "leg-alive", leg });
        break;
      case "renewal":
        report({ type: "leg-renewal", leg, round: event.round, sdp: event.sdp, fingerprint: event.fingerprint });
        break;
      case "renewed":
        report({ type: "leg-renewed", leg, round: event.round, sdp: event.sdp, fingerprint: event.fingerprint });
        break;
      case "failed":
        this.#peers.delete(leg);
        this.#failed(leg, event.why);
    }
  }
}
