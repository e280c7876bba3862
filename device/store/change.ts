import type { AccountId, Block, Book, Grant, NumberKey, OwnHours, Person, QuietHours } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { block, unblock } from "./change-block.ts";
import { setOwnHours, setQuietHours, setRegion, setTimeZone } from "./change-hours.ts";
import { type CardOutcome, importCards, type TickedCard } from "./change-import.ts";
import { link, unlink } from "./change-link.ts";
import { addAlias, addPerson, grant, mergePeople, removePerson, revoke } from "./change-person.ts";

/** One decision of the owner's. People are named by their id in the book, numbers by their key. */
export type BookChange = Readonly<
  | {
      type: "add-person";
      name: string;
      aliases?: readonly string[];
      accounts?: readonly AccountId[];
      numbers?: readonly NumberKey[];
      addresses?: readonly string[];
      grants?: readonly Grant[];
    }
  /** What the owner ticked in a file: nobody is granted anything by it. */
  | { type: "import"; cards: readonly TickedCard[] }
  /** One more account, number or address of somebody's: their grants cover it, and their blocks. */
  | { type: "add-account"; person: string; account: AccountId }
  | { type: "add-number"; person: string; number: NumberKey }
  | { type: "add-address"; person: string; address: string }
  /** Two entries are one person: `into` takes what `person` has, but for their grants. Either's block covers both. */
  | { type: "merge-people"; person: string; into: string }
  /** What was one of somebody's is so no longer; if they are blocked, it stays blocked. */
  | { type: "remove-account"; person: string; account: AccountId }
  | { type: "remove-number"; person: string; number: NumberKey }
  | { type: "remove-address"; person: string; address: string }
  /** Only seals stay: by them the person stays blocked if they were, and is brought back by nothing but their name. */
  | { type: "remove-person"; person: string; atMs: number }
  /** One more name that somebody goes by. */
  | { type: "add-alias"; person: string; alias: string }
  | { type: "grant"; person: string; grants: readonly Grant[] }
  | { type: "revoke"; person: string; grants: readonly Grant[] }
  /** In place of all the hours that the person had. */
  | { type: "own-hours"; person: string; hours: readonly OwnHours[] }
  | { type: "block"; block: Block }
  /** Unblocking a person also lifts blocks on their single accounts and numbers. */
  | { type: "unblock"; block: Block }
  | { type: "calling"; calling: "on" | "off" }
  | { type: "unknown"; unknown: "hold" | "drop" }
  | { type: "kids"; kids: boolean }
  | { type: "evidence"; evidence: "keep" | "drop" }
  | { type: "unverified-origin"; unverifiedOrigin: "admit" | "drop" }
  /** In place of all the quiet hours that there were. */
  | { type: "quiet-hours"; quietHours: readonly QuietHours[] }
  /** Numbers that are in the book stay what they are. */
  | { type: "region"; region: string }
  | { type: "time-zone"; timeZone: string }
>;

/** Why a change was refused; nothing has changed then. */
export type ChangeRefusal = Readonly<
  | {
      code:
        | "bad-name"
        | "bad-account"
        | "bad-number"
        | "bad-address"
        | "bad-hours"
        | "bad-region"
        | "bad-time-zone"
        | "own-account"
        | "too-many";
      detail: string;
    }
  | { code: "no-such-person"; person: string }
  /** The account or number belongs to another person. */
  | { code: "account-taken"; account: AccountId; person: Person }
  | { code: "number-taken"; number: NumberKey; person: Person }
  | { code: "same-person"; person: Person }
  /** The account, number or address is not one of theirs. */
  | { code: "not-linked"; person: Person }
  | { code: "not-blocked" }
  /** The account or number itself cannot be unblocked: the person who has it is blocked. */
  | { code: "person-blocked"; person: Person }
  /** The prefix is what blocks it, and stands for others too. */
  | { code: "prefix-blocked"; prefix: string }
  | { code: "not-granted"; person: Person; grants: readonly Grant[] }
>;

/**
 * `changed` false: it was so already, and the book is the same one (there is nothing that an undo may undo). `back`: the
 * person was deleted before. `cards`: what became of each that was imported.
 */
export type Applied = Readonly<
  | { ok: true; book: Book; changed: boolean; person?: Person; back?: boolean; cards?: readonly CardOutcome[] }
  | { ok: false; why: ChangeRefusal }
>;

/** Does it only ever turn somebody away? Such a change must not wait for a disk. */
export function isTightening(change: BookChange): boolean {
  switch (change.type) {
    case "block":
    case "revoke":
      return true;
    case "calling":
      return change.calling === "off";
    case "unknown":
      return change.unknown === "drop";
    case "kids":
      return change.kids;
    case "unverified-origin":
      return change.unverifiedOrigin === "drop";
    case "evidence":
    case "add-person":
    case "import":
    case "add-account":
    case "add-number":
    case "add-address":
    case "add-alias":
    case "remove-account":
    case "remove-number":
    case "remove-address":
    case "merge-people":
    case "remove-person":
    case "grant":
    case "own-hours":
    case "unblock":
    case "quiet-hours":
    case "region":
    case "time-zone":
      return false;
  }
}

/** The only place where a book changes. Pure; a change that does not fit is refused. */
export function applyChange(book: Book, change: BookChange): Applied {
  switch (change.type) {
    case "add-person":
      return addPerson(book, change);
    case "import":
      return importCards(book, change.cards);
    case "add-account":
      return link(book, change.person, { accounts: [change.account] });
    case "add-number":
      return link(book, change.person, { numbers: [change.number] });
    case "add-address":
      return link(book, change.person, { addresses: [change.address] });
    case "remove-account":
      return unlink(book, change.person, { accounts: [change.account] });
    case "remove-number":
      return unlink(book, change.person, { numbers: [change.number] });
    case "remove-address":
      return unlink(book, change.person, { addresses: [change.address] });
    case "merge-people":
      return mergePeople(book, change.person, change.into);
    case "remove-person":
      return removePerson(book, change);
    case "add-alias":
      return addAlias(book, change.person, change.alias);
    case "grant":
      return grant(book, change.person, change.grants);
    case "revoke":
      return revoke(book, change.person, change.grants);
    case "own-hours":
      return setOwnHours(book, change.person, change.hours);
    case "block":
      return block(book, change.block);
    case "unblock":
      return unblock(book, change.block);
    case "calling":
      return set(book, { calling: change.calling });
    case "unknown":
      return set(book, { unknown: change.unknown });
    case "kids":
      return set(book, { kids: change.kids });
    case "evidence":
      return set(book, { evidence: change.evidence });
    case "unverified-origin":
      return set(book, { unverifiedOrigin: change.unverifiedOrigin });
    case "quiet-hours":
      return setQuietHours(book, change.quietHours);
    case "region":
      return setRegion(book, change.region);
    case "time-zone":
      return setTimeZone(book, change.timeZone);
  }
}

const SWITCHES = ["calling", "unknown", "kids", "evidence", "unverifiedOrigin"] as const;

function set(book: Book, field: Partial<Pick<Book, (typeof SWITCHES)[number]>>): Applied {
  const after = { ...book, ...field };
  if (SWITCHES.every((name) => after[name] === book[name])) return { ok: true, book, changed: false };
  return { ok: true, book: Object.freeze({ ...after, revision: book.revision + 1 }), changed: true };
}

export function isBlocked(book: Book, person: Person): boolean {
  return lookup(book).personBlocked(person);
}
