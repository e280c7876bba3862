import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "../gate/book.ts";
import type { EnvelopeId } from "../gate/pass.ts";
import { newEnvelopeId } from "../wire/envelope.ts";
import { decodeLeftMessage } from "../wire/messages.ts";
import { voiceMessage } from "../wire/parcel.ts";
import type { Db } from "./db.ts";

/** What the owner wants sent. `sound`: Ogg Opus. */
export type OutgoingMessage =
  | Readonly<{ to: AccountId; kind: "text"; text: string }>
  | Readonly<{ to: AccountId; kind: "voice"; sound: Uint8Array; durationMs: number }>;

/**
 * `no-room`: so much waits already that this must wait too; `not-saved`: the disk refuses; `not-a-message`: too long, or
 * nothing that anybody would take.
 */
export type Added = Readonly<
  { ok: true; id: EnvelopeId } | { ok: false; reason: "no-room" | "not-saved" | "not-a-message" }
>;

/** A message that has not left yet. `sealedMs` null: it is not sealed. */
export type Waiting = Readonly<{ id: EnvelopeId; to: AccountId; atMs: number; sealedMs: number | null }>;

/** A parcel that the hub has not accepted yet; `frame` names its publication. */
export type WaitingParcel = Readonly<{ part: number; frame: EnvelopeId; bytes: Uint8Array }>;

/** What the owner said may go, until the hub has all of it. Nothing here throws. */
export interface Outbox {
  /** Durable before it returns; it goes out as soon as it can, and after every restart until it did. */
  add(message: OutgoingMessage): Added;
  /** What has not left yet, oldest first. */
  waiting(): readonly Waiting[];
  /** Takes back what has not left yet. Says how many; null where the disk refuses. */
  removeAllTo(account: AccountId): number | null;
  /** For whoever sends: called after each change that may give it something to do. */
  onAdded(listener: () => void): void;
  content(id: EnvelopeId): OutgoingMessage | null;
  /** In place of what it was sealed to before. False where the disk refuses. */
  seal(id: EnvelopeId, parcels: readonly Uint8Array[]): boolean;
  /** In order. Null where the disk cannot be read. */
  parcels(id: EnvelopeId): readonly WaitingParcel[] | null;
  /** The hub has it. With the last one the message leaves. False where the disk refuses. */
  accepted(id: EnvelopeId, part: number): boolean;
  remove(id: EnvelopeId): boolean;
}

export type OutboxOptions = Readonly<{ db: Db; owner: AccountId; clock: Clock; log: Log }>;

const MAX_WAITING = 200;
const MAX_WAITING_BYTES = 32 * 1_024 * 1_024;

type Row = Waiting & Readonly<{ position: number; bytes: number; parcels: number }>;

/** Throws where the tables cannot be read. */
export function openOutbox(options: OutboxOptions): Outbox {
  return new StoredOutbox(options);
}

