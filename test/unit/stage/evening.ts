import type { TimelineLine } from "#device/control/requests.ts";
import type { PageData, PageHome, PageStep } from "../../../scripts/stage/page.ts";

export const START_MS = Date.UTC(2026, 10, 23, 18, 0, 0);
const RATE_HZ = 16_000;

type Told = readonly [atS: number, event: string, detail?: TimelineLine["detail"]];
/** From and to, in seconds. */
type Stretch = readonly [fromS: number, toS: number];

/** A sound like speech in loudness: syllables of noise, silence in between. */
export function sound(lengthS: number, stretches: readonly Stretch[]): Int16Array {
  const samples = new Int16Array(lengthS * RATE_HZ);
  let seed = 1;
  for (const [fromS, toS] of stretches) {
    for (let at = Math.round(fromS * RATE_HZ); at < toS * RATE_HZ && at < samples.length; at++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const syllable = Math.sin((at / RATE_HZ) * Math.PI * 4) ** 2 * (0.6 + 0.4 * Math.sin(at / 9_000));
      samples[at] = (seed / 2_147_483_648 - 0.5) * 16_000 * syllable;
    }
  }
  return samples;
}

export function timeline(...lines: readonly Told[]): TimelineLine[] {
  return lines.map(([atS, event, detail]) => ({ at: START_MS + atS * 1_000, event, ...(detail && { detail }) }));
}

export function home(
  name: string,
  {
    lines = [] as readonly Told[],
    people = [] as readonly Stretch[],
    loudspeaker = [] as readonly Stretch[],
    lengthS = 60,
  },
): PageHome {
  const heard = timeline(...lines);
  return {
    name,
    recordings: [
      {
        startedMs: START_MS,
        people: sound(lengthS, people),
        loudspeaker: sound(lengthS, loudspeaker),
        wav: `${name.toLowerCase()}/room.wav`,
      },
    ],
    lights: [],
    timeline: heard,
  };
}

export function step(name: string, fromS: number, toS: number, more: Partial<PageStep> = {}): PageStep {
  return {
    name,
    ok: true,
    atMs: START_MS + fromS * 1_000,
    ms: (toS - fromS) * 1_000,
    detail: "as it should be",
    ...more,
  };
}

export function evening(more: Partial<PageData> = {}): PageData {
  return {
    ok: true,
    startedMs: START_MS,
    endedMs: START_MS + 60_000,
    steps: [],
    homes: [],
    figures: [],
    unplugged: "",
    ...more,
  };
}
