import { compareSamples, criticalDistance, distanceOfSorted } from "../kolmogorov-smirnov.ts";
import { percentile } from "../report.ts";
import { SITUATIONS, type Situation } from "./situations.ts";
import type { Trials } from "./stage.ts";

/** Of all the comparisons together, one in a hundred such tests may raise a false alarm. */
const FAMILY_WISE = 0.01;

export type Pair = Readonly<{ feature: string; one: Situation; other: Situation; distance: number; p: number }>;
export type Verdict = Readonly<{
  same: boolean;
  because: string;
  /** Below this a p counts: 0.01 divided by how many there are (Bonferroni). */
  threshold: number;
  /** Every feature of every two situations. */
  pairs: readonly Pair[];
  /** Sequences of packets that were seen; one where nothing differs. */
  shapes: readonly Readonly<{ shape: string; seen: Readonly<Record<Situation, number>> }>[];
}>;

/** Are all situations the same, byte for byte, and can none be told from another by any time? */
export function judge(trials: Trials): Verdict {
  const shapes = shapesIn(trials);
  const features = Object.keys(trials.blocked[0]?.times ?? {});
  const pairs = features.flatMap((feature) => comparePairs(trials, feature));
  const threshold = FAMILY_WISE / pairs.length;
  const apart = pairs.filter(({ p }) => p <= threshold).toSorted((a, b) => a.p - b.p);
  const because = [
    ...(shapes.length === 1 ? [] : [differing(shapes.map(({ shape }) => shape))]),
    ...apart.slice(0, 3).map(describe),
  ];
  return {
    same: because.length === 0,
    because: because.join("; ") || "alike in bytes and times",
    threshold,
    pairs,
    shapes,
  };
}

/** The pair that was nearest to being told apart, of each feature. */
export function worstByFeature({ pairs }: Verdict): Pair[] {
  const worst = new Map<string, Pair>();
  for (const pair of pairs) if (pair.p < (worst.get(pair.feature)?.p ?? 2)) worst.set(pair.feature, pair);
  return [...worst.values()];
}

/**
 * How much later all times of one situation would have to be to be caught in 9 of 10 runs of so many trials: found by
 * dealing two samples out of all that was measured and moving one. Milliseconds; infinite where no shift would be.
 */
export function detectableShiftMs(trials: Trials, feature: string, count: number, random: () => number): number {
  const comparisons = pairsOf().length * Object.keys(trials.blocked[0]?.times ?? {}).length;
  const critical = criticalDistance(count, count, FAMILY_WISE / comparisons);
  const all = SITUATIONS.flatMap((situation) => timesOf(trials, situation, feature));
  const draw = () => Float64Array.from({ length: count }, () => all[Math.floor(random() * all.length)] ?? 0).toSorted();
  const shifts = Float64Array.from({ length: RUNS }, () => {
    const [one, other] = [draw(), draw()];
    let [low, high] = [0, MOST_SHIFT_MS];
    for (let halving = 0; halving < HALVINGS; halving += 1) {
      const middle = (low + high) / 2;
      const moved = other.map((value) => value + middle);
      if (distanceOfSorted(one, moved) >= critical) high = middle;
      else low = middle;
    }
    return high === MOST_SHIFT_MS ? Number.POSITIVE_INFINITY : high;
  });
  return percentile(shifts, 90);
}
const RUNS = 40;
const MOST_SHIFT_MS = 100;
const HALVINGS = 14;

function pairsOf(): (readonly [Situation, Situation])[] {
  return SITUATIONS.flatMap((one, at) => SITUATIONS.slice(at + 1).map((other) => [one, other] as const));
}

function comparePairs(trials: Trials, feature: string): Pair[] {
  const compare = (one: Situation, other: Situation) =>
    compareSamples(timesOf(trials, one, feature), timesOf(trials, other, feature));
  return pairsOf().map(([one, other]) => ({ feature, one, other, ...compare(one, other) }));
}

/** What never came comes last of all. */
function timesOf(trials: Trials, situation: Situation, feature: string): number[] {
  return trials[situation]
    .map(({ times }) => times[feature] ?? Number.NaN)
    .map((ms) => (Number.isNaN(ms) ? Infinity : ms));
}

function shapesIn(trials: Trials): Verdict["shapes"] {
  const shapes = new Map<string, Record<Situation, number>>();
  for (const situation of SITUATIONS) {
    for (const { shape } of trials[situation]) {
      const none = { blocked: 0, unknown: 0, quiet: 0, ignored: 0, unanswered: 0, unplugged: 0 };
      const seen = shapes.get(shape) ?? none;
      seen[situation] += 1;
      shapes.set(shape, seen);
    }
  }
  return [...shapes].map(([shape, seen]) => ({ shape, seen }));
}

function differing([first = "", second = "", ...more]: readonly string[]): string {
  const [a, b] = [first.split("\n"), second.split("\n")];
  const at = a.findIndex((line, index) => line !== b[index]);
  const where = at === -1 ? a.length : at;
  const others = more.length === 0 ? "" : ` (and ${more.length} more kinds of call)`;
  return `the packets differ: "${a[where] ?? "nothing"}" against "${b[where] ?? "nothing"}"${others}`;
}

export function describe({ feature, one, other, distance, p }: Pair): string {
  return `${feature}: ${one} and ${other} lie ${distance.toFixed(3)} apart, p = ${p.toExponential(1)}`;
}
