import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "../gate/book.ts";
import type { EnvelopeId } from "../gate/pass.ts";
import type { Origin } from "../wire/messages.ts";
import { isWhole, type Parcel } from "../wire/parcel.ts";
import type { Db } from "./db.ts";
import { makeRoom, ROOMS, type Room, type Shelf } from "./inbox-room.ts";
import { type Held, InboxRows, nameOf, type Standing } from "./inbox-rows.ts";
import type { ReplayStore } from "./replay.ts";

/** One message that was kept, without its sound. Sender and id together name it: a sender chooses the ids. */
export type InboxEntry = Readonly<{
  id: EnvelopeId;
  from: AccountId;
  /** Of a message that was passed on: the account that spoke it first, or "unverified" where no signature says which. */
  origin: string | null;
  /** When the sender's unit signed it. */
  atMs: number;
  arrivedMs: number;
  kind: "voice" | "text";
  /** Of a voice message, as its sender claims; 0 of a text. */
  durationMs: number;
  text: string | null;
  standing: Standing;
  /** Where it was put when it came. What may be shown is for the gate to say, each time anew. */
  shelf: Shelf;
}>;

/** One parcel of a message that the gate let be kept. */
export type ArrivedPart = Readonly<{
  parcel: Parcel;
  shelf: Shelf;
  /** Is the sender in the book? Strangers' ids fill a room of strangers alone. */
  known: boolean;
}>;

/**
 * `kept`: it is complete, and on the disk · `waiting-for-parts`: this part is on the disk · `again`: it was there ·
 * `no-room`: the sender's share, or the room as a whole, is full · `spoiled`: the sound is not what the header says; all
 * of it is forgotten · `not-saved`: the disk refuses; nothing has changed.
 */
export type Kept = "kept" | "waiting-for-parts" | "again" | "no-room" | "spoiled" | "not-saved";

/** The owner's messages. Lists live in memory, sound on the disk; every change is durable before it returns. */
export interface InboxStore extends Disposable {
  /** Oldest first, without sound. A new array after each change, the same one until then. */
  entries(): readonly InboxEntry[];
  /** Ogg Opus, as the sender made it: untrusted. Null where there is none, or the disk cannot be read. */
  sound(id: EnvelopeId, from: AccountId): Uint8Array | null;
  /** What was signed, for whoever exports it as evidence. */
  header(id: EnvelopeId, from: AccountId): Origin | null;
  /** One transaction: the part; with the last one also the entry, its id as seen, and the spent day key. Never throws. */
  keep(part: ArrivedPart): Kept;
  /** What was saved stays so when it is heard again. False where there is no such message, or the disk refuses. */
  mark(id: EnvelopeId, from: AccountId, standing: Standing): boolean;
  remove(id: EnvelopeId, from: AccountId): boolean;
  /** What this account sent; evidence stays. Says how many; null where the disk refuses. */
  removeAllFrom(account: AccountId): number | null;
  /**
   * What these accounts sent or spoke first, complete or not, and came by then; evidence stays. Says how many; null where
   * the disk refuses.
   */
  purge(accounts: readonly AccountId[], untilMs?: number): number | null;
  moveToEvidence(id: EnvelopeId, from: AccountId): boolean;
}

export type InboxOptions = Readonly<{
  db: Db;
  owner: AccountId;
  clock: Clock;
  log: Log;
  /** Called within the transaction that completes a message; hands back what is to be done once it is committed. */
  replay: Pick<ReplayStore, "rememberWithin">;
  /** Called within the transaction that completes a message: the key's secret dies with it. */
  spend: (keyId: string) => void;
  /** All accounts of one person share one room: whoever has this account, by a name of their own. */
  sharerOf: (account: AccountId) => string;
  rooms?: Readonly<Record<Shelf, Room>>;
}>;

const DAY_MS = 86_400_000;
/** What was heard stays so long, unless it was saved. */
const HEARD_MS = 30 * DAY_MS;
/** Who is in Requests and was not asked for, too. */
const REQUEST_MS = 30 * DAY_MS;
const SWEEP_MS = 6 * 3_600_000;
/**
 * An id is remembered for longer than a parcel can be opened: a day key's secret lives 31 days, and a message may be
 * sealed to a key two days away from it (keys/day-keys.ts).
 */
