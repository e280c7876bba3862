import * as v from "valibot";
import type { Book } from "../gate/book.ts";
import { localTime } from "../gate/hours.ts";
import { type Lists, QuietHoursSchema } from "./book-lists.ts";

/** Where the unit stands, for as long as the owner says nothing else. */
export type Place = Readonly<{ region: string; timeZone: string }>;

/** What the owner said of where the unit stands; null until then. */
export type SaidPlace = Readonly<{ region: string | null; timeZone: string | null }>;

/** What a book says beside its lists. */
type Rules = Omit<Book, keyof Lists | "owner" | "revision" | "seal">;

const Rules = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictObject({
    calling: v.picklist(["on", "off"]),
    unknown: v.picklist(["hold", "drop"]),
    kids: v.boolean(),
    evidence: v.picklist(["keep", "drop"]),
    unverifiedOrigin: v.picklist(["admit", "drop"]),
    region: v.nullable(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))),
    timeZone: v.nullable(v.string()),
    quietHours: QuietHoursSchema,
  }),
);

export function writeRules(book: Book, { region, timeZone }: SaidPlace): string {
  const { calling, unknown, kids, evidence, unverifiedOrigin, quietHours } = book;
  return JSON.stringify({ calling, unknown, kids, evidence, unverifiedOrigin, region, timeZone, quietHours });
}

/** Throws on a text that `writeRules` did not write. */
export function readRules(text: string, place: Place): { rules: Rules; said: SaidPlace } {
  const rules = v.parse(Rules, text);
  const { region, timeZone } = rules;
  const known = { region: region ?? place.region, timeZone: timeZone ?? place.timeZone };
  if (localTime(known.timeZone, 0) === null) throw new Error("the book has a time zone that nobody knows");
  return { rules: { ...rules, ...known }, said: { region, timeZone } };
}
