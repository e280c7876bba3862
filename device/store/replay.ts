import type { AccountId } from "../gate/book.ts";

/** What the unit has seen, so that it takes nothing twice: ids of envelopes, the time, and certificates. */
export interface ReplayStore extends Disposable {
  /**
   * True where this id came from this unit key before, or where it cannot be told (the sender's share is full).
   * Reads memory only.
   */
  seen(unitKey: string, id: string): boolean;
  /** Counts at once, in memory; the disk follows within a second. Call it after the verdict, not for what was dropped. */
  remember(unitKey: string, id: string, expiresMs: number): void;
  readonly clockFloor: ClockFloor;
  /** The highest certificate `seq` seen of this account; 0 where none was. */
  highestSeq(account: AccountId): number;
  /** Keeps the higher of the two. Only for accounts in the book. */
  rememberSeq(account: AccountId, seq: number): void;
  /** Writes what waits. */
  flush(): void;
}

/** The time that it is at least: persisted, never goes back. */
export interface ClockFloor {
  /** Wall-clock milliseconds; 0 on a new unit. */
  read(): number;
  /** Takes a later time; written at most once a minute. */
  advance(nowMs: number): void;
}