const REMEMBERED_MS = 36 * DAY_MS;

/** Throws where the tables cannot be read: the unit then fails closed. */
export function openInbox(options: InboxOptions): InboxStore {
  return new Inbox(options);
}

class Inbox implements InboxStore {
  readonly #options: InboxOptions;
  readonly #rooms: Readonly<Record<Shelf, Room>>;
  readonly #rows: InboxRows;
  readonly #held: Map<string, Held>;
  #entries: readonly InboxEntry[] | null = null;
  #cancelSweep: () => void = () => undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#rooms = options.rooms ?? ROOMS;
    this.#rows = new InboxRows(options.db, options.owner);
    this.#held = new Map(this.#rows.load().map((held) => [nameOf(held), held]));
    this.#sweep();
  }

  entries(): readonly InboxEntry[] {
    this.#entries ??= [...this.#held.values()]
      .filter(({ isComplete }) => isComplete)
      .toSorted((one, other) => one.entry.arrivedMs - other.entry.arrivedMs || one.position - other.position)
      .map(({ entry }) => entry);
    return this.#entries;
  }

  sound(id: EnvelopeId, from: AccountId): Uint8Array | null {
    const held = this.#find(id, from);
    if (held?.entry.kind !== "voice") return null;
    return this.#try("read", () => this.#rows.sound(held)) ?? null;
  }

  header(id: EnvelopeId, from: AccountId): Origin | null {
    const held = this.#find(id, from);
    return (held && this.#try("read", () => this.#rows.header(held))) ?? null;
  }

  keep(part: ArrivedPart): Kept {
    const { envelope, part: index } = part.parcel;
    const held = this.#held.get(nameOf({ entry: envelope, hash: envelope.hash }));
    if (this.#find(envelope.id, envelope.from) || held?.parts.has(index)) return "again";
    if (held) return this.#add(held, part, []);
    const newcomer = this.#newcomer(part);
    const inRoom = this.#all(({ entry }) => entry.shelf === newcomer.entry.shelf);
    const leaving = makeRoom(newcomer, inRoom, this.#rooms[part.shelf], this.#options.sharerOf);
    return leaving === null ? "no-room" : this.#add(newcomer, part, leaving);
  }

  mark(id: EnvelopeId, from: AccountId, standing: Standing): boolean {
    const heardMs = standing === "new" ? null : this.#options.clock.nowMs();
    const held = this.#find(id, from);
    if (standing === "heard" && held?.entry.standing === "saved") return true;
    return this.#change(held, (before) => ({ ...before, heardMs, entry: { ...before.entry, standing } }));
  }

  moveToEvidence(id: EnvelopeId, from: AccountId): boolean {
    const shelf = "evidence";
    return this.#change(this.#find(id, from), (held) => ({ ...held, entry: { ...held.entry, shelf } }));
  }

  remove(id: EnvelopeId, from: AccountId): boolean {
    const held = this.#find(id, from);
    return held !== undefined && this.#drop([held]) === 1;
  }

  removeAllFrom(account: AccountId): number | null {
    return this.#drop(this.#all(({ entry }) => entry.from === account && entry.shelf !== "evidence"));
  }

  purge(accounts: readonly AccountId[], untilMs = Number.POSITIVE_INFINITY): number | null {
    const whose = new Set<string | null>(accounts);
    const isTheirs = ({ entry: { from, origin, arrivedMs } }: Held) =>
      arrivedMs <= untilMs && (whose.has(from) || whose.has(origin));
    const gone = this.#drop(this.#all((held) => isTheirs(held) && held.entry.shelf !== "evidence"));
    // What was overwritten stands in the log until then.
    this.#try("write", () => this.#options.db.pragma("wal_checkpoint(TRUNCATE)"));
    return gone;
  }

  [Symbol.dispose](): void {
    this.#cancelSweep();
  }

  /** Only what is complete: nothing else is ever listed, played or deleted by name. */
  #find(id: EnvelopeId, from: AccountId): Held | undefined {
    return this.#all(({ entry, isComplete }) => isComplete && entry.id === id && entry.from === from)[0];
  }

  #all(wanted: (held: Held) => boolean): Held[] {
    return [...this.#held.values()].filter(wanted);
  }

  #newcomer({ parcel: { envelope, origin, keyId }, shelf }: ArrivedPart): Held {
    const { id, from, atMs, expiresMs, hash, message } = envelope;
    const isVoice = message.kind === "message.voice";
    const entry: InboxEntry = {
      id,
      from,
      origin: origin && (origin.account ?? "unverified"),
      atMs,
      arrivedMs: this.#options.clock.nowMs(),
      kind: isVoice ? "voice" : "text",
      durationMs: isVoice ? message.body.durationMs : 0,
      text: isVoice ? null : message.body.text,
      standing: "new",
      shelf,
    };
    const bytes = isVoice ? message.body.bytes : Buffer.byteLength(message.body.text);
    const partsInAll = isVoice ? message.body.parts : 1;
    const rest = { hash, keyId, expiresMs, bytes, partsInAll, heardMs: null, isComplete: false, position: 0 };
    return { entry, ...rest, parts: new Set<number>() };
  }

  #add(before: Held, { parcel, shelf, known }: ArrivedPart, leaving: readonly Held[]): Kept {
    const { clock, replay, spend } = this.#options;
    const parts = new Set(before.parts).add(parcel.part);
    const isComplete = parts.size === before.partsInAll;
    const entry = { ...before.entry, shelf, arrivedMs: clock.nowMs() };
    const { id, from } = entry;
    const rivals = isComplete ? this.#all((held) => held.entry.id === id && held.entry.from === from) : [];
    const gone = [...leaving, ...rivals.filter((held) => held.hash !== before.hash)];
    const added = this.#try("write", () =>
      this.#options.db.transaction(() => {
        const position = before.parts.size === 0 ? this.#rows.insert(before, parcel.header) : before.position;
        const held: Held = { ...before, entry, parts, isComplete, position };
        this.#rows.insertPart(held, parcel.part, parcel.data);
        for (const each of gone) this.#rows.remove(each);
        if (!isComplete) return { held, commit: () => undefined };
        if (entry.kind === "voice" && !isWhole(parcel.envelope.message, this.#rows.sound(held))) {
          this.#rows.remove(held);
          return { held: null, commit: () => undefined };
        }
        this.#rows.update(held);
        spend(held.keyId);
        return { held, commit: replay.rememberWithin({ account: from, known }, id, clock.nowMs() + REMEMBERED_MS) };
      })(),
    );
    if (!added) return "not-saved";
    for (const each of [...gone, before]) this.#held.delete(nameOf(each));
    this.#entries = null;
    if (!added.held) return "spoiled";
    added.commit();
    this.#held.set(nameOf(added.held), added.held);
    return isComplete ? "kept" : "waiting-for-parts";
  }

  #change(before: Held | undefined, change: (held: Held) => Held): boolean {
    if (!before) return false;
    const after = change(before);
    const written = this.#try("write", () => {
      this.#rows.update(after);
      return true;
    });
    if (!written) return false;
    this.#held.set(nameOf(after), after);
    this.#entries = null;
    return true;
  }

  #drop(some: readonly Held[]): number | null {
    if (some.length === 0) return 0;
    const done = this.#try("write", () => {
      this.#options.db.transaction(() => {
        for (const held of some) this.#rows.remove(held);
      })();
      return true;
    });
    if (!done) return null;
    for (const held of some) this.#held.delete(nameOf(held));
    this.#entries = null;
    return some.filter(({ isComplete }) => isComplete).length;
  }

  /** Forgets what has had its time. */
  #sweep(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#drop(this.#all((held) => isOver(held, nowMs)));
    this.#cancelSweep = this.#options.clock.after(SWEEP_MS, () => this.#sweep());
  }

  /** Undefined where the disk refuses; nothing has changed then. */
  #try<Done>(what: "read" | "write", run: () => Done): Done | undefined {
    try {
      return run();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      this.#options.log.error({ what: "inbox", code }, `could not ${what} the database`);
      return undefined;
    }
  }
}

function isOver({ entry, isComplete, expiresMs, heardMs }: Held, nowMs: number): boolean {
  if (!isComplete) return nowMs >= expiresMs;
  if (entry.shelf === "evidence" || entry.standing === "saved") return false;
  if (entry.standing === "heard") return nowMs - (heardMs ?? 0) >= HEARD_MS;
  return entry.shelf === "requests" && nowMs - entry.arrivedMs >= REQUEST_MS;
}
