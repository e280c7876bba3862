import { setTimeout as sleep } from "node:timers/promises";
import type { TimelineLine } from "#device/control/requests.ts";
import type { Home } from "./home.ts";
import { callIs, command, quiet } from "./person.ts";
import { type Comparison, compareTraces, type Trace, traceOf } from "./trace.ts";

/** Calls that nobody answers: one by voice to the end of the ring-back, and short ones, which tell more about time. */
export type VainCalls = Readonly<{ whole: Trace; unit: readonly Told[]; short: readonly Trace[] }>;

/** What the caller's own unit did, and how long after the call began: its sounds, its lights, its words. */
type Told = Readonly<{ what: string; afterMs: number }>;

const SHORT_CALLS = 8;
/** Enough for the offer to be made, sent and accepted. */
const SHORT_CALL_MS = 600;
const BETWEEN_MS = 250;
/** An offer and an end. */
const PUBLISHED_BY_A_CALL = 2;
const ANSWERED_WITHIN_MS = 5_000;
/** Ring-back is timed by the unit itself; its words take as long as the callee's name does. */
const UNIT_TOLERANCE_MS = 400;

/** By voice first; the short ones by the unit's own command line, since nobody's voice is that quick. */
export async function callsInVain(caller: Home, callee: string, ringBackMs: number): Promise<VainCalls> {
  const { actedMs } = await command(caller, `call ${callee}`, callIs("calling"));
  const over = await caller.unit.happens("nobody answering", callIs("idle"), {
    since: actedMs,
    withinMs: ringBackMs + 10_000,
  });
  await quiet(caller);
  const whole = traceOf(caller.tap.since(actedMs));
  const unit = toldBy(caller, callee, over.at + 1_000);
  return { whole, unit, short: await shortCalls(caller, callee, SHORT_CALLS) };
}

export async function shortCalls(caller: Home, callee: string, count: number): Promise<Trace[]> {
  const traces: Trace[] = [];
  for (let n = 0; n < count; n++) {
    // Spread over the hub's ticks, so that none is favoured.
    await sleep(BETWEEN_MS + ((n * 7) % 20));
    const from = Date.now();
    await caller.unit.ask({ do: "call", who: callee });
    await sleep(SHORT_CALL_MS);
    await caller.unit.ask({ do: "hang-up" });
    await answered(caller, from);
    await sleep(BETWEEN_MS);
    traces.push(traceOf(caller.tap.since(from)));
  }
  return traces;
}

/** The hub has answered all that the call published; on a busy machine that takes it a while. */
async function answered({ unit, tap }: Home, from: number): Promise<void> {
  await unit.until(async () => {
    const { lateMs } = traceOf(tap.since(from));
    return lateMs.length >= PUBLISHED_BY_A_CALL && lateMs.every(Number.isFinite);
  }, ANSWERED_WITHIN_MS);
}

export function compareCalls(one: VainCalls, other: VainCalls): Comparison {
  const whole = compareTraces([one.whole], [other.whole]);
  if (!whole.same) return { same: false, because: `whole calls: ${whole.because}` };
  const unit = compareTold(one.unit, other.unit);
  if (!unit.same) return { same: false, because: `the caller's unit: ${unit.because}` };
  const short = compareTraces(one.short, other.short);
  return {
    same: short.same,
    because: `whole calls ${whole.because}; sounds and lights ${unit.because}; ${short.because}`,
  };
}

function compareTold(one: readonly Told[], other: readonly Told[]): Comparison {
  const words = (told: readonly Told[]) => told.map(({ what }) => what).join(", ");
  if (words(one) !== words(other)) return { same: false, because: `"${words(one)}" against "${words(other)}"` };
  const apart = Math.max(...one.map(({ afterMs }, at) => Math.abs(afterMs - (other[at]?.afterMs ?? 0))));
  if (apart > UNIT_TOLERANCE_MS) return { same: false, because: `${Math.round(apart)} ms apart` };
  return { same: true, because: "alike" };
}

const TELLING: ReadonlySet<string> = new Set(["says", "show", "start-ring-back", "stop-ring-back", "ring", "tone"]);

/** From the moment at which the last call was placed. */
function toldBy({ unit }: Home, callee: string, toMs: number): Told[] {
  const placed = unit.timeline.findLastIndex(({ event }) => event === "place");
  const fromMs = unit.timeline[placed]?.at ?? 0;
  const lines = unit.timeline.slice(placed).filter(({ at, event }) => at <= toMs && TELLING.has(event));
  return lines.map((line) => ({ what: describe(line, callee), afterMs: line.at - fromMs }));
}

/** But for the number that a sentence has: they are counted up. */
function describe({ event, detail }: TimelineLine, callee: string): string {
  return `${event} ${JSON.stringify({ ...detail, id: undefined }).replaceAll(callee, "<callee>")}`;
}
