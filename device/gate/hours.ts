import type { Weekday, Window } from "./book.ts";

/** What the wall's clock shows: minutes since midnight, and the day. */
export type LocalTime = Readonly<{ day: Weekday; minute: number }>;

const WEEKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTE_MS = 60_000;
/** ECMA-262, time values: nothing beyond this is a date. */
const MAX_TIME_MS = 8.64e15;

/** Making a formatter costs about 50 µs, asking it a few: both are kept, since many decisions fall into one minute. */
type Zone = { readonly format: Intl.DateTimeFormat; minute: number; local: LocalTime | null };
const zones = new Map<string, Zone | null>();
const MAX_ZONES = 64;

/** Null where there is no such zone or moment. Never throws. Time zones, so both daylight-saving edges, by Intl. */
export function localTime(timeZone: string, atMs: number): LocalTime | null {
  const zone = zoneOf(timeZone);
  if (zone === null || !(Math.abs(atMs) <= MAX_TIME_MS)) return null;
  const minute = Math.floor(atMs / MINUTE_MS);
  if (zone.minute !== minute) {
    zone.local = read(zone.format, atMs);
    zone.minute = minute;
  }
  return zone.local;
}

/** Half-open. A window over midnight belongs to the day on which it starts. */
export function isInside(window: Window, { day, minute }: LocalTime): boolean {
  const { fromMinute, toMinute, days } = window;
  if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
  return (minute >= fromMinute && days.includes(day)) || (minute < toMinute && days.includes(dayBefore(day)));
}

function dayBefore(day: Weekday): Weekday {
  return WEEKDAYS.at(WEEKDAYS.indexOf(day) - 1) ?? day;
}

function zoneOf(timeZone: string): Zone | null {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  if (zones.size >= MAX_ZONES) zones.clear();
  const made = open(timeZone);
  zones.set(timeZone, made);
  return made;
}

function open(timeZone: string): Zone | null {
  try {
    const format = new Intl.DateTimeFormat("en-GB-u-ca-gregory-nu-latn", {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    return { format, minute: Number.NaN, local: null };
  } catch {
    return null;
  }
}

function read(format: Intl.DateTimeFormat, atMs: number): LocalTime | null {
  let minute = 0;
  let day: Weekday | undefined;
  for (const { type, value } of format.formatToParts(atMs)) {
    if (type === "hour") minute += Number(value) * 60;
    else if (type === "minute") minute += Number(value);
    else if (type === "weekday") day = WEEKDAYS.find((each) => each === value.toLowerCase());
  }
  return day === undefined ? null : { day, minute };
}
