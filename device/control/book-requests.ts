import type { Block, Book, Person } from "../gate/book.ts";
import { readAccountId } from "../store/account-id.ts";
import type { ChangeResult, NotChanged } from "../store/book.ts";
import { type BookChange, isBlocked } from "../store/change.ts";
import { type Found, findPerson } from "./find-person.ts";
import type { ControlRequest, PersonView, RequestError } from "./requests.ts";

/** The requests that change the book. */
export type BookRequest = Extract<
  ControlRequest,
  {
    do:
      | "person-add"
      | "person-account"
      | "person-remove"
      | "person-grant"
      | "person-revoke"
      | "block"
      | "unblock"
      | "calling"
      | "unknown";
  }
>;

type Wanted = Readonly<{ ok: true; change: BookChange } | { ok: false; error: RequestError }>;

/** What a typed request changes, by the book as it stands; or why it is not clear what. Pure. */
export function toChange(request: BookRequest, book: Book): Wanted {
  switch (request.do) {
    case "person-add": {
      const accounts = request.accounts.map((text) => readAccountId(text) ?? text);
      const { name, aliases, grants } = request;
      return { ok: true, change: { type: "add-person", name, aliases, accounts, grants } };
    }
    case "person-account": {
      const account = readAccountId(request.account) ?? request.account;
      return aboutPerson(book, request.who, (person) => ({ type: "add-account", person, account }));
    }
    case "person-remove":
      return aboutPerson(book, request.who, (person) => ({ type: "remove-person", person }));
    case "person-grant":
      return aboutPerson(book, request.who, (person) => ({ type: "grant", person, grants: request.grants }));
    case "person-revoke":
      return aboutPerson(book, request.who, (person) => ({ type: "revoke", person, grants: request.grants }));
    case "block":
    case "unblock": {
      const block = toBlock(book, request.who);
      return block.ok ? { ok: true, change: { type: request.do, block: block.block } } : block;
    }
    case "calling":
      return { ok: true, change: { type: "calling", calling: request.calling } };
    case "unknown":
      return { ok: true, change: { type: "unknown", unknown: request.unknown } };
  }
}

/** An account that somebody has stands for all of that person. */
function toBlock(book: Book, who: string): { ok: true; block: Block } | { ok: false; error: RequestError } {
  const found = findPerson(book, who);
  if (found.found === "person") return { ok: true, block: { person: found.person.id } };
  if (found.found === "account") return { ok: true, block: { account: found.account } };
  // A person called "unknown" goes first: what the owner wrote in the book means that person.
  if (found.found === "nobody" && who.toLowerCase() === "unknown") return { ok: true, block: { unknown: true } };
  return { ok: false, error: notFound(found, who) };
}

function aboutPerson(book: Book, who: string, change: (personId: string) => BookChange): Wanted {
  const found = findPerson(book, who);
  if (found.found === "person") return { ok: true, change: change(found.person.id) };
  return { ok: false, error: notFound(found, who) };
}

/** Why a word names no one person, in words that say what to do. */
export function notFound(found: Exclude<Found, { found: "person" }>, who: string): RequestError {
  switch (found.found) {
    case "account":
      return { code: "no-such-person", message: "nobody in the book has this account" };
    case "several": {
      const ids = found.people.map((person) => person.id).join(", ");
      return { code: "several-people", message: `several people are called "${who}": say which by id (${ids})` };
    }
    case "nobody": {
      const [first] = found.close;
      const hint = first === undefined ? '"porter person list" shows who is' : `did you mean ${orList(found.close)}?`;
      return { code: "no-such-person", message: `nobody in the book is called "${who}"; ${hint}` };
    }
  }
}

function orList(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(" or ");
}

/** A refused change, in words that say what to do. */
export function describeRefusal(why: NotChanged): RequestError {
  return { code: why.code, message: explain(why) };
}

function explain(why: NotChanged): string {
  switch (why.code) {
    case "bad-name":
    case "own-account":
    case "too-many":
      return why.detail;
    case "bad-account":
      return 'that is not an account id: 52 letters and digits, as "porter id" shows on the other person\'s unit';
    case "no-such-person":
      return `nobody in the book has the id "${why.person}"`;
    case "account-taken":
      return `this account belongs to ${why.person.name} (${why.person.id}) already; remove that person first`;
    case "not-blocked":
      return "there is no such block";
    case "person-blocked":
      return `it is ${why.person.name} who is blocked: unblock "${why.person.id}"`;
    case "not-granted":
      return `${why.person.name} has no grant to ${why.grants.join(" or ")}`;
    case "not-saved":
      return `nothing was changed, because it could not be saved: ${why.detail}`;
  }
}

/** The answer to a change; the book is the one after it. */
export function changeAnswer({ book, changed, person }: Extract<ChangeResult, { ok: true }>): {
  changed: boolean;
  person?: PersonView;
} {
  return { changed, ...(person && { person: viewPerson(book, person) }) };
}

export function viewPerson(book: Book, person: Person): PersonView {
  const { id, name, aliases, accounts, grants } = person;
  const blocked = isBlocked(book, person);
  return { id, name, aliases: [...aliases], accounts: [...accounts], grants: [...grants], blocked };
}
