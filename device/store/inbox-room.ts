/** `evidence`: out of sight, kept until the owner deletes it. */
export type Shelf = "inbox" | "requests" | "evidence";

/** How much may be kept on one shelf, in milliseconds of sound. */
export type Room = Readonly<{ allMs: number }>;

/** An hour of what people leave; strangers, and what is kept of blocked people, have small rooms of their own. */
export const ROOMS: Readonly<Record<Shelf, Room>> = {
  inbox: { allMs: 3_600_000 },
  requests: { allMs: 600_000 },
  evidence: { allMs: 1_800_000 },
};

/** 24 kbit/s: what sound may cost. Whoever claims less time for more bytes is charged for the bytes. */
const BYTES_A_MS = 3;
/** What a message costs beside its sound: a thousand empty ones are not free. */
const EACH_MS = 250;
/** One person's share of a room; in one that is nearly full, what whoever has little may still add up to. */
const SHARE = 1 / 4;
const NEARLY_FULL = 3 / 4;
const SMALL_SHARE = 1 / 16;

/** What a message counts for, in milliseconds of sound; of a text, `bytes` are its UTF-8. */
export function chargeFor(durationMs: number, bytes: number): number {
  return EACH_MS + Math.max(durationMs, Math.ceil(bytes / BYTES_A_MS));
}

/** Is there room for one more? `own` and `all`: what this person has there, and everybody. */
export function hasRoom({ allMs }: Room, { own, all, charge }: { own: number; all: number; charge: number }): boolean {
  if (all + charge > allMs) return false;
  return own + charge <= allMs * (all + charge > allMs * NEARLY_FULL ? SMALL_SHARE : SHARE);
}
