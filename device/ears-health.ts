/** How the audio process has fared, from how its lives ended. Pure: times are handed in, monotonic. */
export type Health = Readonly<{
  /** How many lives in a row were short. */
  young: number;
  /** How each life of the last hour ended, oldest first. */
  ends: readonly Readonly<{ atMs: number; why: EndOfLife }>[];
}>;

/** `died`: by itself; `hung`: its 10 ms path stood still; `grown`: it held too much memory. */
export type EndOfLife = "died" | "hung" | "grown";

/** A life that was no longer than this was short; one that is longer clears the record. */
export const YOUNG_MS = 30_000;
/** From so many short lives in a row on something is wrong, and the owner is shown it. */
const FAILING_YOUNG = 3;
/** The second short life in a row is followed by a pause; each further one by one twice as long. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const HOUR_MS = 3_600_000;
/** So many ends within an hour are told, also where nothing fails now. */
const TOLD_ENDS = 3;
/** Each end is told by its time, so a process that ends all day does not fill the memory. */
const MOST_ENDS = 500;

export const healthy: Health = { young: 0, ends: [] };

export function afterEnd(health: Health, end: Readonly<{ atMs: number; livedMs: number; why: EndOfLife }>): Health {
  const { atMs, livedMs, why } = end;
  const ends = [...recent(health, atMs), { atMs, why }].slice(-MOST_ENDS);
  return { young: livedMs < YOUNG_MS ? health.young + 1 : 1, ends };
}

/** It has lived long enough: what was before says nothing any more of what will be. */
export function afterSteadyLife(health: Health): Health {
  return { ...health, young: 0 };
}

/** The first restart is immediate; those of a process that dies again and again come ever later, but always come. */
export function pauseMs({ young }: Health): number {
  return young < 2 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (young - 2), LONGEST_PAUSE_MS);
}

export function isFailing({ young }: Health): boolean {
  return young >= FAILING_YOUNG;
}

/** What the owner should know of it, as a sentence; null where there is nothing. */
export function troubleIn(health: Health, nowMs: number): string | null {
  const ends = recent(health, nowMs);
  const last = ends.at(-1);
  if (last === undefined || (ends.length < TOLD_ENDS && !isFailing(health))) return null;
  const count =
    ends.length === MOST_ENDS ? `${MOST_ENDS} times or more` : ends.length === 1 ? "once" : `${ends.length} times`;
  return `the program for microphone and loudspeaker had to be started again ${count} within an hour; the last time ${WHY[last.why]} (see the log)`;
}

const WHY: Readonly<Record<EndOfLife, string>> = {
  died: "it had ended by itself",
  hung: "it had stood still",
  grown: "it held too much memory",
};

function recent({ ends }: Health, nowMs: number): Health["ends"] {
  return ends.filter(({ atMs }) => nowMs - atMs < HOUR_MS);
}
