import type { AccountId, Person } from "../gate/book.ts";
import { isAccountId } from "../keys/account.ts";
import type { BookChange } from "./change.ts";
import type { CardOutcome } from "./change-import.ts";
import type { JournalLine } from "./journal-line.ts";

/** So many ids fit into the words of one line. */
const IDS_A_LINE = 12;

type Told = Readonly<{ person?: Person; cards?: readonly CardOutcome[] }>;

/** What tells of a change of the book, nearly always one line; an import has as many as name all whom it touched. */
export function linesOfChange(
  change: BookChange,
  by: "voice" | "button" | "cli",
  { person, cards = [] }: Told,
): Omit<JournalLine, "atMs">[] {
  if (change.type !== "import") return [lineOfChange(change, by, person)];
  const ids = cards.flatMap((each) => (each.outcome === "new" || each.outcome === "more" ? [each.person.id] : []));
  const lines: Omit<JournalLine, "atMs">[] = [];
  for (let at = 0; at < ids.length; at += IDS_A_LINE) {
    lines.push({ what: "change", by, detail: `import ${ids.slice(at, at + IDS_A_LINE).join(" ")}` });
  }
  return lines;
}

/** Whoever is removed is not named: their going is told, not who went. */
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
