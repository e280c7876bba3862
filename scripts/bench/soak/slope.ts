export type Point = Readonly<{ x: number; y: number }>;

/** How `y` goes with `x`: the slope, and between which bounds it lies with 95 % confidence. */
export type Slope = Readonly<{ value: number; low: number; high: number }>;

/** Memory moves in steps and saw teeth; means over so many stretches move less. */
const BLOCKS = 25;
/** Fewer means than these allow no bounds; and no correlation makes them worth less, or nothing could ever be said. */
const LEAST_POINTS = 5;

/**
 * The least-squares line through block means. Neighbours among them are alike (memory stays as it was), which would
 * make the bounds too narrow: as many points count as an AR(1) process with the residuals' own correlation is worth,
 * n(1 − r)/(1 + r) (Bartlett 1935; Santer et al. 2000, J. Geophys. Res. 105, eq. 6). Points are in the order of `x`.
 */
export function slopeOf(points: readonly Point[]): Slope {
  const means = blockMeans(points);
  const meanX = meanOf(means.map(({ x }) => x));
  const meanY = meanOf(means.map(({ y }) => y));
  const spread = sumOf(means.map(({ x }) => (x - meanX) ** 2));
  const value = sumOf(means.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread;
  const residuals = means.map(({ x, y }) => y - meanY - value * (x - meanX));
  const freedom = Math.max(LEAST_POINTS, worthOf(residuals)) - 2;
  if (!(spread > 0) || means.length < LEAST_POINTS) return { value, low: -Infinity, high: Infinity };
  const error = Math.sqrt(sumOf(residuals.map((each) => each ** 2)) / freedom / spread);
  const reach = studentT(freedom) * error;
  return { value, low: value - reach, high: value + reach };
}

/** It grows, with 97.5 % confidence. */
export function grows({ low }: Slope): boolean {
  return low > 0;
}

function blockMeans(points: readonly Point[]): Point[] {
  const count = Math.min(BLOCKS, points.length);
  return Array.from({ length: count }, (_, block) => {
    const part = points.slice(
      Math.floor((block * points.length) / count),
      Math.floor(((block + 1) * points.length) / count),
    );
    return { x: meanOf(part.map(({ x }) => x)), y: meanOf(part.map(({ y }) => y)) };
  });
}

/** How many independent points these are worth. */
function worthOf(residuals: readonly number[]): number {
  const power = sumOf(residuals.map((each) => each ** 2));
  if (power === 0) return residuals.length;
  const lagged = sumOf(residuals.slice(1).map((each, before) => each * (residuals[before] ?? 0)));
  const correlation = Math.max(0, lagged / power);
  return (residuals.length * (1 - correlation)) / (1 + correlation);
}

/** The 97.5 % quantile of Student's t, by its expansion about the normal one (Abramowitz and Stegun, 26.7.5). */
function studentT(freedom: number): number {
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  );
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}
