import * as v from "valibot";
import type { AccountId, NumberKey } from "../gate/book.ts";
import { AccountIdSchema } from "./account-id.ts";
import { NumberKeySchema } from "./keys.ts";

/**
 * How the columns of a stored list are written: as one text where that can be, because a hundred thousand short strings
 * in JSON cost more to read than all else that is done with them. What was written entry by entry is read still.
 */

/** Between the entries of a text: JSON need not escape it, and nobody's name or id has it. */
const BETWEEN = "\x7f";
/** Between the keys of one person. No key has it. */
const AND = ",";

const NONE: readonly never[] = Object.freeze([]);
/** What stands in it is looked at entry by entry, once. */
export const Column = v.custom<readonly unknown[]>(Array.isArray);

export function missing(): never {
  throw new Error("a piece has a hole");
}

/** Throws where one column is longer than another. */
export function assertWhole(columns: readonly (readonly unknown[])[]): void {
  if (columns.some(({ length }) => length !== columns[0]?.length)) missing();
}

export function writeTexts(texts: readonly string[]): string | readonly string[] {
  const isJoinable = texts.length > 0 && !texts.some((text) => text.includes(BETWEEN));
  return isJoinable ? texts.join(BETWEEN) : texts;
}

/** Texts of which none is empty. */
export function readTexts(column: unknown): readonly string[] {
  const texts = entriesOf(column);
  for (const text of texts) nonEmpty(text);
  return texts as readonly string[];
}

const NonEmpty = v.pipe(v.string(), v.nonEmpty());
export function nonEmpty(text: unknown): string {
  return typeof text === "string" && text !== "" ? text : v.parse(NonEmpty, text);
}

function entriesOf(column: unknown): readonly unknown[] {
  return typeof column === "string" ? column.split(BETWEEN) : v.parse(Column, column);
}

/** `only`: no other characters stand in a column of such keys. `isUsual`: then nearly all are known to be right by this. */
type KeyFormat<Key extends string> = Readonly<{
  key: v.GenericSchema<unknown, Key>;
  only: RegExp;
  isUsual(text: string): boolean;
}>;

const ACCOUNT_LENGTH = 52;

export const ACCOUNTS: KeyFormat<AccountId> = {
  key: AccountIdSchema,
  only: /^[a-z2-7,\x7f]*$/,
  // The last of 52 letters carries one bit of 256.
  isUsual: (text) =>
    text.length === ACCOUNT_LENGTH && (text.endsWith("a") || text.endsWith("q")) && !text.includes(AND),
};

export const NUMBERS: KeyFormat<NumberKey> = {
  key: NumberKeySchema,
  only: /^[\d+,\x7f]*$/,
  isUsual: (text) =>
    text.length >= 8 && text.length <= 16 && text.lastIndexOf("+") === 0 && text[1] !== "0" && !text.includes(AND),
};

export function writeKeys(lists: readonly (readonly string[])[]): string | readonly string[] {
  return lists.length === 0 ? [] : lists.map((keys) => keys.join(AND)).join(BETWEEN);
}

/** The keys of each. */
export function readKeys<Key extends string>(column: unknown, format: KeyFormat<Key>): readonly (readonly Key[])[] {
  const isPlain = typeof column === "string" && format.only.test(column);
  const several = v.array(format.key);
  return entriesOf(column).map((entry) => {
    if (entry === "" || entry === 0) return NONE;
    if (typeof entry !== "string") return v.parse(several, entry);
    return isPlain && format.isUsual(entry) ? [entry as Key] : v.parse(several, entry.split(AND));
  });
}

/** One key each. */
export function readEach<Key extends string>(column: unknown, format: KeyFormat<Key>): readonly Key[] {
  const isPlain = typeof column === "string" && format.only.test(column);
  return entriesOf(column).map((entry) =>
    isPlain && typeof entry === "string" && format.isUsual(entry) ? (entry as Key) : v.parse(format.key, entry),
  );
}

const Alike = v.strictObject({ of: Column, at: Column });

/** Few different texts stand for all: each is written once. */
export function writeAlike(texts: readonly string[]): v.InferOutput<typeof Alike> {
  const known = new Map<string, number>();
  const at = texts.map((text) => {
    const place = known.get(text) ?? known.size;
    known.set(text, place);
    return place;
  });
  return { of: [...known.keys()], at };
}

export function readAlike<T>(column: unknown, read: (text: unknown) => T): readonly T[] {
  if (Array.isArray(column)) return column.map((text) => read(text));
  const { of, at } = v.parse(Alike, column);
  const known = of.map((text) => read(text));
  return at.map((place) => (typeof place === "number" ? known[place] : undefined) ?? missing());
}

/** Few different texts stand for all: each is read once. */
export function remembering<T>(list: v.GenericSchema<unknown, T[]>): (text: unknown) => readonly T[] {
  const known = new Map<unknown, readonly T[]>([["[]", NONE]]);
  const written = v.pipe(v.string(), v.parseJson(), list);
  return (text) => {
    const before = known.get(text);
    if (before) return before;
    const read = Object.freeze(v.parse(written, text));
    if (known.size < 1_000) known.set(text, read);
    return read;
  };
}

/** Nearly all lists are empty, or hold one. */
export function pack(list: readonly string[]): string | 0 | readonly string[] {
  const [only, another] = list;
  return only === undefined ? 0 : another === undefined ? only : list;
}

export function unpacking<T extends string>(item: v.GenericSchema<unknown, T>): (packed: unknown) => readonly T[] {
  const whole = v.array(item);
  return (packed) => (packed === 0 ? NONE : v.parse(whole, typeof packed === "string" ? [packed] : packed));
}
