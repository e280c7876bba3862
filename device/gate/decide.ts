import type { AccountId, Book, Grant, NumberKey, Person, QuietHours } from "./book.ts";
import { isInside, type LocalTime, localTime } from "./hours.ts";
import { type Lookup, lookup } from "./lookup.ts";
import type { Act, EnvelopeId, Pass } from "./pass.ts";

/** What an envelope asks for, as the wire found it. `reply`: the answer to a call that the owner placed. */
export type Request = Readonly<{
  envelope: EnvelopeId;
  kind: "call" | "message" | "announce" | "drop-in" | "group-call" | "reply";
  /** Null where there is only a number: a call from the telephone network. */
  from: AccountId | null;
  to: AccountId;
  signature: "valid" | "invalid" | "missing";
  replayed: boolean;
  /** False where it expired on the way, or was sent before this unit started. */
  fresh: boolean;
  number?: ClaimedNumber;
  /** The number is hidden, or what stands in its place is none. An absent number is not withheld. */
  withheld?: boolean;
  /** Of a message that was passed on: the account that spoke it first, or "unverified" where no signature says which. */
  origin?: string;
  /** Of a group: everybody in it, the caller or not. */
  members?: readonly AccountId[];
  /** Of a `reply` only: it names, by id and hash, the call that the owner is placing to just this account. */
  awaited?: boolean;
}>;

/** A number that came with a call, normalised at the border: `#device/number.ts`. */
export type ClaimedNumber = Readonly<{
  /** Each way in which what was written can plausibly be meant: all count for blocks, none for grants. */
  readings: readonly NumberKey[];
  /** The number itself, where a key that the owner pinned attests it to this caller: the one that counts for grants. */
  attested: NumberKey | null;
}>;

/** `clockTrusted` false: it was not set since the start, or stands before a time that is known to have been. */
export type Now = Readonly<{ atMs: number; clockTrusted: boolean }>;

export type Verdict =
  | Readonly<{ act: "admit"; because: "granted" | "awaited" | "stale"; pass: Pass }>
  | Readonly<{ act: "take-message"; because: "own-hours" | "quiet-hours" | "clock" | "stale" | "house"; pass: Pass }>
  | Readonly<{ act: "hold"; because: "unknown" | "not-granted"; pass: Pass }>
  /** `evidence`: what the owner wants kept of a blocked message, out of sight and hearing. */
  | Readonly<{ act: "drop"; because: DropReason; evidence?: Pass }>;

export type DropReason =
  | "fault"
  | "calling-off"
  | "unverified"
  | "misaddressed"
  | "replayed"
  | "blocked"
  | "withheld"
  | "blocked-member"
  | "unknown"
  | "kids"
  | "not-granted"
  | "quiet-hours"
  | "clock"
  | "unawaited"
  | "unverified-origin"
  | "stale";

/**
 * What an incoming call or message may do. Total and pure; the first rule that matches wins, in the order of the
 * design's table. `book` is the addressee's, null where it could not be read: then nobody gets in. Parses nothing;
 * budget 50 µs with 100,000 people and blocks.
 */
export function decide(request: Request, book: Book | null, now: Now): Verdict {
  const verdict = decideFor(request, book, now);
  const { origin, envelope, kind, to, signature, replayed, fresh } = request;
  if (origin === undefined || origin === book?.owner || book === null) return verdict;
  if (origin === "unverified") {
    return verdict.act === "drop" || book.unverifiedOrigin === "admit" ? verdict : drop("unverified-origin");
  }
  // Who passes it on must be welcome, and so must who spoke it.
  return stricter(verdict, decideFor({ envelope, kind, from: origin, to, signature, replayed, fresh }, book, now));
}

const STRICTNESS = { admit: 0, "take-message": 1, hold: 2, drop: 3 } as const;

function stricter(one: Verdict, other: Verdict): Verdict {
  return STRICTNESS[other.act] > STRICTNESS[one.act] ? other : one;
}

function decideFor(request: Request, book: Book | null, now: Now): Verdict {
  if (book === null) return drop("fault");
  if (book.calling === "off") return drop("calling-off");
  if (request.signature !== "valid") return drop("unverified");
  if (request.to !== book.owner) return drop("misaddressed");
  if (request.replayed) return drop("replayed");
  const known = lookup(book);
  const kept = keptOut(request, known);
  if (kept === "blocked") return dropBlocked(request, book);
  if (request.kind === "reply") return whatWasAwaited(request, book);
  if (kept !== null) return drop(kept);
  const people = whoIsIt(request, known);
  if (people.length === 0 && known.unknownBlocked) return drop("unknown");
  const grant = grantFor(request.kind);
  const isGranted = people.length > 0 && people.every((person) => person.grants.includes(grant));
  if (!isGranted) return withoutGrant(request, book, people);
  return whatIsGranted(request, book, people, now);
}

/**
 * Several owners on one unit: what the addressee's book decided, after the books of the others were heard. They can only
 * turn `admit` into `take-message`: for somebody whom they blocked, and in their own quiet hours. Whether they know the
 * caller does not matter, nor whether they switched their own calling off; nor, where they have no quiet hours, the time.
 */
export function inHouse(verdict: Verdict, request: Request, book: Book, others: readonly Book[], now: Now): Verdict {
  if (verdict.act !== "admit" || request.kind === "reply") return verdict;
  const isKept = others.some((other) => {
    const known = lookup(other);
    if (keptOut(request, known) !== null) return true;
    return other.quietHours.length > 0 && quietFor(other, whoIsIt(request, known), now) !== null;
  });
  return isKept ? takeMessage(request, book, "house") : verdict;
}

