import type { AccountId } from "../gate/book.ts";
import type { EnvelopeId } from "../gate/pass.ts";

/** What the owner wants sent. `sound`: Ogg Opus. */
export type OutgoingMessage =
  | Readonly<{ to: AccountId; kind: "text"; text: string }>
  | Readonly<{ to: AccountId; kind: "voice"; sound: Uint8Array; durationMs: number }>;

/** `no-room`: so much waits already that this must wait too; `not-saved`: the disk refuses. */
export type Added = Readonly<
  { ok: true; id: EnvelopeId } | { ok: false; reason: "no-room" | "not-saved" | "too-long" }
>;

/** What the owner said may go, until the hub has all of it. */
export interface Outbox {
  /** Durable before it returns; it goes out as soon as it can, and after every restart until it did. Never throws. */
  add(message: OutgoingMessage): Added;
  /** What has not left yet, oldest first. */
  waiting(): readonly Readonly<{ id: EnvelopeId; to: AccountId; atMs: number }>[];
  /** Takes back what has not left yet. Says how many; null where the disk refuses. */
  removeAllTo(account: AccountId): number | null;
}
