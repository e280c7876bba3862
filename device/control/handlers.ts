import type { Clock } from "#base/clock.ts";
import type { Hal } from "#hal/hal.ts";
import type { OwnersDaemon } from "../daemon.ts";
import type { Ears } from "../ears.ts";
import type { EvidenceSigner } from "../evidence/manifest.ts";
import type { Book, Person } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { isElsewhere, ownCall } from "../house.ts";
import type { Link } from "../link/link.ts";
import type { Stores } from "../ports.ts";
import type { ChangeResult } from "../store/book.ts";
import type { BookChange } from "../store/change.ts";
import type { PinStore } from "../store/pin.ts";
import type { TakeDesk } from "../take-desk.ts";
import { type BookRequest, changeAnswer, describeRefusal, toChange, viewPerson, viewRules } from "./book-requests.ts";
import { callHandlers } from "./call-handlers.ts";
import { evidenceHandlers } from "./evidence-handlers.ts";
import { importHandlers } from "./import-handlers.ts";
import { journalHandlers } from "./journal-handlers.ts";
import { messageHandlers } from "./message-handlers.ts";
import { pinHandlers } from "./pin-handlers.ts";
import type { ControlHandlers, Reply, RequestError } from "./requests.ts";
import { takeHandlers } from "./take-handlers.ts";

export type ControlledUnit = Readonly<{
  /** What the unit calls itself, and what it calls this owner. */
  name: string | null;
  owner: string | null;
  clock: Clock;
  daemon: OwnersDaemon;
  ears: Pick<Ears, "state" | "noSound" | "trouble">;
  hal: Pick<Hal, "fault">;
  link: Pick<Link, "state"> | null;
  keystore: EvidenceSigner | null;
  stores: Stores | null;
  /** What is wrong with the unit; null while all is well. */
  fault: string | null;
  /** What else the owner should know of since the start. */
  warnings: readonly string[];
  /** Null for whoever is not the first owner, as is what follows: nobody turns off another's unit. */
  pin: PinStore | null;
  takes: TakeDesk | null;
  stop: (() => void) | null;
}>;

type Refused = Readonly<{ ok: false; error: RequestError }>;

/**
 * What an owner may do over their local socket. Whoever can open it (mode 0600) is that owner: all that it reads and
 * changes is theirs, and of another owner's call it knows only that the line is taken.
 */
export function controlHandlers(unit: ControlledUnit): ControlHandlers {
  const change = (request: BookRequest) => changeBook(unit, request);
  return {
    id: () => {
      if (!unit.keystore) return refusal("fault", `the unit has no keys: ${unit.fault ?? "they are not open"}`);
      return { ok: true, answer: { account: unit.keystore.account, unit: unit.keystore.unit } };
    },
    status: () => ({ ok: true, answer: statusOf(unit) }),
    "person-add": change,
    "person-account": change,
    "person-number": change,
    "person-address": change,
    "person-alias": change,
    "person-unlink": change,
    "person-merge": change,
    "person-hours": change,
    "person-remove": change,
    "person-grant": change,
    "person-revoke": change,
    block: change,
    unblock: change,
    calling: change,
    unknown: change,
    kids: change,
    "messages-of-blocked": change,
    "messages-unverified": change,
    region: change,
    "time-zone": change,
    "quiet-add": change,
    "quiet-remove": change,
    "quiet-clear": change,
    rules: () => {
      const book = unit.stores?.book.book;
      return book ? { ok: true, answer: viewRules(book) } : noBook(unit);
    },
    "person-list": () => {
      const book = unit.stores?.book.book;
      return book ? { ok: true, answer: { people: book.people.map((each) => viewPerson(book, each)) } } : noBook(unit);
    },
    ...importHandlers(() => {
      const book = unit.stores?.book.book;
      if (!book) return noBook(unit);
      const changeBy = (wanted: BookChange): ChangeResult =>
        unit.daemon.change(wanted, "cli", []) ?? { ok: false, why: { code: "not-saved", detail: "there is no book" } };
      return { ok: true, book, change: changeBy };
    }),
    ...journalHandlers(() => {
      const { stores } = unit;
      return stores ? { ok: true, journal: stores.journal, book: stores.book.book } : noBook(unit);
    }),
    ...messageHandlers(() => (unit.stores ? { ok: true, stores: unit.stores } : noBook(unit)), unit.daemon),
    ...evidenceHandlers({
      opened: () => {
        const { stores, keystore: signer } = unit;
        return stores && signer ? { ok: true, stores, signer } : noBook(unit);
      },
      clock: unit.clock,
      changed: () => unit.daemon.dispatch({ type: "inbox-changed" }),
    }),
    ...pinHandlers(unit),
    ...takeHandlers(unit),
    ...callHandlers(unit.daemon, () => (unit.stores ? { ok: true, stores: unit.stores } : noBook(unit))),
    stop: () => {
      if (!unit.stop) return refusal("not-first", "only the first owner's socket ends the unit: leave --as out");
      unit.stop();
      return DONE;
    },
  };
}

