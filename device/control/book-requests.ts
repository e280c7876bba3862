import type { Block, Book, NumberKey, Person, Window } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { sameLine } from "../gate/number-key.ts";
import { isRegion, readNumber, readPrefix } from "../number.ts";
import { readAccountId } from "../store/account-id.ts";
import type { ChangeResult, NotChanged } from "../store/book.ts";
import { type BookChange, isBlocked } from "../store/change.ts";
import { type Found, findPerson } from "./find-person.ts";
import type { ChangeDo, ControlRequest, PersonView, RequestError, RulesView } from "./requests.ts";
import { fromWindow, toWindow, WEEK } from "./window-text.ts";

/** The requests that change the book. */
export type BookRequest = Extract<ControlRequest, { do: ChangeDo }>;

type Wanted = Readonly<{ ok: true; change: BookChange } | { ok: false; error: RequestError }>;

/** What a typed request changes, by the book as it stands; or why it is not clear what. Pure. */
export function toChange(request: BookRequest, book: Book, nowMs: number): Wanted {
  switch (request.do) {
    case "person-add":
      return toAddition(request, book);
    case "person-account": {
      const account = readAccountId(request.account) ?? request.account;
      return aboutPerson(book, request.who, (person) => ({ type: "add-account", person, account }));
    }
    case "person-number": {
      const [number] = readNumber(request.number, book.region);
      if (number === undefined) return noNumber(request.number);
      return aboutPerson(book, request.who, (person) => ({ type: "add-number", person, number }));
    }
    case "person-address":
      return aboutPerson(book, request.who, (person) => ({ type: "add-address", person, address: request.address }));
    case "person-alias":
      return aboutPerson(book, request.who, (person) => ({ type: "add-alias", person, alias: request.alias }));
    case "person-unlink":
      return toUnlink(request, book);
    case "person-merge": {
      const into = findPerson(book, request.into);
      if (into.found !== "person") return { ok: false, error: notFound(into, request.into) };
      return aboutPerson(book, request.who, (person) => ({ type: "merge-people", person, into: into.person.id }));
    }
    case "person-hours":
      return toHours(request, book);
    case "person-remove":
      return aboutPerson(book, request.who, (person) => ({ type: "remove-person", person, atMs: nowMs }));
    case "person-grant":
      return aboutPerson(book, request.who, (person) => ({ type: "grant", person, grants: request.grants }));
    case "person-revoke":
      return aboutPerson(book, request.who, (person) => ({ type: "revoke", person, grants: request.grants }));
    case "block":
    case "unblock": {
      const block = toBlock(book, request.who, request.as);
      return block.ok ? { ok: true, change: { type: request.do, block: block.block } } : block;
    }
    case "calling":
      return { ok: true, change: { type: "calling", calling: request.calling } };
    case "unknown":
      return { ok: true, change: { type: "unknown", unknown: request.unknown } };
    case "messages-of-blocked":
      return { ok: true, change: { type: "evidence", evidence: request.evidence } };
    case "messages-unverified":
      return { ok: true, change: { type: "unverified-origin", unverifiedOrigin: request.unverifiedOrigin } };
    case "kids":
      return { ok: true, change: { type: "kids", kids: request.kids } };
    case "region": {
      const region = request.region.toUpperCase();
      if (!isRegion(region)) return refusal("bad-region", `there is no country "${request.region}"; one is GB`);
      return { ok: true, change: { type: "region", region } };
    }
    case "time-zone":
      return { ok: true, change: { type: "time-zone", timeZone: request.timeZone } };
    case "quiet-add":
      return toQuietHours(request, book);
    case "quiet-remove":
      return withoutQuietHours(request, book);
    case "quiet-clear":
      return { ok: true, change: { type: "quiet-hours", quietHours: [] } };
  }
}

function toAddition(request: Extract<BookRequest, { do: "person-add" }>, book: Book): Wanted {
  const accounts = request.accounts.map((text) => readAccountId(text) ?? text);
  const numbers: NumberKey[] = [];
  for (const written of request.numbers) {
    const [number] = readNumber(written, book.region);
    if (number === undefined) return noNumber(written);
    numbers.push(number);
  }
  const { name, aliases, grants, addresses } = request;
  return { ok: true, change: { type: "add-person", name, aliases, accounts, numbers, addresses, grants } };
}

