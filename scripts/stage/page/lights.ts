import type { PageHome } from "./data.ts";
import { clipped, gapsBetween, type Span } from "./span.ts";
import { spanOfRecording } from "./waveform.ts";

export type Shining = Span & Readonly<{ scene: string }>;

/**
 * What the lights showed, without the dark in between. The board's own list is taken together with what the unit told:
 * a unit that was started again has forgotten what its lights did before. Where nothing ran, nothing shone.
 */
export function shining(home: PageHome, span: Span): Shining[] {
  const told = home.timeline
    .filter(({ event }) => event === "show" || event === "show-guest")
    .map(({ at, detail }) => ({ atMs: at, scene: String(detail?.scene ?? "off") }));
  const ends = notRecorded(home, span).map(({ fromMs }) => ({ atMs: fromMs, scene: "off" }));
  const changes = [...ends, ...home.lights, ...told].toSorted((a, b) => a.atMs - b.atMs);
  const shone: Shining[] = [];
  for (const [at, { scene, atMs }] of changes.entries()) {
    const part = clipped({ fromMs: atMs, toMs: changes[at + 1]?.atMs ?? span.toMs }, span);
    if (!part || scene === "off") continue;
    const last = shone.at(-1);
    if (last?.scene === scene && last.toMs === part.fromMs) shone[shone.length - 1] = { ...last, toMs: part.toMs };
    else shone.push({ ...part, scene });
  }
  return shone;
}

/** Shorter than this, a gap is how late a recording began, and nobody missed anything. */
const LEAST_GAP_MS = 300;

/** When the home's unit was not running, as far as its recordings tell. */
export function notRecorded(home: PageHome, span: Span): Span[] {
  const gaps = gapsBetween(home.recordings.map(spanOfRecording), span);
  return gaps.filter(({ fromMs, toMs }) => toMs - fromMs >= LEAST_GAP_MS);
}
