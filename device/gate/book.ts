/** What the owner decided. A value: every change makes a new one with the next revision. Gate code imports nothing of ours. */
export type Book = Readonly<{
  /** Goes up by one with each change; a pass is good for one revision only. */
  revision: number;
  /** The account whose book this is. */
  owner: AccountId;
  calling: "on" | "off";
  /** What becomes of callers who are unknown, or known without the grant. They never ring. */
  unknown: "hold" | "drop";
  /** A child's unit: whoever has no grant is dropped, never held. */
  kids: boolean;
  /** What blocked people leave: kept out of sight as evidence, or dropped. */
  evidence: "keep" | "drop";
  /** What becomes of messages that are passed on without a sign of who spoke them first. */
  unverifiedOrigin: "admit" | "drop";
  /** ISO 3166-1 alpha-2: how numbers were meant that the owner wrote without a country code. */
  region: string;
  /** IANA name: where the hours below are read off the clock. */
  timeZone: string;
  people: readonly Person[];
  blocks: readonly Block[];
  quietHours: readonly QuietHours[];
  /** Whom the owner deleted: blocks on them hold, and no import brings them back. */
  deleted: readonly Deleted[];
  /** What `deleted` was sealed with. It stands here so that nobody can ask a book without it. */
  seal: SealOf;
}>;

/** An Ed25519 public key in lower-case base32: 52 characters. */
export type AccountId = string;

/** E.164 with its `+`, such as `+442079460018`; bare digits where that is all there is (a short code). */
export type NumberKey = string;

export type Person = Readonly<{
  /** Stable within the book; never spoken. */
  id: string;
  /** As the owner wrote it. Names never decide anything. */
  name: string;
  aliases: readonly string[];
  accounts: readonly AccountId[];
  numbers: readonly NumberKey[];
  /** Where else they can be written to. Nothing is decided by these. */
  addresses: readonly string[];
  /** Being in the book grants nothing: each thing this person may do stands here. */
  grants: readonly Grant[];
  /** A grant that stands here holds within its windows only; one that does not, always. */
  hours: readonly OwnHours[];
}>;

export type Grant = "ring" | "message" | "announce" | "drop-in";

/**
 * A block on a person covers every account and number of theirs, those added later too; a block on an account, a number
 * or a prefix covers whoever has it in the book as a whole. `prefix`: an E.164 beginning, such as `+44909`.
 * `withheld`: whoever hides their number. `unknown`: whoever is not in the book.
 */
export type Block = Readonly<
  | { person: string }
  | { account: AccountId }
  | { number: NumberKey }
  | { prefix: string }
  | { withheld: true }
  | { unknown: true }
>;

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/**
 * Minutes since midnight on the wall's clock; the start is inside, the end is not. One whose end is not after its start
 * runs into the next day; `days` are those on which it starts.
 */
export type Window = Readonly<{ fromMinute: number; toMinute: number; days: readonly Weekday[] }>;
export type OwnHours = Window & Readonly<{ grant: Grant }>;
/** `except`: the ids of people who get through all the same. `untilMs`: it is over then, whatever the wall's clock shows. */
export type QuietHours = Window & Readonly<{ except: readonly string[]; untilMs?: number }>;

/** A keyed hash, which only this unit can make, and which nobody can turn back. */
export type Seal = string;
/** Numbers are sealed as their line, names as their plain words: what is the same has one seal. */
export type SealOf = (what: "account" | "number" | "address" | "name", key: string) => Seal;

/** All that is left of somebody who was deleted. `blocked`: their accounts and numbers are blocked still. */
export type Deleted = Readonly<{
  /** Within the book; of no meaning outside it. */
  id: number;
  atMs: number;
  blocked: boolean;
  accounts: readonly Seal[];
  numbers: readonly Seal[];
  addresses: readonly Seal[];
  names: readonly Seal[];
}>;

/** For a book from which nobody was ever deleted: what it seals would be everybody's, and so a block on all. */
export const sealsAllAlike: SealOf = () => "";

/** A book as it is before the owner decided anything. */
export function emptyBook(owner: AccountId, region: string, timeZone: string, seal: SealOf): Book {
  return {
    revision: 1,
    owner,
    calling: "on",
    unknown: "hold",
    kids: false,
    evidence: "drop",
    unverifiedOrigin: "drop",
    region,
    timeZone,
    people: [],
    blocks: [],
    quietHours: [],
    deleted: [],
    seal,
  };
}
