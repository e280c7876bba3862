/** A stretch of wall-clock time: the start is inside, the end is not. */
export type Span = Readonly<{ fromMs: number; toMs: number }>;

const LEAST_MS = 1_000;
const MOST_MS = 86_400_000;
/** The last moment that a date can name (ECMA-262, "Time Values and Time Range"). */
const LAST_MS = 8.64e15;

/** Makes a span of any two numbers: never empty, never backwards, at most a day. */
export function spanOf(fromMs: number, toMs: number): Span {
  const from = Number.isFinite(fromMs) ? Math.max(-LAST_MS, Math.min(LAST_MS - MOST_MS, fromMs)) : 0;
  const length = Number.isFinite(toMs) ? Math.min(MOST_MS, toMs - from) : 0;
  return { fromMs: from, toMs: from + Math.max(LEAST_MS, length) };
}

export function within({ fromMs, toMs }: Span, atMs: number): boolean {
  return atMs >= fromMs && atMs < toMs;
}

/** What of `part` lies in `whole`; null where nothing does. */
export function clipped(part: Span, whole: Span): Span | null {
  const fromMs = Math.max(part.fromMs, whole.fromMs);
  const toMs = Math.min(part.toMs, whole.toMs);
  return toMs > fromMs ? { fromMs, toMs } : null;
}

/** What of `whole` no part covers, in order. */
export function gapsBetween(parts: readonly Span[], whole: Span): Span[] {
  const gaps: Span[] = [];
  let atMs = whole.fromMs;
  for (const { fromMs, toMs } of parts.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs > atMs) gaps.push({ fromMs: atMs, toMs: Math.min(fromMs, whole.toMs) });
    atMs = Math.max(atMs, toMs);
    if (atMs >= whole.toMs) return gaps;
  }
  gaps.push({ fromMs: atMs, toMs: whole.toMs });
  return gaps;
}

/** Equal pieces, none longer than `longestMs` unless they would be more than `most`. */
export function pieces({ fromMs, toMs }: Span, longestMs: number, most: number): Span[] {
  const count = Math.min(most, Math.ceil((toMs - fromMs) / longestMs));
  const eachMs = (toMs - fromMs) / count;
  return Array.from({ length: count }, (_, at) => ({ fromMs: fromMs + at * eachMs, toMs: fromMs + (at + 1) * eachMs }));
}
