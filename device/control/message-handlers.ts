import { randomBytes } from "node:crypto";
import type { OwnersDaemon } from "../daemon.ts";
import type { Book } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { placeOf } from "../judge-message.ts";
import type { Stores } from "../ports.ts";
import type { InboxEntry } from "../store/inbox.ts";
import type { OutgoingMessage } from "../store/outbox.ts";
import { notFound } from "./book-requests.ts";
import { findPerson } from "./find-person.ts";
import { isNamed, type MessageView } from "./message-views.ts";
import type { ControlHandlers, Reply, RequestError } from "./requests.ts";

type MessageDo = "messages" | "message-play" | "message-delete" | "message-sound" | "message-draft" | "message-send";
type MailStores = Pick<Stores, "book" | "inbox" | "outbox">;
type Opened = Readonly<{ ok: true; stores: MailStores } | { ok: false; error: RequestError }>;
type Refused = Readonly<{ ok: false; error: RequestError }>;

/** Characters of base64 sent at once: a client is cut off who has a megabyte unread. */
const PIECE_BYTES = 96 * 1_024;
/** What 120 s of sound may take, and a little more. */
const MAX_DRAFT_BYTES = 1_024 * 1_024;

/** The owner's messages by the command line. What the gate would not show now is not shown, nor found. */
export function messageHandlers(
  opened: () => Opened,
  daemon: Pick<OwnersDaemon, "state" | "dispatch">,
): Pick<ControlHandlers, MessageDo> {
  /** One at a time: whoever begins another ends it. */
  let draft: { name: string; pieces: Buffer[] } | null = null;
  return {
    messages: ({ place, limit }) => {
      const found = opened();
      if (!found.ok) return found;
      const { inbox, outbox, book } = found.stores;
      const shown = inbox.entries().filter((entry) => placeOf(entry, book.book) === place);
      const messages = shown
        .slice(-limit)
        .toReversed()
        .map((entry) => viewMessage(book.book, entry));
      return { ok: true, answer: { messages, waiting: outbox.waiting().length } };
    },
    "message-play": ({ message }) => play(opened(), message, daemon),
    "message-delete": ({ message }) => {
      const found = named(opened(), message);
      if (!found.ok) return found;
      const { stores, entry } = found;
      if (!stores.inbox.remove(entry.id, entry.from)) {
        return refused("not-saved", "the disk refuses: nothing was deleted");
      }
      daemon.dispatch({ type: "inbox-changed" });
      return { ok: true, answer: {} };
    },
    "message-sound": ({ message, part }) => {
      const found = named(opened(), message);
      if (!found.ok) return found;
      const { stores, entry } = found;
      const sound = stores.inbox.sound(entry.id, entry.from);
      if (!sound) return refused("no-sound", 'that message has no sound: "porter messages" shows its words');
      const data = Buffer.from(sound.subarray(part * PIECE_BYTES, (part + 1) * PIECE_BYTES)).toString("base64");
      return { ok: true, answer: { parts: Math.ceil(sound.length / PIECE_BYTES), data } };
    },
    "message-draft": ({ draft: name, data }) => {
      if (name === undefined) draft = { name: randomBytes(6).toString("hex"), pieces: [] };
      if (draft === null || (name !== undefined && draft.name !== name)) {
        return refused("draft-superseded", "another draft was begun meanwhile: begin again");
      }
      draft.pieces.push(Buffer.from(data, "base64"));
      if (sizeOf(draft.pieces) <= MAX_DRAFT_BYTES) return { ok: true, answer: { draft: draft.name } };
      draft = null;
      return refused("too-long", "a message takes a megabyte at most");
    },
    "message-send": ({ who, what }) => {
      const found = opened();
      if (!found.ok) return found;
      const { stores } = found;
      const to = addressee(stores.book.book, who);
      if (!to.ok) return to;
      if (what.kind === "text") return send(stores, to.name, { kind: "text", to: to.account, text: what.text });
      if (draft?.name !== what.draft) return refused("no-such-draft", "there is no such draft: begin again");
      const sound = new Uint8Array(Buffer.concat(draft.pieces));
      draft = null;
      return send(stores, to.name, { kind: "voice", to: to.account, sound, durationMs: what.durationMs });
    },
  };
}

