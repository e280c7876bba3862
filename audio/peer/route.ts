import type { Arrival } from "./adaptation.ts";

/** A packet that the other end has not told of so long after it should have: the channel is stuck. */
const STUCK_MS = 150;
/** While sound goes by SRTP, little goes by the channel that could be told of. */
const STUCK_IDLE_MS = 300;
/** SCTP takes loss for a narrow link. Where it is told of late, that holds up what is not lost. */
const MOST_LOST_SHARE = 0.25;
const MOST_LOST_SHARE_MS = 20;
/** How long not to try again, at first and at most. */
const HOLD_MS = 10_000;
const MOST_HOLD_MS = 160_000;
/** Before anything was told of. */
const MOST_ROUND_TRIP_MS = 600;
/** The channel has to be well for so long before sound goes by it again. */
const WELL_MS = 1_000;

/**
 * Which way sound leaves: by the channel, whose delay is ours to keep low, as long as it keeps up; else by SRTP, which
 * loses what is late and waits for nothing. Decides by what the other end tells of arrivals, never by what is said. Pure.
 */
export class Route {
  #byChannel = false;
  #holdUntilMs = 0;
  #holdMs = HOLD_MS;
  #wellFromMs: number | null = null;
  #leastRoundTripMs = Number.POSITIVE_INFINITY;

  get byChannel(): boolean {
    return this.#byChannel;
  }

  /** The channel is open: nothing is known against it. */
  opened(): void {
    this.#byChannel = true;
  }

  /** The channel is closed for good. */
  closed(): void {
    this.#byChannel = false;
    this.#holdUntilMs = Number.POSITIVE_INFINITY;
  }

  /** A packet was told of after so long. */
  told(roundTripMs: number): void {
    // A path may change for a longer one.
    this.#leastRoundTripMs = Math.min(this.#leastRoundTripMs + 0.1, roundTripMs);
  }

  /** Every 10 ms: how long ago the oldest packet left that the other end has not told of; 0 where it told of all. */
  tick(nowMs: number, untoldMs: number, mayReturn: boolean): void {
    const patienceMs = this.#byChannel ? STUCK_MS : STUCK_IDLE_MS;
    const isStuck = untoldMs > Math.min(this.#leastRoundTripMs, MOST_ROUND_TRIP_MS) + patienceMs;
    if (this.#byChannel) {
      if (isStuck) this.#leave(nowMs);
      return;
    }
    if (isStuck || !mayReturn) this.#wellFromMs = null;
    else this.#wellFromMs ??= nowMs;
    if (this.#wellFromMs === null || nowMs < this.#holdUntilMs || nowMs - this.#wellFromMs < WELL_MS) return;
    this.#byChannel = true;
  }

  /** What was lost of our packets lately, whichever way. */
  hear(nowMs: number, { lostShare, roundTripMs }: Arrival): void {
    const isBad = lostShare > MOST_LOST_SHARE || lostShare * (roundTripMs ?? 0) > MOST_LOST_SHARE_MS;
    if (isBad && this.#byChannel) this.#leave(nowMs);
    else if (isBad) this.#holdUntilMs = Math.max(this.#holdUntilMs, nowMs + HOLD_MS);
  }

  #leave(nowMs: number): void {
    this.#byChannel = false;
    this.#wellFromMs = null;
    this.#holdUntilMs = nowMs + this.#holdMs;
    this.#holdMs = Math.min(2 * this.#holdMs, MOST_HOLD_MS);
  }
}
