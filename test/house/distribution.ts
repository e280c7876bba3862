/** The largest distance between two empirical distributions (Kolmogorov and Smirnov), from 0 to 1. */
export function distance(first: readonly number[], second: readonly number[]): number {
  const below = (sample: readonly number[], x: number) => sample.filter((value) => value <= x).length / sample.length;
  return Math.max(...[...first, ...second].map((x) => Math.abs(below(first, x) - below(second, x))));
}

/** Above this, two samples of one distribution lie once in 20,000 times (asymptotic, α = 2·exp(−2·2.3²)). */
export function suspiciousDistance(first: number, second: number): number {
  return 2.3 * Math.sqrt((first + second) / (first * second));
}

export function median(sample: readonly number[]): number {
  return sample.toSorted((a, b) => a - b)[Math.floor(sample.length / 2)] ?? Number.NaN;
}
