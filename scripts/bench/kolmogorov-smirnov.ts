/**
 * The two-sample test of Kolmogorov and Smirnov. `distance`: the largest gap between the two empirical distributions,
 * 0 to 1. `p`: how likely a gap of that size or more is where both samples come from one distribution.
 */
export type Comparison = Readonly<{ distance: number; p: number }>;

/**
 * The p is exact, not asymptotic: every way of dealing the pooled values into two samples of these sizes counts once.
 * Ties are no trouble: equal values are pooled, and a gap is looked at only where one run of equal values ends
 * (Schröer and Trenkler 1995). Costs one step for each pair of ranks: a million for two samples of 1,000, some 5 ms.
 */
export function compareSamples(one: readonly number[], other: readonly number[]): Comparison {
  const [n, m] = [one.length, other.length];
  if (n === 0 || m === 0) throw new RangeError("a sample without values cannot be compared");
  const { gap, isEnd } = largestGap(one, other);
  return { distance: gap / (n * m), p: tail(n, m, gap, isEnd) };
}

/** From which distance on the p of two samples without ties, of these sizes, is `alpha` or less; above 1: from none. */
export function criticalDistance(n: number, m: number, alpha: number): number {
  let [low, high] = [0, n * m + 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (tail(n, m, middle, null) <= alpha) high = middle;
    else low = middle;
  }
  return high / (n * m);
}

/** `distance` alone, of samples that are sorted already. */
export function distanceOfSorted(one: Float64Array, other: Float64Array): number {
  let [i, j, gap] = [0, 0, 0];
  while (i < one.length && j < other.length) {
    const value = Math.min(one[i] ?? Number.NaN, other[j] ?? Number.NaN);
    while (one[i] === value) i += 1;
    while (other[j] === value) j += 1;
    gap = Math.max(gap, Math.abs(i * other.length - j * one.length));
  }
  return gap / (one.length * other.length);
}

type Gap = Readonly<{
  /** The distance times both sizes: a whole number. */
  gap: number;
  /** By how many of the pooled values lie behind: does a run of equal values end there? */
  isEnd: Uint8Array;
}>;

function largestGap(one: readonly number[], other: readonly number[]): Gap {
  const a = Float64Array.from(one).toSorted();
  const b = Float64Array.from(other).toSorted();
  if (Number.isNaN(a.at(-1)) || Number.isNaN(b.at(-1))) throw new RangeError("not a number in a sample");
  const pooled = Float64Array.from([...a, ...b]).toSorted();
  const isEnd = Uint8Array.from({ length: pooled.length + 1 }, (_, k) => (pooled[k - 1] === pooled[k] ? 0 : 1));
  return { gap: Math.round(distanceOfSorted(a, b) * a.length * b.length), isEnd };
}

/**
 * The share of all lattice paths from (0, 0) to (n, m) that reach |i·m − j·n| ≥ gap at the end of a run. Of the paths
 * to (i, j), i in i + j come from (i − 1, j): so the share is summed forwards, and a tiny one loses no digits.
 */
function tail(n: number, m: number, gap: number, isEnd: Uint8Array | null): number {
  if (gap <= 0) return 1;
  const share = new Float64Array(m + 1);
  for (let i = 0; i <= n; i += 1) {
    for (let j = 0; j <= m; j += 1) {
      const k = i + j;
      const reached = k > 0 && Math.abs(i * m - j * n) >= gap && (isEnd === null || isEnd[k] === 1);
      const fromAbove = i > 0 ? (i / k) * (share[j] ?? 0) : 0;
      const fromLeft = j > 0 ? (j / k) * (share[j - 1] ?? 0) : 0;
      share[j] = reached ? 1 : fromAbove + fromLeft;
    }
  }
  return share[m] ?? Number.NaN;
}
