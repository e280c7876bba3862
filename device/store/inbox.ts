import type { AccountId } from "../gate/book.ts";
import type { EnvelopeId } from "../gate/pass.ts";

/** One message that was kept, without its sound. Sender and id together name it: a sender chooses the ids. */
export type InboxEntry = Readonly<{
  id: EnvelopeId;
  from: AccountId;
  /** Who spoke it first, of a message that was passed on; `unverified`: nobody's signature says who. */
  origin: AccountId | "unverified" | null;
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

export type Standing = "new" | "heard" | "saved";
/** `evidence`: out of sight, kept until the owner deletes it. */
export type Shelf = "inbox" | "requests" | "evidence";

/** The signed header of a message, and what its signature is checked with. Kept as it came: it may be evidence one day. */
export type SignedHeader = Readonly<{ signed: Uint8Array; cert: Uint8Array; sig: Uint8Array }>;

/** One parcel's worth of a message that the gate let be kept. A text comes in one part without data. */
export type ArrivedPart = Readonly<{
  message: Omit<InboxEntry, "arrivedMs" | "standing" | "shelf"> &
    Readonly<{
      expiresMs: number;
      /** SHA-256 of the signed header in hexadecimal: parts of one message share it. */
      hash: string;
      header: SignedHeader;
      /** Of the whole sound: length, SHA-256 in hexadecimal, and how many parcels it comes in. */
      bytes: number;
      soundHash: string | null;
      parts: number;
    }>;
  part: number;
  data: Uint8Array;
  /** The day key that it was sealed to, in hexadecimal. */
  keyId: string;
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
  /** Ogg Opus, as the sender made it: untrusted. Null where there is none. */
  sound(id: EnvelopeId, from: AccountId): Uint8Array | null;
  /** What was signed, for whoever exports it as evidence. */
  header(id: EnvelopeId, from: AccountId): SignedHeader | null;
  /** One transaction: the part; with the last one also the entry, its id as seen, and the spent day key. Never throws. */
  keep(part: ArrivedPart): Kept;
  /** False where there is no such message, or the disk refuses. */
  mark(id: EnvelopeId, from: AccountId, standing: Standing): boolean;
  remove(id: EnvelopeId, from: AccountId): boolean;
  /** What this account sent; evidence stays. Says how many; null where the disk refuses. */
  removeAllFrom(account: AccountId): number | null;
  /** What these accounts sent or spoke first, complete or not; evidence stays. Says how many; null where the disk refuses. */
  purge(accounts: readonly AccountId[]): number | null;
  moveToEvidence(id: EnvelopeId, from: AccountId): boolean;
}
