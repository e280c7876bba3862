import { SENDING, type Sending } from "./sdp.ts";

/** What the other end told of our packets lately (RFC 3550 §6.4.1). */
export type Arrival = Readonly<{ lostShare: number /** Null: not measured yet. */; roundTripMs: number | null }>;

/** From wide to narrow: 120, 80, 62 and 44 kbit/s on the wire, measured through a relay with all headers. */
export const STEPS: readonly Sending[] = [
  SENDING,
  { packetMs: 20, twice: true, bitPerS: 24_000 },
  { packetMs: 20, twice: true, bitPerS: 16_000 },
  { packetMs: 20, twice: false, bitPerS: 16_000 },
];

/** A link that carries less than is sent loses packets and holds up the rest. Loss alone is mended by sending twice, */
const NARROW_LOST_SHARE = 0.03;
/** unless there is so much of it that it must be the link; then one step less would not do. */
const MUCH_LOST_SHARE = 0.3;
const NARROW_ROUND_TRIP_MS = 60;
/** A queue that was full from the start leaves nothing to compare with. */
const FULL_ROUND_TRIP_MS = 150;
/** A new path may be longer: what was least is believed less with each report. */
const FORGET_MS = 2;
/** A report comes every 5 s: so many good ones before more is tried, and each time it was too much, twice as many. */
const GOOD_REPORTS = 4;
const MOST_GOOD_REPORTS = 64;

/**
 * How to send, by what arrives at the other end and by nothing else: never by what is said, so that the size and rhythm
 * of packets tell whoever watches of the network alone (RFC 6562). Pure.
 */
export class Adaptation {
  #step = 0;
  #leastRoundTripMs = Number.POSITIVE_INFINITY;
  #good = 0;
  #wanted = GOOD_REPORTS;

  get sending(): Sending {
    return STEPS[this.#step] ?? SENDING;
  }

  /** Nothing narrow was found on the way. */
  get isWide(): boolean {
    return this.#step === 0;
  }

  /** Takes one report; true where `sending` is another now. */
  hear({ lostShare, roundTripMs }: Arrival): boolean {
    const isLossy = lostShare > NARROW_LOST_SHARE;
    if (lostShare > MUCH_LOST_SHARE || (this.#isHeldUp(roundTripMs) && isLossy)) {
      if (this.#good > 0) this.#wanted = Math.min(2 * this.#wanted, MOST_GOOD_REPORTS);
      this.#good = 0;
      return this.#move(lostShare > MUCH_LOST_SHARE ? 2 : 1);
    }
    if (this.#step === 0) return false;
    this.#good = isLossy ? 0 : this.#good + 1;
    if (this.#good < this.#wanted) return false;
    this.#good = 1;
    return this.#move(-1);
  }

  #isHeldUp(roundTripMs: number | null): boolean {
    if (roundTripMs === null) return false;
    this.#leastRoundTripMs = Math.min(this.#leastRoundTripMs + FORGET_MS, roundTripMs);
    return roundTripMs > Math.min(this.#leastRoundTripMs + NARROW_ROUND_TRIP_MS, FULL_ROUND_TRIP_MS);
  }

  #move(by: number): boolean {
    const before = this.#step;
    this.#step = Math.max(0, Math.min(before + by, STEPS.length - 1));
    return this.#step !== before;
  }
}
