import * as v from "valibot";
import type { AccountId } from "../gate/book.ts";
import type { Origin } from "../wire/messages.ts";
import type { Db } from "./db.ts";
import type { InboxEntry } from "./inbox.ts";

export type Standing = "new" | "heard" | "saved";

/** A message as it is known in memory; while it is not complete, it waits for the rest of its parts. */
export type Held = Readonly<{
  entry: InboxEntry;
  /** Of its header: another of the same id is another message until one of the two is complete. */
  hash: string;
  /** The day key that it was sealed to. */
  keyId: string;
  expiresMs: number;
  bytes: number;
  parts: ReadonlySet<number>;
  partsInAll: number;
  isComplete: boolean;
  heardMs: number | null;
  /** Its row. */
  position: number;
}>;

/** What names it among all that are held. */
export function nameOf({ entry, hash }: { entry: Pick<InboxEntry, "id" | "from">; hash: string }): string {
  return `${entry.from} ${entry.id} ${hash}`;
}

/** The inbox's tables, one owner's. All of it throws where the disk refuses. */
export class InboxRows {
  readonly #db: Db;
  readonly #owner: AccountId;
  readonly #insert;
  readonly #update;
  readonly #insertPart;

  constructor(db: Db, owner: AccountId) {
    this.#db = db;
    this.#owner = owner;
    this.#insert = db.prepare(
      `INSERT INTO inbox (owner, sender, id, hash, key_id, origin, at_ms, arrived_ms, expires_ms, kind, duration_ms,
         bytes, parts, text, standing, shelf, complete, signed, cert, sig)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
    );
    this.#update = db.prepare(
      "UPDATE inbox SET standing = ?, heard_ms = ?, shelf = ?, complete = ?, arrived_ms = ? WHERE position = ?",
    );
    this.#insertPart = db.prepare("INSERT INTO inbox_part (message, part, data) VALUES (?, ?, ?)");
  }

  /** Sound and headers stay on the disk. */
  load(): Held[] {
    const parts = new Map<number, Set<number>>();
    for (const row of this.#db.prepare("SELECT message, part FROM inbox_part").iterate()) {
      const { message, part } = v.parse(PartRow, row);
      parts.set(message, (parts.get(message) ?? new Set()).add(part));
    }
    const rows = this.#db.prepare(
      `SELECT position, sender, id, hash, key_id, origin, at_ms, arrived_ms, expires_ms, kind, duration_ms, bytes, parts,
         text, standing, heard_ms, shelf, complete FROM inbox WHERE owner = ?`,
    );
    return rows.all(this.#owner).map((row) => {
      const read = v.parse(Row, row);
      return toHeld(read, parts.get(read.position) ?? new Set());
    });
  }

  /** The row without its parts; says its position. */
  insert({ entry, hash, keyId, expiresMs, bytes, partsInAll }: Held, { signed, cert, sig }: Origin): number {
    const { from, id, origin, atMs, arrivedMs, kind, durationMs, text, standing, shelf } = entry;
    const times = [Math.trunc(atMs), Math.trunc(arrivedMs), Math.trunc(expiresMs)];
    const name = [this.#owner, from, id, hash, keyId, origin];
    const rest = [kind, durationMs, bytes, partsInAll, text, standing, shelf, signed, cert, sig];
    return Number(this.#insert.run(...name, ...times, ...rest).lastInsertRowid);
  }

  insertPart({ position }: Held, part: number, data: Uint8Array): void {
    this.#insertPart.run(position, part, data);
  }

  update({ entry, heardMs, isComplete, position }: Held): void {
    const { standing, shelf, arrivedMs } = entry;
    const heard = heardMs === null ? null : Math.trunc(heardMs);
    this.#update.run(standing, heard, shelf, isComplete ? 1 : 0, Math.trunc(arrivedMs), position);
  }

  remove({ position }: Held): void {
    this.#db.prepare("DELETE FROM inbox_part WHERE message = ?").run(position);
    this.#db.prepare("DELETE FROM inbox WHERE position = ?").run(position);
  }

  /** All parts, one after the other. */
  sound({ position }: Held): Uint8Array {
    const rows = this.#db.prepare("SELECT data FROM inbox_part WHERE message = ? ORDER BY part").all(position);
    return new Uint8Array(Buffer.concat(rows.map((row) => v.parse(DataRow, row).data)));
  }

  header({ position }: Held): Origin {
    return v.parse(HeaderRow, this.#db.prepare("SELECT signed, cert, sig FROM inbox WHERE position = ?").get(position));
  }
}

const Bytes = v.pipe(
  v.instance(Uint8Array),
  v.transform((bytes) => new Uint8Array(bytes)),
);
const PartRow = v.strictObject({ message: v.number(), part: v.number() });
const DataRow = v.strictObject({ data: v.instance(Uint8Array) });
const HeaderRow = v.strictObject({ signed: Bytes, cert: Bytes, sig: Bytes });
const Row = v.strictObject({
  position: v.number(),
  sender: v.string(),
  id: v.string(),
  hash: v.string(),
  key_id: v.string(),
  origin: v.nullable(v.string()),
  at_ms: v.number(),
  arrived_ms: v.number(),
  expires_ms: v.number(),
  kind: v.picklist(["voice", "text"]),
  duration_ms: v.number(),
  bytes: v.number(),
  parts: v.number(),
  text: v.nullable(v.string()),
  standing: v.picklist(["new", "heard", "saved"]),
  heard_ms: v.nullable(v.number()),
  shelf: v.picklist(["inbox", "requests", "evidence"]),
  complete: v.picklist([0, 1]),
});

function toHeld(row: v.InferOutput<typeof Row>, parts: ReadonlySet<number>): Held {
  const { position, id, sender, origin, kind, text, standing, shelf, hash, bytes } = row;
  const times = { atMs: row.at_ms, arrivedMs: row.arrived_ms, durationMs: row.duration_ms };
  const entry: InboxEntry = { id, from: sender, origin, ...times, kind, text, standing, shelf };
  const rest = { keyId: row.key_id, expiresMs: row.expires_ms, heardMs: row.heard_ms, isComplete: row.complete === 1 };
  return { entry, hash, bytes, position, parts, partsInAll: row.parts, ...rest };
}
