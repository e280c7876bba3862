/**
 * How far this machine's wall clock is ahead of another's, from what that one said it showed: it answered some time
 * between question and answer, so each answer narrows the offset down, and one that contradicts those before it means
 * that a clock was set. Cristian, "Probabilistic clock synchronization" (1989).
 */
export class ClockOffset {
  #leastMs = Number.NEGATIVE_INFINITY;
  #mostMs = Number.POSITIVE_INFINITY;

  /** Asked and answered by our clock; `theirsMs`: what theirs showed in between. */
  see({ askedMs, answeredMs, theirsMs }: Readonly<{ askedMs: number; answeredMs: number; theirsMs: number }>): void {
    const [leastMs, mostMs] = [askedMs - theirsMs, answeredMs - theirsMs];
    const isSet = leastMs > this.#mostMs || mostMs < this.#leastMs;
    this.#leastMs = isSet ? leastMs : Math.max(leastMs, this.#leastMs);
    this.#mostMs = isSet ? mostMs : Math.min(mostMs, this.#mostMs);
  }

  /** NaN before anything was seen. */
  get aheadMs(): number {
    return (this.#leastMs + this.#mostMs) / 2;
  }
}
