import type { Held } from "./inbox-rows.ts";

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

/** `own` and `all`: what this person has there, and everybody. */
function hasRoom({ allMs }: Room, { own, all, charge }: { own: number; all: number; charge: number }): boolean {
  if (all + charge > allMs) return false;
  return own + charge <= allMs * (all + charge > allMs * NEARLY_FULL ? SMALL_SHARE : SHARE);
}

/**
 * What leaves so that a newcomer finds room on its shelf: what the same person left that was heard, the first heard
 * first, and nobody else's. Null where that does not make room.
 */
export function makeRoom(
  newcomer: Held,
  inRoom: readonly Held[],
  room: Room,
  sharerOf: (account: string) => string,
): readonly Held[] | null {
  const who = sharerOf(newcomer.entry.from);
  const theirs = inRoom.filter(({ entry }) => sharerOf(entry.from) === who);
  let own = sum(theirs);
  let all = sum(inRoom);
  const heard = theirs.filter(({ entry }) => entry.standing === "heard");
  heard.sort((one, other) => (one.heardMs ?? 0) - (other.heardMs ?? 0));
  const leaving: Held[] = [];
  while (!hasRoom(room, { own, all, charge: chargeOf(newcomer) })) {
    const next = heard.shift();
    if (!next) return null;
    own -= chargeOf(next);
    all -= chargeOf(next);
    leaving.push(next);
  }
  return leaving;
}

/** What a message counts for, in milliseconds of sound; of a text, `bytes` are its UTF-8. */
function chargeOf({ entry, bytes }: Held): number {
  return EACH_MS + Math.max(entry.durationMs, Math.ceil(bytes / BYTES_A_MS));
}

function sum(some: readonly Held[]): number {
  return some.reduce((total, held) => total + chargeOf(held), 0);
}
