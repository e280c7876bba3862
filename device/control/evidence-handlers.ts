import { randomBytes } from "node:crypto";
import type { Clock } from "#base/clock.ts";
import { makeArchive } from "../evidence/export.ts";
import type { EvidenceSigner } from "../evidence/manifest.ts";
import type { Book } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { placeOf } from "../judge-message.ts";
import type { Stores } from "../ports.ts";
import type { InboxEntry } from "../store/inbox.ts";
import { notFound } from "./book-requests.ts";
import { findPerson } from "./find-person.ts";
import { viewMessage } from "./message-handlers.ts";
import { isNamed } from "./message-views.ts";
import type { ControlHandlers, RequestError } from "./requests.ts";

type EvidenceDo = "evidence-list" | "evidence-keep" | "evidence-export" | "evidence-piece";
type EvidenceStores = Pick<Stores, "book" | "inbox" | "journal">;
type Refused = Readonly<{ ok: false; error: RequestError }>;
type Opened = Readonly<{ ok: true; stores: EvidenceStores; signer: EvidenceSigner }> | Refused;
type Chosen = Readonly<{ ok: true; entries: readonly InboxEntry[] }> | Refused;

/** Base64 of it is sent at once: a client is cut off who has a megabyte unread. */
const PIECE_BYTES = 96 * 1_024;
/** Of an id that has so many characters, there is no more to give. */
const WHOLE_ID = 32;

/** What the owner keeps to show it to others. What they name is found, though the gate would show it nowhere. */
export function evidenceHandlers({
  opened,
  clock,
  changed,
}: {
  opened: () => Opened;
  clock: Clock;
  /** What lies in the inbox is another now. */
  changed: () => void;
}): Pick<ControlHandlers, EvidenceDo> {
  /** One at a time: whoever begins another ends it. */
  let current: { name: string; pieces: Iterator<Uint8Array>; next: number } | null = null;
  return {
    "evidence-list": ({ who, limit }) => {
      const found = opened();
      if (!found.ok) return found;
      const chosen = choose(found.stores, who, []);
      if (!chosen.ok) return chosen;
      const { entries } = chosen;
      const { book } = found.stores.book;
      const newest = entries.slice(-limit).toReversed();
      const messages = newest.map((entry) => ({ ...viewMessage(book, entry), place: placeOf(entry, book) }));
      return { ok: true, answer: { messages, all: entries.length } };
    },
    "evidence-keep": ({ message }) => {
      const found = opened();
      if (!found.ok) return found;
      const { inbox } = found.stores;
      const chosen = named(inbox.entries(), message);
      if (!chosen.ok) return chosen;
      const isKept = chosen.entries.every(({ id, from }) => inbox.moveToEvidence(id, from));
      changed();
      return isKept ? { ok: true, answer: {} } : refused("not-saved", "the disk refuses: it is not kept as evidence");
    },
    "evidence-export": async ({ who, messages }) => {
      const found = opened();
      if (!found.ok) return found;
      const { inbox, journal, book } = found.stores;
      const chosen = choose(found.stores, who, messages);
      if (!chosen.ok) return chosen;
      const { entries } = chosen;
      if (entries.length === 0) return refused("no-evidence", nothingToExport(who));
      const source = { inbox, journal, book: book.book, signer: found.signer };
      const made = await makeArchive(entries, source, clock.nowMs());
      if (!made.ok) return refused("not-read", whyNotMade(made.id));
      current = { name: randomBytes(6).toString("hex"), pieces: inPiecesOf(PIECE_BYTES, made.pieces), next: 0 };
      const names = namesOf(book.book, entries);
      return { ok: true, answer: { export: current.name, messages: made.messages, bytes: made.bytes, names } };
    },
    "evidence-piece": ({ export: name, piece }) => {
      if (current?.name !== name) return refused("export-superseded", "another export was begun: begin again");
      if (piece !== current.next) return refused("no-such-piece", `the next piece is ${current.next}`);
      current.next += 1;
      try {
        const { value, done } = current.pieces.next();
        if (done) current = null;
        const data = value instanceof Uint8Array ? Buffer.from(value).toString("base64") : "";
        return { ok: true, answer: { data, last: done === true } };
      } catch {
        current = null;
        return refused("changed-meanwhile", "a message was deleted, or cannot be read any more: begin again");
      }
    },
  };
}

function refused(code: string, message: string): Refused {
  return { ok: false, error: { code, message } };
}

function nothingToExport(who: string | undefined): string {
  if (who !== undefined) return `there is no message from ${who}`;
  return 'nothing is kept as evidence; "porter evidence keep" and "porter messages blocked keep" do that';
}

function whyNotMade(id: string | null): string {
  if (id !== null) return `message ${id} cannot be read: nothing was exported; --message names others`;
  return "the disk refuses the checkpoint that the journal would end in: nothing was exported";
}

/** Theirs and these, in the order in which they came; what is kept as evidence where neither is named. */
function choose({ inbox, book }: EvidenceStores, who: string | undefined, ids: readonly string[]): Chosen {
  const all = inbox.entries();
  if (who === undefined && ids.length === 0) {
    return { ok: true, entries: all.filter(({ shelf }) => shelf === "evidence") };
  }
  const wanted = new Set<InboxEntry>();
  if (who !== undefined) {
    const found = findPerson(book.book, who);
    if (found.found === "several" || found.found === "nobody") return { ok: false, error: notFound(found, who) };
    const accounts = found.found === "person" ? found.person.accounts : [found.account];
    for (const entry of all) {
      if (accounts.includes(entry.from) || (entry.origin !== null && accounts.includes(entry.origin)))
        wanted.add(entry);
    }
  }
  for (const id of ids) {
    const chosen = named(all, id);
    if (!chosen.ok) return chosen;
    for (const entry of chosen.entries) wanted.add(entry);
  }
  return { ok: true, entries: all.filter((entry) => wanted.has(entry)) };
}

/** By the beginning of its id. Senders choose ids: a whole one that several have means all of theirs. */
function named(all: readonly InboxEntry[], id: string): Chosen {
  const entries = all.filter((entry) => isNamed(entry, id));
  if (entries.length === 0)
    return refused("no-such-message", `there is no message ${id}; "porter evidence list" lists`);
  if (entries.length === 1 || id.indexOf("@") === WHOLE_ID || id.length === WHOLE_ID) return { ok: true, entries };
  return refused("several-messages", `several messages begin with ${id}: give more of the id`);
}

function namesOf(book: Book, entries: readonly InboxEntry[]): string[] {
  return [...new Set(entries.flatMap(({ from }) => lookup(book).person(from)?.name ?? []))];
}

/** The same bytes in pieces of this size, but for the last. */
function* inPiecesOf(bytes: number, chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    held.push(chunk);
    length += chunk.length;
    if (length < bytes) continue;
    const whole = Buffer.concat(held);
    let at = 0;
    for (; whole.length - at >= bytes; at += bytes) yield whole.subarray(at, at + bytes);
    held = [whole.subarray(at)];
    length -= at;
  }
  yield Buffer.concat(held);
}
