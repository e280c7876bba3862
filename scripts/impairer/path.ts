import * as v from "valibot";

const Percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));
const Ms = v.pipe(v.number(), v.minValue(0), v.maxValue(60_000));

/** What one direction of a network does to packets; without any of it, nothing. */
export const Conditions = v.strictObject({
  /** Of all packets, in the long run. */
  lossPercent: v.optional(Percent, 0),
  /** How many are lost one after the other, each time. */
  burst: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 1),
  delayMs: v.optional(Ms, 0),
  /** Each packet is late by `delayMs` and up to this much more or less, evenly spread; never early. */
  jitterMs: v.optional(Ms, 0),
  /** Late packets hold up those behind them; without it they are overtaken. */
  keepsOrder: v.optional(v.boolean(), false),
  duplicatePercent: v.optional(Percent, 0),
  /** Null: as much as comes. Otherwise what comes too fast queues, for `queueMs` at most, and is lost beyond that. */
  kbitPerS: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1))), null),
  queueMs: v.optional(Ms, 200),
});
export type Conditions = v.InferInput<typeof Conditions>;

const BITS_PER_BYTE = 8;
/** What IPv4 and UDP add to each packet. */
export const HEADER_BYTES = 28;

/** One direction of a network. Pure: says when each packet arrives; time is handed in. */
export class Path {
  readonly #conditions: v.InferOutput<typeof Conditions>;
  readonly #random: () => number;
  #lostInRow = 0;
  #freeFromMs = 0;
  #lastArrivalMs = 0;

  constructor(conditions: Conditions, random: () => number) {
    this.#conditions = v.parse(Conditions, conditions);
    this.#random = random;
  }

  /** Calls `arrives` with the time of each arrival of a packet of so many bytes: none, one, or two where it doubles. */
  pass(nowMs: number, bytes: number, arrives: (atMs: number) => void): void {
    if (this.#loses()) return;
    const leavesMs = this.#leaves(nowMs, bytes);
    if (leavesMs === null) return;
    arrives(this.#arrival(leavesMs));
    if (this.#happens(this.#conditions.duplicatePercent)) arrives(this.#arrival(leavesMs));
  }

  #happens(percent: number): boolean {
    return percent > 0 && this.#random() * 100 < percent;
  }

  #loses(): boolean {
    const { lossPercent, burst } = this.#conditions;
    if (this.#lostInRow > 0) {
      this.#lostInRow -= 1;
      return true;
    }
    if (lossPercent === 0) return false;
    if (lossPercent < 100) {
      // A burst may begin after each packet that was not lost: so often that their length makes up the share.
      const share = lossPercent / 100;
      const begins = share / (burst * (1 - share) + share);
      if (this.#random() >= begins) return false;
    }
    this.#lostInRow = burst - 1;
    return true;
  }

  /** Null where the queue is full. */
  #leaves(nowMs: number, bytes: number): number | null {
    const { kbitPerS, queueMs } = this.#conditions;
    if (kbitPerS === null) return nowMs;
    const fromMs = Math.max(nowMs, this.#freeFromMs);
    if (fromMs - nowMs > queueMs) return null;
    this.#freeFromMs = fromMs + ((bytes + HEADER_BYTES) * BITS_PER_BYTE) / kbitPerS;
    return this.#freeFromMs;
  }

  #arrival(leavesMs: number): number {
    const { delayMs, jitterMs, keepsOrder } = this.#conditions;
    const jitter = jitterMs === 0 ? 0 : (2 * this.#random() - 1) * jitterMs;
    const arrivalMs = leavesMs + Math.max(0, delayMs + jitter);
    this.#lastArrivalMs = keepsOrder ? Math.max(arrivalMs, this.#lastArrivalMs) : arrivalMs;
    return this.#lastArrivalMs;
  }
}
