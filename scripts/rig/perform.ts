import type { PageHome, PageStep } from "#scripts/stage/page.ts";
import { Play } from "./play.ts";
import type { PlacedStep, Scenario } from "./scenario/read.ts";
import { Stage, type StageOptions, UNIT } from "./stage.ts";
import { storyOf } from "./story.ts";

/** How one step went; `detail`: what was seen, or what was not. */
export type Performed = PageStep & Readonly<{ line: number }>;

/** How one scenario went on one target. */
export type Performance = Readonly<{
  scenario: Scenario;
  ok: boolean;
  startedMs: number;
  endedMs: number;
  steps: readonly Performed[];
  homes: readonly PageHome[];
  /** Why it never came to the steps, or null. */
  fault: string | null;
  /** What the target lacks for it, so that it was not played; it is neither held nor broken then. Else null. */
  skipped: string | null;
}>;

export type PerformOptions = StageOptions & Readonly<{ path: string; onStep(step: Performed): void }>;

/** Of a scenario for which the target lacks something. */
export function skip(scenario: Scenario, why: string): Performance {
  const nowMs = Date.now();
  const nothing = { steps: [], homes: [], fault: null };
  return { scenario, ok: false, startedMs: nowMs, endedMs: nowMs, ...nothing, skipped: why };
}

/** Builds the stage, plays the scenario on it, and takes home what there was to see and hear. Never throws. */
export async function perform(options: PerformOptions): Promise<Performance> {
  const { scenario } = options;
  const startedMs = Date.now();
  const steps: Performed[] = [];
  let homes: readonly PageHome[] = [];
  let fault: string | null = null;
  try {
    await using stage = await Stage.build(options);
    const play = new Play(stage, options.path);
    for (const placed of scenario.steps) {
      const step = await performStep(play, placed);
      steps.push(step);
      options.onStep(step);
      // What follows stands on what came before.
      if (!step.ok) break;
    }
    homes = await homesOf(stage);
  } catch (error) {
    fault = messageOf(error);
  }
  const ok = fault === null && steps.length === scenario.steps.length && steps.every((step) => step.ok);
  return { scenario, ok, startedMs, endedMs: Date.now(), steps, homes, fault, skipped: null };
}

async function performStep(play: Play, { line, text, step }: PlacedStep): Promise<Performed> {
  const atMs = Date.now();
  const done = await play.step(step).then(
    (detail) => ({ ok: true, detail }),
    (error: unknown) => ({ ok: false, detail: messageOf(error) }),
  );
  return { line, name: text, atMs, ms: Date.now() - atMs, ...done };
}

async function homesOf({ unit, neighbours }: Stage): Promise<PageHome[]> {
  const told = unit.timeline.length > 0 ? unit.timeline : await storyOf(unit);
  const lights = await unit.lights().catch(() => []);
  const recordings = await unit.recordings();
  const own = { name: UNIT, lights, timeline: told, recordings: recordings.map((each) => ({ ...each, wav: "" })) };
  const others = neighbours.map(async (home) => {
    const { changes } = await home.unit.ask({ do: "lights" });
    await home.unit.ask({ do: "record", folder: null });
    const heard = home.recordings.map(async (recording) => {
      const [room, loudspeaker] = await Promise.all([recording.all("room"), recording.all("loudspeaker")]);
      const people = room.map((sample, at) => sample - (loudspeaker[at] ?? 0));
      return { startedMs: recording.startedMs, people, loudspeaker, wav: "" };
    });
    return { name: home.name, lights: changes, timeline: home.unit.timeline, recordings: await Promise.all(heard) };
  });
  return [own, ...(await Promise.all(others))];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