/** Nothing lifts these: they are asked before anything else is known of the caller. */
function keptOut(request: Request, known: Lookup): "blocked" | "withheld" | "blocked-member" | null {
  const { from, number, withheld, members, kind } = request;
  if (from !== null && known.blocked(from)) return "blocked";
  if (number?.readings.some((reading) => known.numberBlocked(reading))) return "blocked";
  if (number?.attested && known.numberBlocked(number.attested)) return "blocked";
  if (withheld && known.withheldBlocked) return "withheld";
  const isWritten = kind === "message" || kind === "announce";
  return !isWritten && members?.some((member) => known.blocked(member)) ? "blocked-member" : null;
}

/** By account; only where nobody has that, by the attested number. All of several must be welcome. */
function whoIsIt({ from, number }: Request, known: Lookup): readonly Person[] {
  const people = from === null ? [] : known.withAccount(from);
  return people.length > 0 || !number?.attested ? people : known.withNumber(number.attested);
}

/** The owner asked for this call, so no grant is needed; a block still stands. */
function whatWasAwaited(request: Request, book: Book): Verdict {
  if (request.awaited !== true) return drop("unawaited");
  return request.fresh ? { act: "admit", because: "awaited", pass: issue("talk", request, book) } : drop("stale");
}

function withoutGrant(request: Request, book: Book, people: readonly Person[]): Verdict {
  if (book.kids) return drop("kids");
  const because = people.length === 0 ? "unknown" : "not-granted";
  if (book.unknown === "drop") return drop(because);
  return { act: "hold", because, pass: issue("request", request, book) };
}

function whatIsGranted(request: Request, book: Book, people: readonly Person[], now: Now): Verdict {
  const local = now.clockTrusted ? localTime(book.timeZone, now.atMs) : null;
  if (people.some((person) => isOutsideOwnHours(person, grantFor(request.kind), local))) {
    return takeMessage(request, book, "own-hours");
  }
  const quiet = quietFor(book, people, now);
  if (quiet !== null) return request.kind === "announce" ? drop(quiet) : takeMessage(request, book, quiet);
  return request.fresh ? admit(request, book, "granted") : whatCameLate(request, book);
}

/** `local` null: nobody knows what time it is, so it is not within anybody's hours. */
function isOutsideOwnHours(person: Person, grant: Grant, local: LocalTime | null): boolean {
  const hours = person.hours.filter((each) => each.grant === grant);
  return hours.length > 0 && !(local !== null && hours.some((each) => isInside(each, local)));
}

/** Null where it is not quiet for these people: all of them excepted from each window that is open, or none is. */
function quietFor(book: Book, people: readonly Person[], now: Now): "quiet-hours" | "clock" | null {
  const local = now.clockTrusted ? localTime(book.timeZone, now.atMs) : null;
  // Without the time, every window may be open; with none to be excepted from, nobody is.
  const open = local === null ? book.quietHours : book.quietHours.filter((window) => isOpen(window, local, now));
  const isExcepted =
    people.length > 0 && open.every(({ except }) => people.every((person) => except.includes(person.id)));
  if (local === null) return isExcepted && open.length > 0 ? null : "clock";
  return isExcepted || open.length === 0 ? null : "quiet-hours";
}

function isOpen(window: QuietHours, local: LocalTime, { atMs }: Now): boolean {
  return isInside(window, local) && (window.untilMs === undefined || atMs < window.untilMs);
}

function whatCameLate(request: Request, book: Book): Verdict {
  switch (request.kind) {
    case "call":
    case "group-call":
      return takeMessage(request, book, "stale");
    case "message":
      return admit(request, book, "stale");
    case "announce":
    case "drop-in":
    case "reply":
      return drop("stale");
  }
}

function admit(request: Request, book: Book, because: "granted" | "stale"): Verdict {
  return { act: "admit", because, pass: issue(actOf(request.kind), request, book) };
}

function takeMessage(
  request: Request,
  book: Book,
  because: Extract<Verdict, { act: "take-message" }>["because"],
): Verdict {
  return { act: "take-message", because, pass: issue("entry", request, book) };
}

function dropBlocked(request: Request, book: Book): Verdict {
  if (request.kind !== "message" || book.evidence === "drop") return drop("blocked");
  return { act: "drop", because: "blocked", evidence: issue("evidence", request, book) };
}

function drop(because: DropReason): Verdict {
  return { act: "drop", because };
}

function grantFor(kind: Request["kind"]): Grant {
  switch (kind) {
    case "call":
    case "group-call":
    case "reply":
      return "ring";
    case "message":
    case "announce":
    case "drop-in":
      return kind;
  }
}

function actOf(kind: Request["kind"]): Act {
  return kind === "reply" ? "talk" : grantFor(kind);
}

/** Every pass there is. A look-alike (a literal, a copy, a revived JSON) is not among them. */
const made = new WeakSet<object>();

function issue(act: Act, request: Request, book: Book): Pass {
  const { owner, revision: bookRevision } = book;
  const pass = Object.freeze({ act, envelope: request.envelope, owner, bookRevision }) as Pass; // the one cast to Pass: a test counts them
  made.add(pass);
  return pass;
}

/** Asked where an effect runs: did the gate make this pass, for this act of this envelope, under this book as it is now? */
export function honoured(
  pass: Pass,
  acts: readonly Act[],
  envelope: EnvelopeId,
  { owner, revision }: Pick<Book, "owner" | "revision">,
): boolean {
  if (!made.has(pass) || !acts.includes(pass.act) || pass.envelope !== envelope) return false;
  return pass.owner === owner && pass.bookRevision === revision;
}
