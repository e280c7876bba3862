import type { Block, Person, QuietHours, Weekday } from "../gate/book.ts";
import { loosen, saying, tighten } from "./outputs.ts";
import { blockFor, isAccountBlocked, personWith } from "./resolve.ts";
import * as say from "./say.ts";
import type { SpokenHour } from "./slots.ts";
import type { Dialog, DialogStep, Known, Order, Undo } from "./states.ts";
import { spokenMinute } from "./when.ts";

const WEEK: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MINUTES = 1_440;
const HALF_DAY_MINUTES = 720;
const MINUTE_MS = 60_000;
/** "Tonight" is over then. */
const MORNING_MINUTE = 7 * 60;

export function blockCaller(dialog: Dialog, now: Known): DialogStep {
  const { call, book } = now;
  const caller = call.at === "ringing" || call.at === "talking" ? call.peer : now.lastCaller;
  if (caller === null) return [dialog, saying(say.nobodyToBlock())];
  if (isAccountBlocked(caller, book)) return [dialog, saying(say.callerAlreadyBlocked())];
  return blockPerson(dialog, blockFor(caller, book), personWith(caller, book), now);
}

export function blockPerson(dialog: Dialog, wanted: Block, person: Person | null, now: Known): DialogStep {
  const calledNow = now.call.at === "calling" && person !== null && person.accounts.includes(now.call.peer);
  return tighten(
    dialog,
    { type: "block", block: wanted, name: person?.name ?? null },
    [{ type: "block", block: wanted }, ...(calledNow ? [HANG_UP] : [])],
    person === null ? say.callerBlocked() : say.blocked(person.name),
  );
}

const HANG_UP: Order = { type: "hang-up" };

export function blockAll(dialog: Dialog, kind: "unknown" | "withheld", { book }: Known): DialogStep {
  const wanted: Block = kind === "unknown" ? { unknown: true } : { withheld: true };
  if (book.blocks.some((block) => kind in block)) return [dialog, saying(say.blockedAlready(kind))];
  return tighten(
    dialog,
    { type: "block", block: wanted, name: null },
    [{ type: "block", block: wanted }],
    say.allBlockedNow(kind),
  );
}

export function callingOff(dialog: Dialog, now: Known): DialogStep {
  if (now.book.calling === "off") return [dialog, saying(say.callingIsOff())];
  const orders: readonly Order[] = [{ type: "calling-off" }, ...(now.call.at === "calling" ? [HANG_UP] : [])];
  return tighten(dialog, { type: "calling-off" }, orders, say.callingIsNowOff());
}

export function dropInOff(dialog: Dialog, { book }: Known): DialogStep {
  const people = book.people.filter(({ grants }) => grants.includes("drop-in")).map(({ id }) => id);
  if (people.length === 0) return [dialog, saying(say.nobodyDropsIn())];
  const orders = people.map((person): Order => ({ type: "revoke", person, grants: ["drop-in"] }));
  return tighten(dialog, { type: "grants", people, grants: ["drop-in"] }, orders, say.dropInIsOff());
}

/** Quiet all day, for so long or until the owner ends it. */
export function quietFor(dialog: Dialog, spanMs: number | null, now: Known): DialogStep {
  const window = allDay(spanMs === null ? null : now.atMs + spanMs, []);
  return beQuiet(dialog, window, spanMs === null ? say.quietNow() : say.quietFor(Math.round(spanMs / MINUTE_MS)));
}

/** Until the next morning, but for one person. */
export function quietTonight(dialog: Dialog, person: Person, now: Known): DialogStep {
  const minutes = (MORNING_MINUTE - now.minuteOfDay + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
  return beQuiet(dialog, allDay(now.atMs + minutes * MINUTE_MS, [person.id]), say.quietBut(person.name));
}

/**
 * Every day. Where nobody said which half of the day is meant, quiet begins in the afternoon or evening, and ends at
 * the next such time: that is what is read back.
 */
export function quietHours(dialog: Dialog, from: SpokenHour, till: SpokenHour): DialogStep {
  const fromMinute = minuteOf(from, "pm");
  const toMinute = till.half === null ? nextAfter(fromMinute, till.minute) : minuteOf(till, till.half);
  const sentence = say.quietFromTo(spokenMinute(fromMinute), spokenMinute(toMinute));
  return beQuiet(dialog, { fromMinute, toMinute, days: WEEK, except: [] }, sentence);
}

export function quietOff(dialog: Dialog): DialogStep {
  return loosen(dialog, [{ type: "quiet-off" }], say.quietIsOver());
}

function beQuiet(dialog: Dialog, window: QuietHours, sentence: say.Sentence): DialogStep {
  return tighten(dialog, { type: "quiet", window }, [{ type: "quiet", window }], sentence);
}

function allDay(untilMs: number | null, except: readonly string[]): QuietHours {
  return { fromMinute: 0, toMinute: DAY_MINUTES, days: WEEK, except, ...(untilMs !== null && { untilMs }) };
}

function minuteOf({ minute, half }: SpokenHour, otherwise: "am" | "pm"): number {
  return minute + ((half ?? otherwise) === "pm" ? HALF_DAY_MINUTES : 0);
}

function nextAfter(fromMinute: number, minute: number): number {
  const soon = (minute - fromMinute + DAY_MINUTES) % HALF_DAY_MINUTES || HALF_DAY_MINUTES;
  return (fromMinute + soon) % DAY_MINUTES;
}

/** What a press takes back, and what is said then. */
export function takeBack(undo: Undo): [readonly Order[], say.Sentence] {
  switch (undo.type) {
    case "block":
      return [[{ type: "undo-block", block: undo.block }], undoneBlock(undo)];
    case "calling-off":
      return [[{ type: "undo-calling-off" }], say.callingIsOn()];
    case "quiet":
      return [[{ type: "undo-quiet", window: undo.window }], say.quietUndone()];
    case "grants":
      return [undo.people.map((person) => ({ type: "grant", person, grants: undo.grants })), say.undone()];
    case "delete":
      return [[{ type: "undo-delete", message: undo.message }], say.deleteUndone()];
  }
}

function undoneBlock({ block, name }: Extract<Undo, { type: "block" }>): say.Sentence {
  return "unknown" in block || "withheld" in block ? say.undone() : say.blockUndone(name);
}

export function callingOn(dialog: Dialog, now: Known): DialogStep {
  if (now.book.calling === "on") return [dialog, saying(say.callingIsOn())];
  return loosen(dialog, [{ type: "calling-on" }], say.callingIsOn());
}
