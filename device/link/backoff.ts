/** How long to wait before the next attempt to connect, in ms. */
export type Backoff = Readonly<{ firstMs: number; factor: number; longestMs: number }>;

export const BACKOFF: Backoff = { firstMs: 500, factor: 2, longestMs: 10_000 };

/**
 * Exponential with half of it left to chance, so that units do not come back in step after a hub's restart.
 * `attempt` counts from 0; `chance` lies in [0, 1).
 */
export function waitBefore(attempt: number, chance: number, backoff: Backoff = BACKOFF): number {
  const fullMs = Math.min(backoff.longestMs, backoff.firstMs * backoff.factor ** Math.max(0, attempt));
  return Math.round(fullMs / 2 + (fullMs / 2) * chance);
}
