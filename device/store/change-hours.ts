import type { Book, OwnHours, QuietHours, Window } from "../gate/book.ts";
import { localTime } from "../gate/hours.ts";
import { changed, refused, unchanged, withChanged, withPerson } from "./applied.ts";
import type { Applied, ChangeRefusal } from "./change.ts";

const MAX_WINDOWS = 32;
const DAY_MINUTES = 1_440;

export function setOwnHours(book: Book, id: string, hours: readonly OwnHours[]): Applied {
  const fault = faultOf(hours);
  if (fault) return refused(fault);
  return withPerson(book, id, (person) =>
    JSON.stringify(person.hours) === JSON.stringify(hours)
      ? unchanged(book, person)
      : withChanged(book, person, { hours: [...hours] }),
  );
}

export function setQuietHours(book: Book, quietHours: readonly QuietHours[]): Applied {
  const fault = faultOf(quietHours);
  if (fault) return refused(fault);
  const ids = new Set(book.people.map((person) => person.id));
  const stranger = quietHours.flatMap(({ except }) => except).find((id) => !ids.has(id));
  if (stranger !== undefined) return refused({ code: "no-such-person", person: stranger });
  if (JSON.stringify(book.quietHours) === JSON.stringify(quietHours)) return unchanged(book);
  return changed({ ...book, quietHours: [...quietHours] });
}

export function setRegion(book: Book, region: string): Applied {
  if (!/^[A-Z]{2}$/.test(region)) {
    return refused({ code: "bad-region", detail: "a region is two capital letters, such as GB" });
  }
  return book.region === region ? unchanged(book) : changed({ ...book, region });
}

export function setTimeZone(book: Book, timeZone: string): Applied {
  if (localTime(timeZone, 0) === null) {
    return refused({ code: "bad-time-zone", detail: `there is no time zone "${timeZone}"; one is Europe/London` });
  }
  return book.timeZone === timeZone ? unchanged(book) : changed({ ...book, timeZone });
}

function faultOf(windows: readonly Window[]): ChangeRefusal | null {
  if (windows.length > MAX_WINDOWS) return { code: "too-many", detail: `more than ${MAX_WINDOWS} windows` };
  const isGood = ({ fromMinute, toMinute, days }: Window) =>
    Number.isInteger(fromMinute) &&
    Number.isInteger(toMinute) &&
    fromMinute >= 0 &&
    fromMinute < DAY_MINUTES &&
    toMinute >= 0 &&
    toMinute <= DAY_MINUTES &&
    days.length > 0;
  return windows.every(isGood) ? null : { code: "bad-hours", detail: "hours go from 00:00 to 24:00, on some day" };
}
