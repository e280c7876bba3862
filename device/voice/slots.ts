import { TOPICS, type Topic } from "./row.ts";

/** Names are in no list: whatever stands there is looked up in the book. */
export type NameSlot = "person" | "other";

const HOUR_MINUTES = 60;
const MINUTE_MS = 60_000;
const DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"] as const;
const CARDINALS = [...DIGITS, "ten", "eleven", "twelve"] as const;
const HOURS = CARDINALS.slice(1);

/** A time as people say it. `half` null: in the morning or in the afternoon, nobody said which. `minute` of 12 hours. */
export type SpokenHour = Readonly<{ minute: number; half: "am" | "pm" | null }>;

const BEFORE_HOUR = { "half past": 30, "quarter past": 15, "quarter to": -15 };
const BEHIND_HOUR = { "o'clock": 0, fifteen: 15, thirty: 30, "forty five": 45 };
const HALVES = {
  "in the morning": "am",
  "in the afternoon": "pm",
  "in the evening": "pm",
  "at night": "pm",
} as const;

function clockTimes(): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const [at, hour] of HOURS.entries()) {
    const minute = ((at + 1) % 12) * HOUR_MINUTES;
    times.set(hour, minute);
    for (const [words, more] of Object.entries(BEFORE_HOUR)) times.set(`${words} ${hour}`, (minute + more + 720) % 720);
    for (const [words, more] of Object.entries(BEHIND_HOUR)) times.set(`${hour} ${words}`, minute + more);
  }
  return times;
}

function hours(): ReadonlyMap<string, SpokenHour> {
  const all = new Map<string, SpokenHour>([
    ["noon", { minute: 0, half: "pm" }],
    ["midnight", { minute: 0, half: "am" }],
  ]);
  for (const [words, minute] of clockTimes()) {
    all.set(words, { minute, half: null });
    for (const [behind, half] of Object.entries(HALVES)) all.set(`${words} ${behind}`, { minute, half });
  }
  return all;
}

function spans(): ReadonlyMap<string, number> {
  const all = new Map([
    ["an hour", HOUR_MINUTES],
    ["one hour", HOUR_MINUTES],
    ["half an hour", 30],
    ["an hour and a half", 90],
  ]);
  for (const [count, words] of CARDINALS.entries()) if (count > 1) all.set(`${words} hours`, count * HOUR_MINUTES);
  const minutes = { five: 5, ten: 10, fifteen: 15, twenty: 20, thirty: 30, "forty five": 45 };
  for (const [words, count] of Object.entries(minutes)) all.set(`${words} minutes`, count);
  return new Map([...all].map(([words, count]) => [words, count * MINUTE_MS]));
}

/** What somebody may come to be called by voice: these the recogniser knows, a new word it does not. */
export const KIN = (
  "mum mummy mom mommy dad daddy gran granny grandma grandad grandpa nan nana nanny oma opa auntie uncle sis bro " +
  "mother father grandmother grandfather sister brother aunt cousin darling love boss doctor"
).split(" ");
const PLACES = "work home mobile cell office house".split(" ");
const ROOMS = (
  "kitchen nursery bedroom bathroom office hall lounge garage garden attic study|living room|dining room|kids room|" +
  "front room|spare room"
)
  .split("|")
  .flatMap((words, at) => (at === 0 ? words.split(" ") : [words]));
const ORDINALS = ["first", "second", "third", "fourth"] as const;

const same = (words: readonly string[]): ReadonlyMap<string, string> => new Map(words.map((word) => [word, word]));
const HOUR_SLOT = hours();

/** Each slot's phrases, and what each of them means. */
export const SLOTS = {
  place: same(PLACES),
  room: same(ROOMS),
  kin: same(KIN),
  from: HOUR_SLOT,
  till: HOUR_SLOT,
  /** Milliseconds. */
  span: spans(),
  /** 1 to 10. */
  level: new Map<string, number>(CARDINALS.slice(1, 11).map((word, at) => [word, at + 1])),
  /** From 0. */
  ordinal: new Map<string, number>(ORDINALS.map((word, at) => [word, at])),
  topic: new Map<string, Topic>([
    ...TOPICS.map((topic): [string, Topic] => [topic, topic]),
    ["calling", "calls"],
    ["blocks", "blocking"],
    ["contacts", "people"],
    ["help", "safety"],
  ]),
} as const;
export type ClosedSlot = keyof typeof SLOTS;
/** `number`: digits, one by one. No list holds them: see dictation.ts. */
export type SlotName = NameSlot | ClosedSlot | "number";

/** What each slot leaves in an intent. */
export type SlotFields = {
  person: Readonly<{ name: string }>;
  other: Readonly<{ other: string }>;
  number: Readonly<{ digits: string }>;
} & {
  [Name in ClosedSlot]: Readonly<
    Record<Name, (typeof SLOTS)[Name] extends ReadonlyMap<string, infer Value> ? Value : never>
  >;
};

const alternatives = (words: Iterable<string>): string => [...words].join(" | ");
const HOUR_RULE =
  `( [ ${alternatives(Object.keys(BEFORE_HOUR))} ] ( ${alternatives(HOURS)} ) | ` +
  `( ${alternatives(HOURS)} ) ( ${alternatives(Object.keys(BEHIND_HOUR))} ) ) [ ${alternatives(Object.keys(HALVES))} ] | noon | midnight`;

/** The slot as the right side of a grammar's rule: just its phrases. */
export function ruleOf(slot: ClosedSlot): string {
  return slot === "from" || slot === "till" ? HOUR_RULE : alternatives(SLOTS[slot].keys());
}
