import type { AccountId, Book, Grant } from "./book.ts";
import { type Lookup, lookup } from "./lookup.ts";
import type { Act, EnvelopeId, Pass } from "./pass.ts";

/** What an envelope asks for, as the wire found it. `reply`: the answer to a call that the owner placed. */
export type Request = Readonly<{
  envelope: EnvelopeId;
  kind: "call" | "message" | "announce" | "drop-in" | "reply";
  from: AccountId;
  to: AccountId;
  signature: "valid" | "invalid" | "missing";
  replayed: boolean;
  /** False where it expired on the way, or was sent before this unit started. */
  fresh: boolean;
  /** Of a `reply` only: it names, by id and hash, the call that the owner is placing to just this account. */
  awaited?: boolean;
}>;

export type Verdict =
  | Readonly<{ act: "admit"; because: "granted" | "awaited" | "stale"; pass: Pass }>
  | Readonly<{ act: "take-message"; because: "stale"; pass: Pass }>
  | Readonly<{ act: "hold"; because: "unknown" | "not-granted"; pass: Pass }>
  | Readonly<{ act: "drop"; because: DropReason }>;

export type DropReason =
  | "fault"
  | "calling-off"
  | "unverified"
  | "misaddressed"
  | "replayed"
  | "blocked"
  | "unknown"
  | "not-granted"
  | "unawaited"
  | "stale";

/**
 * What an incoming call or message may do. Total and pure; the first rule that matches wins, in the order of the
 * design's table. `book` is the addressee's, null where it could not be read: then nobody gets in. Parses nothing;
 * budget 50 µs with 100,000 people and blocks.
 */
export function decide(request: Request, book: Book | null): Verdict {
  if (book === null) return drop("fault");
  if (book.calling === "off") return drop("calling-off");
  if (request.signature !== "valid") return drop("unverified");
  if (request.to !== book.owner) return drop("misaddressed");
  if (request.replayed) return drop("replayed");
  const known = lookup(book);
  if (known.blocked(request.from)) return drop("blocked");
  if (request.kind === "reply") return whatWasAwaited(request, book);
  if (!known.person(request.from) && known.unknownBlocked) return drop("unknown");
  if (!known.granted(request.from, grantFor(request.kind))) return withoutGrant(request, book, known);
  return request.fresh ? admit(request, book, "granted") : whatCameLate(request, book);
}

/** The owner asked for this call, so no grant is needed; a block still stands. */
function whatWasAwaited(request: Request, book: Book): Verdict {
  if (request.awaited !== true) return drop("unawaited");
  return request.fresh ? { act: "admit", because: "awaited", pass: issue("talk", request, book) } : drop("stale");
}

function withoutGrant(request: Request, book: Book, known: Lookup): Verdict {
  const because = known.person(request.from) ? "not-granted" : "unknown";
  if (book.unknown === "drop") return drop(because);
  return { act: "hold", because, pass: issue("request", request, book) };
}

function whatCameLate(request: Request, book: Book): Verdict {
  switch (request.kind) {
    case "call":
      return { act: "take-message", because: "stale", pass: issue("entry", request, book) };
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

function drop(because: DropReason): Verdict {
  return { act: "drop", because };
}

function grantFor(kind: Exclude<Request["kind"], "reply">): Grant {
  return kind === "call" ? "ring" : kind;
}

function actOf(kind: Request["kind"]): Act {
  if (kind === "call") return "ring";
  return kind === "reply" ? "talk" : kind;
}

/** Every pass there is. A look-alike (a literal, a copy, a revived JSON) is not among them. */
const made = new WeakSet<object>();

function issue(act: Act, request: Request, book: Book): Pass {
  const pass = Object.freeze({ act, envelope: request.envelope, bookRevision: book.revision }) as Pass; // the one cast to Pass: a test counts them
  made.add(pass);
  return pass;
}

/** Asked where an effect runs: did the gate make this pass, for this act of this envelope, under the book as it is now? */
export function honoured(pass: Pass, acts: readonly Act[], envelope: EnvelopeId, bookRevision: number): boolean {
  return made.has(pass) && acts.includes(pass.act) && pass.envelope === envelope && pass.bookRevision === bookRevision;
}