/** The gate is asked again just before each is played. */
function play(
  opened: Opened,
  message: string | undefined,
  daemon: Pick<OwnersDaemon, "state" | "dispatch">,
): Reply<"message-play"> {
  const { state } = daemon;
  if (state.call.at !== "idle") return refused("busy", "there is a call: nothing plays into it");
  if (state.listening) return refused("busy", "somebody is speaking to the unit");
  const found = message === undefined ? newOnes(opened) : named(opened, message);
  if (!found.ok) return found;
  const { stores } = found;
  const entries = "entry" in found ? [found.entry] : found.entries;
  const [first] = entries;
  if (!first) return refused("no-new-messages", "there are no new messages");
  const place = placeOf(first, stores.book.book);
  if (place === "evidence") return refused("evidence", "that is kept as evidence: it is exported, and never played");
  const pile = place === "requests" ? "requests" : "messages";
  daemon.dispatch({ type: "play-asked", pile, messages: entries.map(({ id, from }) => ({ id, from })) });
  return { ok: true, answer: { messages: entries.length } };
}

type New = Readonly<{ ok: true; stores: MailStores; entries: readonly InboxEntry[] }> | Refused;

function newOnes(opened: Opened): New {
  if (!opened.ok) return opened;
  const { stores } = opened;
  const isNew = (entry: InboxEntry) => entry.standing === "new" && placeOf(entry, stores.book.book) === "inbox";
  return { ok: true, stores, entries: stores.inbox.entries().filter(isNew) };
}

function sizeOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function refused(code: string, message: string): Refused {
  return { ok: false, error: { code, message } };
}

type Named = Readonly<{ ok: true; stores: MailStores; entry: InboxEntry } | Refused>;

function whose({ id, from }: InboxEntry): string {
  return `${id}@${from}`;
}

/** By the beginning of its id. */
function named(opened: Opened, message: string): Named {
  if (!opened.ok) return opened;
  const { stores } = opened;
  const { book } = stores.book;
  const shown = stores.inbox.entries().filter((entry) => isNamed(entry, message));
  const [entry, second] = shown.filter((each) => placeOf(each, book) !== "hidden");
  if (!entry) return refused("no-such-message", `there is no message ${message}; "porter messages" lists them`);
  if (second) {
    const more = second.id === entry.id ? `say whose: ${whose(entry)} or ${whose(second)}` : "give more of the id";
    return refused("several-messages", `several messages begin with ${message}: ${more}`);
  }
  return { ok: true, stores, entry };
}

type Addressee = Readonly<{ ok: true; account: string; name: string } | Refused>;

function addressee(book: Book, who: string): Addressee {
  const found = findPerson(book, who);
  if (found.found !== "person") return { ok: false, error: notFound(found, who) };
  const { person } = found;
  const [account] = person.accounts;
  if (account === undefined) return refused("no-account", `there is no account to write to ${person.name} by`);
  if (lookup(book).blocked(account)) return refused("blocked", `${person.name} is blocked: unblock them first`);
  return { ok: true, account, name: person.name };
}

function send({ outbox }: MailStores, name: string, message: OutgoingMessage) {
  const added = outbox.add(message);
  if (added.ok) return { ok: true, answer: { name } } as const;
  switch (added.reason) {
    case "no-room":
      return refused(added.reason, "too many messages wait already: is the hub connected? (porter status)");
    case "not-saved":
      return refused(added.reason, "the disk refuses: nothing was sent");
    case "not-a-message":
      return refused(
        added.reason,
        "that is no message: a text has 2,000 characters at most, a sound 120 s and 720 KiB",
      );
  }
}

export function viewMessage(book: Book, entry: InboxEntry): MessageView {
  const { shelf: _shelf, origin, ...rest } = entry;
  const person = lookup(book).person(entry.from)?.name;
  return { ...rest, ...(person !== undefined && { person }), ...(origin !== null && { origin }) };
}
