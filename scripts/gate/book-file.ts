import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { toWindow, windowFields } from "#device/control/window-text.ts";
import { type Block, type Book, sealsAllAlike } from "#device/gate/book.ts";
import { localTime } from "#device/gate/hours.ts";
import { isRegion, readNumber, readPrefix } from "#device/number.ts";
import { lineOf } from "./line-of.ts";
import { BadFile, readJson } from "./read-json.ts";

export const AccountText = v.pipe(v.string(), v.regex(/^[a-z2-7]{52}$/, "an account id is 52 letters and digits"));

const Text = v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(256, "is too long"));
const GrantName = v.picklist(["ring", "message", "announce", "drop-in"]);
const PersonText = v.strictObject({
  id: Text,
  name: Text,
  aliases: v.optional(v.array(Text), []),
  accounts: v.optional(v.array(AccountText), []),
  numbers: v.optional(v.array(Text), []),
  addresses: v.optional(v.array(Text), []),
  grants: v.optional(v.array(GrantName), []),
  hours: v.optional(v.array(v.strictObject({ grant: GrantName, ...windowFields })), []),
});

const BlockText = v.union(
  [
    v.strictObject({ person: Text }),
    v.strictObject({ account: AccountText }),
    v.strictObject({ number: Text }),
    v.strictObject({ prefix: Text }),
    v.strictObject({ withheld: v.literal(true) }),
    v.strictObject({ unknown: v.literal(true) }),
  ],
  "must be one of person, account, number, prefix, withheld: true, unknown: true",
);

/** A book as the tools' JSON writes it. */
const BookText = v.strictObject({
  region: v.pipe(v.string(), v.check(isRegion, "must be a country such as GB (ISO 3166-1 alpha-2)")),
  timeZone: v.pipe(
    v.string(),
    v.check((zone) => localTime(zone, 0) !== null, "must be a time zone such as Europe/London"),
  ),
  calling: v.optional(v.picklist(["on", "off"]), "on"),
  kids: v.optional(v.boolean(), false),
  unknown: v.optional(v.picklist(["hold", "drop"]), "hold"),
  owner: v.optional(AccountText),
  people: v.optional(v.array(PersonText), []),
  blocks: v.optional(v.array(BlockText), []),
  quietHours: v.optional(v.array(v.strictObject({ ...windowFields, except: v.optional(v.array(Text), []) })), []),
});

/** An error names the file and the line. */
export async function readBookFile(file: string): Promise<Book> {
  const text = await readFile(file, "utf8");
  try {
    return readBook(text);
  } catch (error) {
    if (!(error instanceof BadFile)) throw error;
    throw new Error(`${file}:${error.line}: ${error.message}`, { cause: error });
  }
}

/** Numbers are normalised here, at the border. Throws `BadFile`. */
export function readBook(text: string): Book {
  const { region, people, blocks, quietHours, owner = "", ...rest } = readJson(text, BookText);
  const bad = (path: readonly (string | number)[], message: string): never => {
    throw new BadFile(lineOf(text, path), `${path.join(".")}: ${message}`);
  };
  const number = (written: string, ...path: (string | number)[]): string =>
    readNumber(written, region)[0] ?? bad(path, `"${written}" is no number`);
  const ids = new Set<string>();
  for (const [index, { id }] of people.entries()) {
    if (ids.has(id)) bad(["people", index, "id"], `two people have the id "${id}"`);
    ids.add(id);
  }
  const known = (id: string, ...path: (string | number)[]): string =>
    ids.has(id) ? id : bad(path, `nobody in this book has the id "${id}"`);
  const toBlocks = (block: v.InferOutput<typeof BlockText>, index: number): readonly Block[] => {
    const at = ["blocks", index] as const;
    if ("person" in block) return [{ person: known(block.person, ...at, "person") }];
    if ("number" in block) return [{ number: number(block.number, ...at, "number") }];
    if (!("prefix" in block)) return [block];
    const prefixes = readPrefix(block.prefix, region);
    if (prefixes.length === 0) bad([...at, "prefix"], `"${block.prefix}" is not the beginning of a number`);
    return prefixes.map((prefix) => ({ prefix }));
  };
  return {
    ...rest,
    evidence: "drop",
    unverifiedOrigin: "drop",
    revision: 1,
    owner,
    deleted: [],
    seal: sealsAllAlike,
    region,
    people: people.map((person, index) => ({
      ...person,
      numbers: person.numbers.map((written, which) => number(written, "people", index, "numbers", which)),
      hours: person.hours.map((hours) => ({ grant: hours.grant, ...toWindow(hours) })),
    })),
    blocks: blocks.flatMap(toBlocks),
    quietHours: quietHours.map(({ except, ...window }, index) => ({
      ...toWindow(window),
      except: except.map((id, which) => known(id, "quietHours", index, "except", which)),
    })),
  };
}
