import { type Measured, percentile, type Series } from "../report.ts";

/** What a part of the benchmark found. */
export type Found = Readonly<{ measured: readonly Measured[]; series: readonly Series[] }>;

/** Every `every`th. */
export function taken<T>(all: readonly T[], every: number): T[] {
  return all.filter((_, at) => at % every === 0);
}

/** How many per cent of `all` are `counted`. */
export function share<T>(what: string, all: readonly T[], counted: T): Measured {
  const value = (100 * all.filter((each) => each === counted).length) / Math.max(1, all.length);
  return { what, value, unit: "%", budget: null };
}

export function count(what: string, value: number): Measured {
  return { what, value, unit: "count", budget: null };
}

/** Thresholds that are tried in a series. */
const LEAST_SCORE = -8;
const SCORE_STEP = 0.25;

/** How the recogniser's scores lie: what a threshold would keep. Nothing where there are none. */
export function scores(what: string, all: readonly number[]): Found {
  if (all.length === 0) return { measured: [], series: [] };
  const sorted = Float64Array.from(all);
  const measured = [5, 50, 95].map(
    (percent): Measured => ({
      what: `${what}: score, ${percent} % are below`,
      value: percentile(sorted, percent),
      unit: "score",
      budget: null,
    }),
  );
  const points: (readonly [number, number])[] = [];
  for (let least = LEAST_SCORE; least <= 0; least += SCORE_STEP)
    points.push([least, (100 * all.filter((score) => score >= least).length) / all.length]);
  return { measured, series: [{ what: `${what}: at this score or above`, unit: "%", x: "score", points }] };
}