function toUnlink({ who, ...what }: Extract<BookRequest, { do: "person-unlink" }>, book: Book): Wanted {
  const { account, number, address } = what;
  if ([account, number, address].filter((each) => each !== undefined).length !== 1) {
    return refusal("bad-request", "say one of them: an account, a number or an address");
  }
  const found = findPerson(book, who);
  if (found.found !== "person") return { ok: false, error: notFound(found, who) };
  const { id: person, numbers, addresses } = found.person;
  if (account !== undefined) {
    return { ok: true, change: { type: "remove-account", person, account: readAccountId(account) ?? account } };
  }
  if (number !== undefined) {
    const lines = readNumber(number, book.region).map(sameLine);
    if (lines.length === 0) return noNumber(number);
    const [theirs = lines[0] ?? ""] = numbers.filter((each) => lines.includes(sameLine(each)));
    return { ok: true, change: { type: "remove-number", person, number: theirs } };
  }
  const plain = (text: string) => text.trim().toLowerCase();
  const [theirs = ""] = addresses.filter((each) => plain(each) === plain(address ?? ""));
  return { ok: true, change: { type: "remove-address", person, address: theirs } };
}

function withoutQuietHours({ from, to, days }: Extract<BookRequest, { do: "quiet-remove" }>, book: Book): Wanted {
  const wanted = toWindow({ from, to, days: days ?? [...WEEK] });
  const isThat = (each: Window) =>
    each.fromMinute === wanted.fromMinute &&
    each.toMinute === wanted.toMinute &&
    (days === undefined || WEEK.every((day) => each.days.includes(day) === days.includes(day)));
  const those = book.quietHours.filter(isThat);
  if (those.length === 0) return refusal("no-such-hours", 'there are no such quiet hours; "porter rules" shows them');
  const isOne = those.every(
    ({ days: of }) => [...of].toSorted().join() === [...(those[0]?.days ?? [])].toSorted().join(),
  );
  if (!isOne) return refusal("several-hours", "there are several of these hours: say also on which days");
  const quietHours = book.quietHours.filter((each) => !those.includes(each));
  return { ok: true, change: { type: "quiet-hours", quietHours } };
}

function toHours({ who, grant, windows }: Extract<BookRequest, { do: "person-hours" }>, book: Book): Wanted {
  const found = findPerson(book, who);
  if (found.found !== "person") return { ok: false, error: notFound(found, who) };
  const others = found.person.hours.filter((each) => each.grant !== grant);
  const hours = [...others, ...windows.map((window) => ({ grant, ...toWindow(window) }))];
  return { ok: true, change: { type: "own-hours", person: found.person.id, hours } };
}

function toQuietHours(request: Extract<BookRequest, { do: "quiet-add" }>, book: Book): Wanted {
  const except: string[] = [];
  for (const who of request.except) {
    const found = findPerson(book, who);
    if (found.found !== "person") return { ok: false, error: notFound(found, who) };
    except.push(found.person.id);
  }
  const quietHours = [...book.quietHours, { ...toWindow(request), except }];
  return { ok: true, change: { type: "quiet-hours", quietHours } };
}

function noNumber(written: string): Wanted {
  return refusal("bad-number", `"${written}" is no number`);
}

function refusal(code: string, message: string): { ok: false; error: RequestError } {
  return { ok: false, error: { code, message } };
}

type WantedBlock = { ok: true; block: Block } | { ok: false; error: RequestError };

/** An account or a number that somebody has stands for all of that person. */
function toBlock(book: Book, who: string, as: "prefix" | undefined): WantedBlock {
  if (as === "prefix") {
    const [prefix] = readPrefix(who, book.region);
    return prefix === undefined
      ? refusal("bad-number", `"${who}" is not the beginning of a number`)
      : { ok: true, block: { prefix } };
  }
  const found = findPerson(book, who);
  if (found.found === "person") return { ok: true, block: { person: found.person.id } };
  if (found.found === "account") return { ok: true, block: { account: found.account } };
  // A person called "unknown" goes first: what the owner wrote in the book means that person.
  if (found.found === "nobody" && who.toLowerCase() === "unknown") return { ok: true, block: { unknown: true } };
  if (found.found === "nobody" && who.toLowerCase() === "withheld") return { ok: true, block: { withheld: true } };
  if (found.found === "nobody" && isWrittenNumber(who)) {
    const [number] = readNumber(who, book.region);
    const [person] = number === undefined ? [] : lookup(book).withNumber(number);
    if (person) return { ok: true, block: { person: person.id } };
    if (number !== undefined) return { ok: true, block: { number } };
  }
  return { ok: false, error: notFound(found, who) };
}

