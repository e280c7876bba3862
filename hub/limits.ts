/** A token bucket (pure): `burst` at once, `perSecond` for ever. Time is monotonic milliseconds. */
export type Rate = Readonly<{ burst: number; perSecond: number }>;
export type Bucket = Readonly<{ tokens: number; atMs: number }>;

export function fullBucket(rate: Rate, nowMs: number): Bucket {
  return { tokens: rate.burst, atMs: nowMs };
}

/** Takes one token where there is one. */
export function take(bucket: Bucket, rate: Rate, nowMs: number): [Bucket, taken: boolean] {
  const tokens = refilled(bucket, rate, nowMs);
  return tokens >= 1 ? [{ tokens: tokens - 1, atMs: nowMs }, true] : [{ tokens, atMs: nowMs }, false];
}

function refilled(bucket: Bucket, rate: Rate, nowMs: number): number {
  const passedS = Math.max(0, nowMs - bucket.atMs) / 1_000;
  return Math.min(rate.burst, bucket.tokens + passedS * rate.perSecond);
}

/** One bucket a key. Full ones are forgotten, so that strangers cannot fill the memory. */
export class Buckets {
  readonly #rate: Rate;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, most = 10_000) {
    this.#rate = rate;
    this.#most = most;
  }

  take(key: string, nowMs: number): boolean {
    const [bucket, taken] = take(this.#buckets.get(key) ?? fullBucket(this.#rate, nowMs), this.#rate, nowMs);
    this.#buckets.delete(key); // to the end: the map's order is that of last use
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#most) this.#forget(nowMs);
    return taken;
  }

  #forget(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) {
      const full = refilled(bucket, this.#rate, nowMs) >= this.#rate.burst;
      if (full || this.#buckets.size > this.#most) this.#buckets.delete(key);
      else return;
    }
  }
}
