import type { Held, Line, Who } from "./samples.ts";
import { grows, type Slope, slopeOf } from "./slope.ts";

/** Until then code is compiled, and libraries, heaps and caches grow to what they need; of a short soak, a third. */
const WARM_UP_MS = 20 * 60_000;
/** MB an hour. A soak in which such a leak would be lost among the wandering of memory shows nothing. */
const LEAST_LEAK = 2;
/** A slope over less than this says nothing of an hour. */
const LEAST_JUDGED_MS = 20 * 60_000;
const HOUR_MS = 3_600_000;
/** A hub that is killed now and then starts from the beginning each time. */
const JUDGED: readonly Who[] = ["Ana's brain", "Ana's audio", "Ben's brain", "Ben's audio"];

export type Life = Readonly<{
  who: Who;
  hours: number;
  /** MB an hour, after the warm-up. */
  memory: Slope;
  /** `unknown`: it did not last long enough to say; `noisy`: too uneven to say. */
  verdict: "flat" | "grows" | "noisy" | "unknown";
  first: Held;
  last: Held;
  /** Of one core, over all of it. */
  cpuPercent: number;
  /** For a plot: hours since the start, MB. */
  points: readonly (readonly [hours: number, memoryMb: number])[];
}>;

export type SoakVerdict = Readonly<{
  hours: number;
  rounds: number;
  faults: readonly string[];
  crashes: readonly Who[];
  lives: readonly Life[];
  passed: boolean;
}>;

/** With which a soak begins: what of it is not judged, and for how long of that the rounds are dense. */
export function warmUpOf(lastsMs: number): Readonly<{ lastsMs: number; denseMs: number }> {
  const warmUpMs = Math.min(WARM_UP_MS, lastsMs / 3);
  return { lastsMs: warmUpMs, denseMs: warmUpMs * 0.6 };
}

/** What a soak shows. Its time is that in which it ran: pauses between runs do not count. */
export function judgeSoak(lines: readonly Line[]): SoakVerdict {
  const rounds = lines.filter((line) => line.what === "round");
  const crashes = lines.flatMap((line) => (line.what === "crash" ? [line.who] : []));
  const lives = JUDGED.flatMap((who) => longestLife(lines, who) ?? []);
  const faults = rounds.flatMap(({ fault }) => fault ?? []);
  const isFlat = lives.length > 0 && lives.every(({ verdict }) => verdict === "flat" || verdict === "unknown");
  return {
    hours: ranMs(lines) / HOUR_MS,
    rounds: rounds.length,
    faults,
    crashes,
    lives,
    passed: crashes.length === 0 && isFlat && rounds.length > 0 && faults.length <= mostFaults(rounds.length),
  };
}

/** Not every word is understood; but most must be, or nothing was soaked. */
function mostFaults(rounds: number): number {
  return Math.max(1, Math.floor(rounds * 0.05));
}

type Sampled = Readonly<{ atMs: number; held: Held }>;

function longestLife(lines: readonly Line[], who: Who): Life | null {
  const byPid = new Map<string, Sampled[]>();
  let run = 0;
  for (const line of lines) {
    if (line.what === "start") run += 1;
    if (line.what !== "sample") continue;
    const held = line.held.find((each) => each.who === who);
    if (!held) continue;
    const key = `${run} ${held.pid}`;
    const life = byPid.get(key) ?? [];
    life.push({ atMs: line.atMs, held });
    byPid.set(key, life);
  }
  const [longest] = [...byPid.values()].toSorted((a, b) => spanMs(b) - spanMs(a));
  const [first, last] = [longest?.[0], longest?.at(-1)];
  if (!longest || !first || !last || spanMs(longest) === 0) return null;
  const fromMs = Math.max(warmSince(lines, first.atMs), first.atMs + warmUpOf(spanMs(longest)).lastsMs);
  const points = longest.map(({ atMs, held }) => [(atMs - first.atMs) / HOUR_MS, held.memoryMb] as const);
  const settled = longest.filter(({ atMs }) => atMs >= fromMs);
  const memory = slopeOf(settled.map(({ atMs, held }) => ({ x: atMs / HOUR_MS, y: held.memoryMb })));
  const known = spanMs(settled) >= LEAST_JUDGED_MS && Number.isFinite(memory.low) && Number.isFinite(memory.high);
  return {
    who,
    hours: spanMs(longest) / HOUR_MS,
    memory,
    verdict: known ? told(memory) : "unknown",
    first: first.held,
    last: last.held,
    cpuPercent: ((last.held.cpuMs - first.held.cpuMs) / spanMs(longest)) * 100,
    points: thinned(points),
  };
}

function told(memory: Slope): Life["verdict"] {
  if (grows(memory)) return "grows";
  return leastSeen(memory) <= LEAST_LEAK ? "flat" : "noisy";
}

/** The least slope that would be told from zero: a leak adds a straight line, which moves the bounds and nothing else. */
export function leastSeen({ value, low }: Slope): number {
  return value - low;
}

/** When the warm-up ended within which this life began; its own beginning, where it began later. */
function warmSince(lines: readonly Line[], bornMs: number): number {
  const started = lines.findLast((line) => line.what === "start" && line.atMs <= bornMs)?.atMs ?? bornMs;
  const over = lines.find((line) => (line.what === "warm" || line.what === "start") && line.atMs > started);
  return over?.what === "warm" ? Math.max(over.atMs, bornMs) : bornMs;
}

function spanMs(sampled: readonly Sampled[]): number {
  return (sampled.at(-1)?.atMs ?? 0) - (sampled[0]?.atMs ?? 0);
}

function ranMs(lines: readonly Line[]): number {
  let ran = 0;
  for (const [at, line] of lines.entries()) {
    const before = lines[at - 1];
    if (before && line.what !== "start") ran += line.atMs - before.atMs;
  }
  return ran;
}

const MOST_POINTS = 240;

/** Every nth: a plot has no room for more. */
function thinned<T>(points: readonly T[]): T[] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, at) => at % every === 0);
}