/** Three digits at least and no word: "Agent 47" is a name that was misspelt. */
function isWrittenNumber(text: string): boolean {
  return /^[+(]?[\p{Nd}\s().+/-]+$/u.test(text) && (text.match(/\p{Nd}/gu)?.length ?? 0) >= 3;
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
    case "bad-number":
    case "bad-address":
    case "bad-hours":
    case "bad-region":
    case "bad-time-zone":
    case "own-account":
    case "too-many":
      return why.detail;
    case "bad-account":
      return 'that is not an account id: 52 letters and digits, as "porter id" shows on the other person\'s unit';
    case "no-such-person":
      return `nobody in the book has the id "${why.person}"`;
    case "account-taken":
      return `this account belongs to ${why.person.name} (${why.person.id}) already; remove that person first`;
    case "number-taken":
      return `this number belongs to ${why.person.name} (${why.person.id}) already; merge the two, or remove that person first`;
    case "not-linked":
      return `that is none of ${why.person.name}'s (${why.person.id}); "porter person list --json" shows what is`;
    case "same-person":
      return `${why.person.name} (${why.person.id}) is one person already`;
    case "prefix-blocked":
      return `it is the prefix ${why.prefix} that is blocked: "porter unblock --prefix ${why.prefix}" lifts it for all its numbers`;
    case "not-blocked":
      return 'there is no such block; "porter blocks" shows them';
    case "person-blocked":
      return `it is ${why.person.name} who is blocked: unblock "${why.person.id}"`;
    case "not-granted":
      return `${why.person.name} has no grant to ${why.grants.join(" or ")}`;
    case "not-saved":
      return `nothing was changed, because it could not be saved: ${why.detail}`;
  }
}

/** The answer to a change; the book is the one after it. */
export function changeAnswer({ book, changed, person, back, unsaved }: Extract<ChangeResult, { ok: true }>): {
  changed: boolean;
  person?: PersonView;
  back?: boolean;
  unsaved?: true;
} {
  const view = person && { person: viewPerson(book, person) };
  return { changed, ...view, ...(back && { back }), ...(unsaved && { unsaved }) };
}

export function viewPerson(book: Book, person: Person): PersonView {
  const { id, name } = person;
  const [aliases, accounts, numbers] = [[...person.aliases], [...person.accounts], [...person.numbers]];
  const [addresses, grants] = [[...person.addresses], [...person.grants]];
  const hours = person.hours.map((each) => ({ grant: each.grant, ...fromWindow(each) }));
  return { id, name, aliases, accounts, numbers, addresses, grants, hours, blocked: isBlocked(book, person) };
}

export function viewRules(book: Book): RulesView {
  const { calling, unknown, kids, evidence, unverifiedOrigin, region, timeZone } = book;
  const quietHours = book.quietHours.map((each) => ({
    ...fromWindow(each),
    except: [...each.except],
    ...(each.untilMs !== undefined && { untilMs: each.untilMs }),
  }));
  const switches = { calling, unknown, kids, evidence, unverifiedOrigin, region, timeZone };
  return { ...switches, quietHours, blocks: viewBlocks(book) };
}

function viewBlocks({ blocks, deleted }: Book): RulesView["blocks"] {
  const gone = deleted.filter(({ blocked, accounts, numbers }) => blocked && accounts.length + numbers.length > 0);
  return [...blocks.map(viewBlock), ...gone.map(({ atMs }) => ({ kind: "deleted" as const, who: "", atMs }))];
}

function viewBlock(block: Block): RulesView["blocks"][number] {
  if ("person" in block) return { kind: "person", who: block.person };
  if ("account" in block) return { kind: "account", who: block.account };
  if ("number" in block) return { kind: "number", who: block.number };
  if ("prefix" in block) return { kind: "prefix", who: block.prefix };
  return { kind: "withheld" in block ? "withheld" : "unknown", who: "" };
}
