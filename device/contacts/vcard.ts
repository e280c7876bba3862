import * as v from "valibot";
import type { AccountId, NumberKey } from "../gate/book.ts";
import { readNumber } from "../number.ts";
import { readAccountId } from "../store/account-id.ts";
import { AddressSchema, NumberKeySchema } from "../store/keys.ts";
import { type ContentLine, cardsIn, type RawCard } from "./vcard-lines.ts";
import { readValue, type Value } from "./vcard-value.ts";

/**
 * Somebody as a card has them. `numbers`: each with all that it can plausibly mean, the likeliest first. `leftOut`: what
 * of the card could not be used, in words.
 */
export type Contact = Readonly<{
  /** Of the file, where the card begins (from 1). */
  line: number;
  name: string;
  aliases: readonly string[];
  accounts: readonly AccountId[];
  numbers: readonly (readonly NumberKey[])[];
  addresses: readonly string[];
  leftOut: readonly string[];
}>;

export type ReadCard = Readonly<{ ok: true; contact: Contact } | { ok: false; line: number; why: string }>;

export const MAX_FILE_BYTES = 128 * 1024 * 1024;
/** As many as a person in the book may have. */
const MAX_EACH = 16;
const MAX_NAME = 64;

/**
 * An account stands in a card as `IMPP:porter:<account id>` (RFC 6350 §6.4.3, RFC 4770), or as `X-PORTER:<account id>`
 * for programs that only keep web schemes in IMPP. Photos, notes and everything else are passed over.
 */
const WANTED: ReadonlySet<string> = new Set([
  "VERSION",
  "FN",
  "N",
  "NICKNAME",
  "ORG",
  "TEL",
  "EMAIL",
  "IMPP",
  "X-PORTER",
]);

/** vCard 3.0 and 4.0, and what 2.1 left in them. `region`: how numbers without a country code are meant. Never throws. */
export function* readCards(file: Buffer, region: string): Generator<ReadCard> {
  for (const card of cardsIn(inUtf8(file), WANTED)) yield readCard(card, region);
}

/** Some programs write UTF-16, and say so by its mark. */
function inUtf8(file: Buffer): Buffer {
  const [first, second, third] = file;
  if (first === 0xff && second === 0xfe) return Buffer.from(new TextDecoder("utf-16le").decode(file));
  if (first === 0xfe && second === 0xff) return Buffer.from(new TextDecoder("utf-16be").decode(file));
  return first === 0xef && second === 0xbb && third === 0xbf ? file.subarray(3) : file;
}

type Draft = {
  written: Record<"FN" | "N" | "ORG", string>;
  aliases: string[];
  accounts: Set<AccountId>;
  numbers: Map<NumberKey, readonly NumberKey[]>;
  addresses: Set<string>;
  leftOut: string[];
};

function readCard({ line, lines, fault }: RawCard, region: string): ReadCard {
  if (fault !== null) return { ok: false, line, why: fault };
  const version =
    lines
      .find(({ name }) => name === "VERSION")
      ?.text.split(":")
      .at(-1)
      ?.trim() ?? "";
  const draft: Draft = {
    written: { FN: "", N: "", ORG: "" },
    aliases: [],
    accounts: new Set(),
    numbers: new Map(),
    addresses: new Set(),
    leftOut: [],
  };
  for (const each of lines) {
    const value = readValue(each, version);
    if (value === null) draft.leftOut.push(`${each.name} on line ${each.line} cannot be read`);
    else take(draft, each, value, region);
  }
  return finish(draft, line);
}

function take(draft: Draft, { name, line }: ContentLine, value: Value, region: string): void {
  const text = flat(value).join(" ").trim();
  switch (name) {
    case "FN":
    case "N":
    case "ORG":
      draft.written[name] ||= name === "N" ? nameInOrder(value) : cleanName(text);
      return;
    case "NICKNAME":
      draft.aliases.push(...flat(value).map(cleanName));
      return;
    case "TEL": {
      const readings = readNumber(text, region)
        .filter((each) => v.is(NumberKeySchema, each))
        .slice(0, 4);
      const [key] = readings;
      if (key === undefined) draft.leftOut.push(`TEL on line ${line} is no number`);
      else draft.numbers.set(key, readings);
      return;
    }
    case "EMAIL": {
      const address = text.replace(/^mailto:/i, "");
      if (v.is(AddressSchema, address)) draft.addresses.add(address);
      else draft.leftOut.push(`EMAIL on line ${line} is no address`);
      return;
    }
    case "IMPP":
    case "X-PORTER":
      takeAccount(draft, { name, line }, text);
  }
}

/** Other schemes of IMPP are other services'. */
function takeAccount(draft: Draft, { name, line }: Pick<ContentLine, "name" | "line">, text: string): void {
  const [, id] = /^porter:(.*)$/is.exec(text) ?? [];
  if (name === "IMPP" && id === undefined) return;
  const account = readAccountId(id ?? text);
  if (account === null) draft.leftOut.push(`${name} on line ${line} is no account id`);
  else draft.accounts.add(account);
}

function finish({ written, accounts, numbers, addresses, leftOut, ...draft }: Draft, line: number): ReadCard {
  const names = [written.FN, written.N, written.ORG, ...draft.aliases].filter((name) => /[\p{L}\p{N}]/u.test(name));
  const [name] = names;
  if (name === undefined) return { ok: false, line, why: "it has no name" };
  const aliases = [...new Set(draft.aliases)].filter((alias) => names.includes(alias) && alias !== name);
  const lists = { accounts: [...accounts], numbers: [...numbers.values()], addresses: [...addresses], aliases };
  const crowd = Object.entries(lists).find(([, list]) => list.length > MAX_EACH);
  if (crowd) return { ok: false, line, why: `it has more than ${MAX_EACH} ${crowd[0]}` };
  return { ok: true, contact: { line, name, ...lists, leftOut } };
}

/** N is family; given; additional; prefixes; suffixes (RFC 6350 §6.2.2): said in another order. */
function nameInOrder(value: Value): string {
  if (typeof value === "string") return cleanName(value);
  const part = (at: number) => flat(value[at] ?? "").join(" ");
  return cleanName([part(3), part(1), part(2), part(0), part(4)].join(" "));
}

function flat(value: Value): readonly string[] {
  return typeof value === "string" ? [value] : value.flatMap(flat);
}

/** What cannot be shown or turns the writing round is left out, and so is what is too long to be said. */
function cleanName(text: string): string {
  const shown = text.normalize("NFC").replaceAll(/\s+/gu, " ").replaceAll(/\p{C}/gu, "").trim();
  return Array.from(shown)
    .slice(0, MAX_NAME)
    .join("")
    .slice(0, MAX_NAME)
    .replace(/\p{Cs}$/u, "")
    .trim();
}