const DONE = { ok: true, answer: {} } as const;

function changeBook(unit: ControlledUnit, request: BookRequest): Reply<BookRequest["do"]> {
  const book = unit.stores?.book.book;
  if (!book) return noBook(unit);
  const wanted = toChange(request, book, unit.clock.nowMs());
  if (!wanted.ok) return wanted;
  const result = unit.daemon.change(wanted.change, "cli", []);
  if (!result) return noBook(unit);
  return result.ok ? { ok: true, answer: changeAnswer(result) } : { ok: false, error: describeRefusal(result.why) };
}

const UNSAVED =
  "the disk refuses what was changed last: it holds until the unit is switched off (make room on the disk)";

function statusOf({ daemon, stores, name, owner, ears, hal, link, keystore, fault, warnings }: ControlledUnit) {
  const { book } = daemon.state;
  const call = ownCall(daemon.state);
  const unheard = stores?.calls.unheard({ requests: true }) ?? [];
  const requests = unheard.filter(({ kind }) => kind === "request").length;
  const peer = call.at === "ringing" ? call.incoming.peer : call.at === "idle" ? undefined : call.peer;
  const withWhom = peer === undefined ? undefined : (nameOf(peer, book) ?? "somebody who is not in the book");
  return {
    name,
    owner,
    account: keystore?.account ?? "",
    fault,
    warnings: [
      ...warnings,
      ...(stores?.book.isUnsaved ? [UNSAVED] : []),
      ...(hal.fault === null ? [] : [hal.fault.message]),
      ...(ears.noSound === null ? [] : [`no sound: ${ears.noSound}`]),
      ...(ears.trouble === null ? [] : [ears.trouble]),
    ],
    hub: link?.state === "up" ? ("connected" as const) : ("disconnected" as const),
    audio: ears.state,
    // A unit without a book lets nobody in, which is what these say of it.
    calling: book?.calling ?? ("off" as const),
    unknown: book?.unknown ?? ("drop" as const),
    unknownBlocked: book ? lookup(book).unknownBlocked : true,
    muted: daemon.state.muted,
    call: {
      at: isElsewhere(daemon.state) ? "another owner's" : call.at,
      ...(withWhom !== undefined && { with: withWhom }),
    },
    people: book?.people.length ?? 0,
    unheardCalls: unheard.length - requests,
    requests,
  };
}

function nameOf(account: string, book: Book | null): Person["name"] | undefined {
  return book ? lookup(book).person(account)?.name : undefined;
}

function refusal(code: string, message: string): Refused {
  return { ok: false, error: { code, message } };
}

function noBook(unit: ControlledUnit): Refused {
  return refusal("fault", `there is no book to work on: ${unit.fault ?? "it is not open"}`);
}
