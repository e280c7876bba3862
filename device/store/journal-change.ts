import type { AccountId, Person } from "../gate/book.ts";
import { isAccountId } from "../keys/account.ts";
import type { BookChange } from "./change.ts";
import type { JournalLine } from "./journal-line.ts";

/** The line that tells of a change of the book. Whoever is removed is not named: their going is told, not who went. */
export function lineOfChange(
  change: BookChange,
  by: "voice" | "button" | "cli",
  person: Person | undefined,
): Omit<JournalLine, "atMs"> {
  if (change.type === "remove-person") return { what: "change", by, detail: change.type };
  const { type, ...what } = change;
  const words = wordsOf(what);
  const account = person?.accounts[0] ?? words.find(isAccountId);
  return { what: "change", by, detail: [type, ...words].join(" "), ...whom(account, person) };
}

function whom(account: AccountId | undefined, person: Person | undefined): Pick<JournalLine, "account" | "person"> {
  return { ...(account !== undefined && { account }), ...(person && { person: person.id }) };
}

/** The values of a change in their order, whatever their shape: new kinds of changes need no new words. */
function wordsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, each]) => (each === true ? [name] : wordsOf(each)));
  }
  if (typeof value === "string") return [value];
  return typeof value === "number" || typeof value === "boolean" ? [String(value)] : [];
}
