import { randomBytes } from "node:crypto";
import type { Book } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import type { Forgotten, Journal } from "../store/journal.ts";
import type { JournalEntry } from "../store/journal-line.ts";
import { sayReport } from "../store/journal-words.ts";
import { type DidNotRing, whyItDidNotRing } from "../store/why.ts";
import { findPerson } from "./find-person.ts";
import type { JournalView, WhyView } from "./journal-views.ts";
import type { ControlHandlers, RequestError } from "./requests.ts";

type JournalDo = "journal" | "journal-verify" | "journal-export" | "journal-forget" | "why";
/** The journal with the book that has the names; or why there is none. */
type Opened = Readonly<{ ok: true; journal: Journal; book: Book } | { ok: false; error: RequestError }>;

const PAGE = 200;
/** Lines looked through for calls that did not ring: those that an owner may still wonder about. */
const MAX_LOOKED_THROUGH = 4_000;
/** Characters of an export sent at once: a client is cut off who has a megabyte unread. */
const PART_CHARS = 100_000;

export function journalHandlers(opened: () => Opened): Pick<ControlHandlers, JournalDo> {
  let current: { name: string; parts: string[] } | null = null;
  return {
    journal: ({ limit, before }) => {
      const found = opened();
      if (!found.ok) return found;
      const lines = found.journal.list({ limit, before }).map((line) => viewJournal(found.book, line));
      return { ok: true, answer: { lines } };
    },
    "journal-verify": async () => {
      const found = opened();
      if (!found.ok) return found;
      const report = await found.journal.verify();
      return { ok: true, answer: { holds: report.holds, says: sayReport(report) } };
    },
    "journal-export": async ({ part, export: name }) => {
      const found = opened();
      if (!found.ok) return found;
      if (part === 0) {
        const text = await found.journal.exported();
        if (text === null) return refused("not-saved", "the disk refuses the checkpoint that the file would end in");
        current = { name: randomBytes(6).toString("hex"), parts: cut(text) };
      } else if (current === null || current.name !== name) {
        return refused("export-superseded", "another export was begun meanwhile: begin again");
      }
      const { parts, name: called } = current;
      if (part >= parts.length) return refused("no-such-part", `the file has ${parts.length} parts`);
      const text = parts[part] ?? "";
      if (part === parts.length - 1) current = null;
      return { ok: true, answer: { export: called, parts: parts.length, text } };
    },
    "journal-forget": ({ who }) => {
      const found = opened();
      if (!found.ok) return found;
      const whom = whomToForget(found.book, who);
      if (!whom.ok) return whom;
      const lines = found.journal.forget(whom.whom, "cli");
      if (lines === null) return refused("not-saved", "nothing was forgotten, because it could not be saved");
      return { ok: true, answer: { lines } };
    },
    why: ({ limit }) => {
      const found = opened();
      if (!found.ok) return found;
      return { ok: true, answer: { calls: lastThatDidNotRing(found.journal, found.book, limit) } };
    },
  };
}

function refused(code: string, message: string): Readonly<{ ok: false; error: RequestError }> {
  return { ok: false, error: { code, message } };
}

type Whom = Readonly<{ ok: true; whom: Forgotten } | { ok: false; error: RequestError }>;

/** An account need not be in the book: strangers can be forgotten too. */
function whomToForget(book: Book, who: string): Whom {
  const found = findPerson(book, who);
  switch (found.found) {
    case "person":
      return { ok: true, whom: { keys: found.person.accounts, person: found.person.id } };
    case "account":
      return { ok: true, whom: { keys: [found.account] } };
    case "several":
      return refused("several-people", `several people are called "${who}": say which by id`);
    case "nobody":
      return refused("no-such-person", `nobody in the book is called "${who}"; an account id would do too`);
  }
}

function lastThatDidNotRing(journal: Journal, book: Book, limit: number): WhyView[] {
  const calls: DidNotRing[] = [];
  let before: number | undefined;
  for (let looked = 0; looked < MAX_LOOKED_THROUGH && calls.length < limit; looked += PAGE) {
    const page = journal.list({ limit: PAGE, before });
    calls.push(...whyItDidNotRing(page));
    before = page.at(-1)?.id;
    if (before === undefined) break;
  }
  return calls.slice(0, limit).map((call) => ({ ...call, ...nameOf(book, call.account, undefined) }));
}

export function viewJournal(book: Book, entry: JournalEntry): JournalView {
  const { id, atMs, what, count, lastMs, chain, account, person, act, because, by, detail, outcome, several } = entry;
  return {
    id,
    atMs,
    what,
    count,
    lastMs,
    chain,
    ...(account !== undefined && { account }),
    ...nameOf(book, account, person),
    ...(act !== undefined && { act }),
    ...(because !== undefined && { because }),
    ...(by !== undefined && { by }),
    ...(detail !== undefined && { detail }),
    ...(outcome !== undefined && { outcome }),
    ...(several !== undefined && { several }),
  };
}

/** By the account if there is one: an id may have gone to somebody else since. */
function nameOf(book: Book, account: string | undefined, id: string | undefined): { person?: string } {
  const person = account === undefined ? book.people.find((each) => each.id === id) : lookup(book).person(account);
  return person ? { person: person.name } : {};
}

/** At line ends, so that no character is torn. */
function cut(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at + PART_CHARS);
    parts.push(text.slice(at, end === -1 ? text.length : end + 1));
    at = end === -1 ? text.length : end + 1;
  }
  return parts;
}
