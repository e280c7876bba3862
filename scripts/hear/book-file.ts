import { readFile } from "node:fs/promises";
import * as v from "valibot";
import type { Book } from "#device/gate/book.ts";

const Name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const Account = v.pipe(v.string(), v.regex(/^[a-z2-7]{52}$/, "an account id is 52 letters and digits"));
const Grant = v.picklist(["ring", "message", "announce", "drop-in"]);
const TimeOfDay = v.pipe(v.string(), v.regex(/^\d{2}:\d{2}$/));
const Days = v.array(v.picklist(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]));
const Person = v.strictObject({
  id: Name,
  name: Name,
  aliases: v.optional(v.array(Name), []),
  accounts: v.optional(v.array(Account), []),
  numbers: v.optional(v.array(v.string()), []),
  addresses: v.optional(v.array(v.string()), []),
  grants: v.optional(v.array(Grant), []),
  hours: v.optional(v.array(v.strictObject({ grant: Grant, from: TimeOfDay, to: TimeOfDay, days: v.optional(Days) }))),
});

/** A book as the tools' JSON writes it. What is spoken depends on its people alone; the rest is only checked. */
const BookFile = v.strictObject({
  region: v.string(),
  timeZone: v.string(),
  calling: v.optional(v.picklist(["on", "off"]), "on"),
  kids: v.optional(v.boolean()),
  unknown: v.optional(v.picklist(["hold", "drop"]), "drop"),
  owner: v.optional(Account),
  people: v.optional(v.array(Person), []),
  blocks: v.optional(
    v.array(
      v.union([
        v.strictObject({ person: v.string() }),
        v.strictObject({ account: Account }),
        v.strictObject({ number: v.string() }),
        v.strictObject({ prefix: v.string() }),
        v.strictObject({ withheld: v.literal(true) }),
        v.strictObject({ unknown: v.literal(true) }),
      ]),
    ),
  ),
  quietHours: v.optional(
    v.array(
      v.strictObject({
        from: TimeOfDay,
        to: TimeOfDay,
        days: v.optional(Days),
        except: v.optional(v.array(v.string())),
      }),
    ),
  ),
});

/** Reads a book for its names. An Error says in one line what is wrong with the file. */
export async function readBookFile(file: string): Promise<Book> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : "cannot be read"}`, { cause });
  }
  const parsed = v.safeParse(BookFile, json);
  if (!parsed.success) throw new Error(`${file}: ${v.summarize(parsed.issues).replaceAll("\n", " ")}`);
  const { people, calling, unknown, owner = "" } = parsed.output;
  return { revision: 1, owner, calling, unknown, people, blocks: [] };
}