class StoredOutbox implements Outbox {
  readonly #options: OutboxOptions;
  #rows: readonly Row[];
  #onAdded: () => void = () => undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const rows = options.db.prepare(
      `SELECT position, id, addressee, at_ms, sealed_ms, ifnull(length(sound), 0) AS bytes,
         (SELECT count(*) FROM outbox_parcel WHERE message = position AND accepted = 0) AS parcels
       FROM outbox WHERE owner = ? ORDER BY position`,
    );
    this.#rows = rows.all(options.owner).map((row) => {
      const { addressee: to, at_ms: atMs, sealed_ms: sealedMs, ...rest } = v.parse(StoredRow, row);
      return { ...rest, to, atMs, sealedMs };
    });
  }

  waiting(): readonly Waiting[] {
    return this.#rows;
  }

  onAdded(listener: () => void): void {
    this.#onAdded = listener;
  }

  add(message: OutgoingMessage): Added {
    const { kind, body } = leftMessage(message);
    if (!decodeLeftMessage(kind, body).ok) return { ok: false, reason: "not-a-message" };
    const bytes = message.kind === "voice" ? message.sound.length : 0;
    const waitingBytes = this.#rows.reduce((sum, row) => sum + row.bytes, bytes);
    if (this.#rows.length >= MAX_WAITING || waitingBytes > MAX_WAITING_BYTES) return { ok: false, reason: "no-room" };
    const [id, atMs] = [newEnvelopeId(), Math.trunc(this.#options.clock.nowMs())];
    const position = this.#write(() => this.#insert(id, atMs, message));
    if (position === undefined) return { ok: false, reason: "not-saved" };
    this.#rows = [...this.#rows, { id, to: message.to, atMs, sealedMs: null, position, bytes, parcels: 0 }];
    this.#onAdded();
    return { ok: true, id };
  }

  content(id: EnvelopeId): OutgoingMessage | null {
    const row = this.#row(id);
    const select = "SELECT addressee, kind, text, sound, duration_ms FROM outbox WHERE position = ?";
    const found = row && this.#read(() => v.parse(ContentRow, this.#options.db.prepare(select).get(row.position)));
    if (!found) return null;
    const { addressee: to, kind, text, sound, duration_ms: durationMs } = found;
    if (kind === "voice") return sound && { to, kind, sound: new Uint8Array(sound), durationMs };
    return text === null ? null : { to, kind, text };
  }

  seal(id: EnvelopeId, parcels: readonly Uint8Array[]): boolean {
    const row = this.#row(id);
    if (!row) return false;
    const { db, clock } = this.#options;
    const sealedMs = Math.trunc(clock.nowMs());
    const done = this.#write(() => {
      db.prepare("DELETE FROM outbox_parcel WHERE message = ?").run(row.position);
      const insert = db.prepare(
        "INSERT INTO outbox_parcel (message, part, frame, parcel, accepted) VALUES (?, ?, ?, ?, 0)",
      );
      for (const [part, bytes] of parcels.entries()) insert.run(row.position, part, newEnvelopeId(), bytes);
      db.prepare("UPDATE outbox SET sealed_ms = ? WHERE position = ?").run(sealedMs, row.position);
      return true;
    });
    if (done) this.#replace(row, { ...row, sealedMs, parcels: parcels.length });
    return done === true;
  }

  parcels(id: EnvelopeId): readonly WaitingParcel[] | null {
    const row = this.#row(id);
    if (!row) return [];
    const select = this.#options.db.prepare(
      "SELECT part, frame, parcel AS bytes FROM outbox_parcel WHERE message = ? AND accepted = 0 ORDER BY part",
    );
    return this.#read(() => select.all(row.position).map((each) => v.parse(ParcelRow, each))) ?? null;
  }

  accepted(id: EnvelopeId, part: number): boolean {
    const row = this.#row(id);
    if (!row) return true;
    const mark = this.#options.db.prepare(
      "UPDATE outbox_parcel SET accepted = 1 WHERE message = ? AND part = ? AND accepted = 0",
    );
    const left = this.#write(() => {
      const parcels = row.parcels - mark.run(row.position, part).changes;
      if (parcels === 0) this.#delete(row);
      return parcels;
    });
    if (left === undefined) return false;
    this.#replace(row, left === 0 ? null : { ...row, parcels: left });
    return true;
  }

  remove(id: EnvelopeId): boolean {
    return this.#removeAll(this.#rows.filter((row) => row.id === id)) === 1;
  }

  removeAllTo(account: AccountId): number | null {
    return this.#removeAll(this.#rows.filter(({ to }) => to === account));
  }

  #removeAll(rows: readonly Row[]): number | null {
    if (rows.length === 0) return 0;
    const done = this.#write(() => {
      for (const row of rows) this.#delete(row);
      return true;
    });
    if (!done) return null;
    this.#rows = this.#rows.filter((row) => !rows.includes(row));
    return rows.length;
  }

  #insert(id: EnvelopeId, atMs: number, message: OutgoingMessage): number {
    const [text, sound, durationMs] =
      message.kind === "text" ? [message.text, null, 0] : [null, message.sound, Math.trunc(message.durationMs)];
    const insert = this.#options.db.prepare(
      `INSERT INTO outbox (owner, id, addressee, at_ms, kind, duration_ms, text, sound)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const { owner } = this.#options;
    return Number(insert.run(owner, id, message.to, atMs, message.kind, durationMs, text, sound).lastInsertRowid);
  }

  #delete({ position }: Row): void {
    const { db } = this.#options;
    db.prepare("DELETE FROM outbox_parcel WHERE message = ?").run(position);
    db.prepare("DELETE FROM outbox WHERE position = ?").run(position);
  }

  #row(id: EnvelopeId): Row | undefined {
    return this.#rows.find((row) => row.id === id);
  }

  #replace(before: Row, after: Row | null): void {
    this.#rows = this.#rows.flatMap((row) => (row !== before ? [row] : after ? [after] : []));
  }

  /** One transaction; undefined where the disk refuses. */
  #write<Done>(run: () => Done): Done | undefined {
    return this.#try("write", this.#options.db.transaction(run));
  }

  #read<Done>(run: () => Done): Done | undefined {
    return this.#try("read", run);
  }

  #try<Done>(what: "read" | "write", run: () => Done): Done | undefined {
    try {
      return run();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      this.#options.log.error({ what: "outbox", code }, `could not ${what} the database`);
      return undefined;
    }
  }
}

/** As it stands in the header that is signed. */
export function leftMessage(message: OutgoingMessage) {
  if (message.kind === "voice") return voiceMessage(message.sound, message.durationMs);
  return { kind: "message.text" as const, body: { text: message.text } };
}

const Bytes = v.instance(Uint8Array);
const StoredRow = v.strictObject({
  position: v.number(),
  id: v.string(),
  addressee: v.string(),
  at_ms: v.number(),
  sealed_ms: v.nullable(v.number()),
  bytes: v.number(),
  parcels: v.number(),
});
const ContentRow = v.strictObject({
  addressee: v.string(),
  kind: v.picklist(["voice", "text"]),
  text: v.nullable(v.string()),
  sound: v.nullable(Bytes),
  duration_ms: v.number(),
});
const ParcelRow = v.strictObject({ part: v.number(), frame: v.string(), bytes: Bytes });
