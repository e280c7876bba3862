import { setTimeout as sleep } from "node:timers/promises";
import type { TimelineLine } from "#device/control/requests.ts";
import type { Home } from "./home.ts";

/** Somebody who speaks to their unit. */
export type Person = Pick<Home, "name" | "unit" | "say">;

/** How a spoken command went. */
export type Commanded = Readonly<{
  /** When the voice fell silent, as the unit's own ears saw it. */
  endOfSpeechMs: number;
  /** When the brain had the words. */
  understoodMs: number;
  /** When what was wanted began to happen. */
  actedMs: number;
  /** Said more than once, or asked "Shall I?": people repeat themselves. */
  tries: number;
  confirmed: boolean;
}>;

export type Wanted = (line: TimelineLine) => boolean;

const HEARD_WITHIN_MS = 6_000;
const ACTED_WITHIN_MS = 1_500;
const MOST_TRIES = 3;

/** Says "computer", then the command, into the room, as often as a patient person would; answers yes where asked. */
export async function command(home: Person, words: string, wanted: Wanted): Promise<Commanded> {
  const { unit } = home;
  const beganMs = Date.now();
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const since = Date.now();
    await home.say(`computer. ${words}.`);
    const heard = await heardSince(home, since);
    if (!heard) continue;
    const acted = await unit.happens(words, wanted, { since: heard.at, withinMs: ACTED_WITHIN_MS }).catch(() => null);
    if (acted) return commanded(heard, acted, tries, false);
    const asked = unit.timeline.some((line) => line.at >= heard.at && line.event === "listen");
    if (!asked) continue;
    const answer = await answerYes(home);
    const after = answer && (await unit.happens(words, wanted, { since: answer.at }).catch(() => null));
    if (answer && after) return commanded(answer, after, tries, true);
  }
  const heard = unit.timeline.filter(({ event, at }) => event === "ears-heard" && at >= beganMs);
  const what = heard.map(({ detail }) => `${detail?.text ?? "nothing"} (${detail?.score})`).join(", ");
  throw new Error(`${home.name} said "${words}" ${MOST_TRIES} times, and the unit did not do it: it heard ${what}`);
}

/** Waits until the question is out, and says yes. */
async function answerYes(home: Person): Promise<TimelineLine | null> {
  await silent(home);
  const said = Date.now();
  await home.say("yes");
  return heardSince(home, said);
}

async function heardSince(home: Person, since: number): Promise<TimelineLine | null> {
  const heard = await home.unit
    .happens("hearing", ({ event }) => event === "ears-heard", { since, withinMs: HEARD_WITHIN_MS })
    .catch(() => null);
  return heard;
}

function commanded(heard: TimelineLine, acted: TimelineLine, tries: number, confirmed: boolean): Commanded {
  const endOfSpeechMs = Number(heard.detail?.endOfSpeechMs ?? heard.at);
  return { endOfSpeechMs, understoodMs: heard.at, actedMs: acted.at, tries, confirmed };
}

/** What the timeline says when a call has got somewhere. */
export function callIs(at: string): Wanted {
  return (line) => line.event === "call" && line.detail?.at === at;
}

/** Waits until nothing has been said, by anybody or the unit, for a moment: the next word falls into silence. */
export async function quiet(home: Person): Promise<void> {
  await silent(home);
  await sleep(300);
}

/** Waits until the unit has spoken: one sentence waits for another, so the last one's end is the end of all. */
export async function silent({ unit }: Readonly<{ unit: Pick<Home["unit"], "timeline" | "happens"> }>): Promise<void> {
  const last = unit.timeline.findLast(({ event }) => event === "says");
  if (last === undefined) return;
  const isItsEnd: Wanted = ({ event, detail }) => event === "ears-said" && detail?.id === last.detail?.id;
  await unit.happens("falling silent", isItsEnd, { since: last.at });
}
