import { type Blocked, SILENCE_DBFS } from "./figures.ts";
import type { Home } from "./home.ts";
import { peakDbfs } from "./recording.ts";
import { publicationsIn } from "./trace.ts";

/** What came out of a home between two moments: its loudspeaker, its lights, and what its unit published. */
export async function whatCameOutOf(home: Home, fromMs: number, toMs: number): Promise<Blocked> {
  const samples = await home.recording.slice("loudspeaker", fromMs, toMs);
  if (samples.length < ((toMs - fromMs) / 1_000) * 8_000) throw new Error(`${home.name}'s recording has a hole`);
  const peak = peakDbfs(samples);
  const { changes } = await home.unit.ask({ do: "lights" });
  return {
    peakDbfs: Number.isFinite(peak) ? Math.round(peak * 10) / 10 : SILENCE_DBFS,
    lightChanges: changes.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).length,
    published: publicationsIn(home.tap.passed.filter(({ at }) => at >= fromMs && at <= toMs)),
  };
}

/** Fails where anything at all came out. */
export function mustBeNothing(what: string, { peakDbfs: peak, lightChanges, published }: Blocked): void {
  if (peak > SILENCE_DBFS || lightChanges > 0 || published > 0) {
    throw new Error(`${what}: ${peak} dBFS, ${lightChanges} light changes, ${published} published`);
  }
}
