import type { BookChange } from "#device/store/change.ts";

/** Why a call gets nowhere. Each has a callee of its own, and the caller is to see no difference. */
export const SITUATIONS = ["blocked", "unknown", "quiet", "ignored", "unanswered", "unplugged"] as const;
export type Situation = (typeof SITUATIONS)[number];

/** How many there are of each thing that a callee's unit did; its offers by verdict, as `act because`. */
export type Seen = Readonly<{ verdicts: Readonly<Record<string, number>>; rang: number; opened: number }>;

const ALL_DAY = {
  fromMinute: 0,
  toMinute: 0,
  days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const,
  except: [],
};

/** What the owner has decided. The people of the book are those who call in this lane. */
export function bookFor(situation: Situation, callers: readonly string[]): BookChange[] {
  const people = callers.map(
    (account, index): BookChange => ({
      type: "add-person",
      name: `Caller ${index + 1}`,
      accounts: [account],
      grants: ["ring", "message"],
    }),
  );
  switch (situation) {
    case "blocked":
      return [...people, ...callers.map((account): BookChange => ({ type: "block", block: { account } }))];
    case "unknown":
      return [{ type: "unknown", unknown: "drop" }];
    case "quiet":
      return [...people, { type: "quiet-hours", quietHours: [ALL_DAY] }];
    case "ignored":
    case "unanswered":
    case "unplugged":
      return people;
  }
}

/** Where this machine is busy, a word of the owner's may come too late and make the next call ring twice, or not. */
const RINGS_ASTRAY = 0.05;

/** What is wrong with what a callee's unit did in so many trials; null where they were what they claim to be. */
export function faultIn(situation: Situation, { verdicts, rang, opened }: Seen, trials: number): string | null {
  const told = `${situation}, ${trials} trials: ${JSON.stringify(verdicts)}, rang ${rang} times`;
  if (opened > 0) return `${told}, and its audio process was given a leg to open`;
  const [verdict, times, rings] = expected(situation, trials);
  const asExpected = (verdicts[verdict] ?? 0) === times && Math.abs(rang - rings) <= Math.ceil(rings * RINGS_ASTRAY);
  return asExpected ? null : `${told}, and not "${verdict}" ${times} times and ${rings} rings`;
}

/** Each trial sends its offer twice. What is dropped is not remembered, so that it is dropped for the same again. */
function expected(situation: Situation, trials: number): [verdict: string, times: number, rings: number] {
  switch (situation) {
    case "blocked":
      return ["drop blocked", 2 * trials, 0];
    case "unknown":
      return ["drop unknown", 2 * trials, 0];
    case "quiet":
      return ["take-message quiet-hours", trials, 0];
    case "ignored":
    case "unanswered":
      return ["admit granted", trials, trials];
    case "unplugged":
      return ["admit granted", 0, 0];
  }
}
