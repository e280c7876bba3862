import type { AccountId, UnitId } from "#device/keys/account.ts";
import type { EnvelopeClass } from "#device/wire/topics.ts";

/** What the queues know of a spooled envelope; its bytes stay on disk. */
export type Entry = Readonly<{
  /** Its key in the spool. */
  key: string;
  sender: AccountId;
  to: AccountId;
  unit?: UnitId;
  class: EnvelopeClass;
  expiresMs: number;
  /** How long the envelope is. */
  bytes: number;
}>;

export type QueueLimits = Readonly<{ entries: number; entriesPerSender: number }>;

/** One class of one recipient: bounded in all and for each sender, and taken from the senders in turn. */
class Lane {
  readonly #limits: QueueLimits;
  /** The sender who comes first has waited longest. Never holds an empty list. */
  readonly #bySender = new Map<AccountId, Entry[]>();
  #size = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns what had to go: the newcomer itself, or the newest of whoever holds most; null when there was room. */
  offer(entry: Entry): Entry | null {
    const own = this.#bySender.get(entry.sender)?.length ?? 0;
    if (own >= this.#limits.entriesPerSender) return entry;
    let evicted: Entry | null = null;
    if (this.#size >= this.#limits.entries) {
      const [greediest, held] = this.#longest();
      if (held <= own + 1) return entry;
      evicted = this.#remove(greediest, -1);
    }
    this.#add(entry, "last");
    return evicted;
  }

  /** The oldest of the sender whose turn it is; that sender goes to the end. */
  next(): Entry | null {
    const first = this.#bySender.keys().next();
    if (first.done) return null;
    const entry = this.#remove(first.value, 0);
    const rest = this.#bySender.get(first.value);
    if (rest) {
      this.#bySender.delete(first.value);
      this.#bySender.set(first.value, rest);
    }
    return entry;
  }

  /** Puts back what was taken and not delivered, before all that this sender has waiting. */
  putBack(entry: Entry): void {
    this.#add(entry, "first");
  }

  expire(nowMs: number): Entry[] {
    const expired: Entry[] = [];
    for (const [sender, entries] of this.#bySender) {
      const kept = entries.filter((entry) => nowMs < entry.expiresMs);
      if (kept.length === entries.length) continue;
      expired.push(...entries.filter((entry) => nowMs >= entry.expiresMs));
      if (kept.length === 0) this.#bySender.delete(sender);
      else this.#bySender.set(sender, kept);
    }
    this.#size -= expired.length;
    return expired;
  }

  #add(entry: Entry, where: "first" | "last"): void {
    const entries = this.#bySender.get(entry.sender);
    if (!entries) this.#bySender.set(entry.sender, [entry]);
    else if (where === "first") entries.unshift(entry);
    else entries.push(entry);
    this.#size += 1;
  }

  #remove(sender: AccountId, index: 0 | -1): Entry | null {
    const entries = this.#bySender.get(sender);
    const entry = index === 0 ? entries?.shift() : entries?.pop();
    if (!entries || !entry) return null;
    if (entries.length === 0) this.#bySender.delete(sender);
    this.#size -= 1;
    return entry;
  }

  #longest(): [AccountId, number] {
    let longest: [AccountId, number] = ["", 0];
    for (const [sender, entries] of this.#bySender) if (entries.length > longest[1]) longest = [sender, entries.length];
    return longest;
  }
}

/** All that waits for one account. Calls go before the inbox, and neither can crowd out the other. */
export class RecipientQueue {
  readonly #calls: Lane;
  readonly #inbox: Lane;

  constructor(limits: QueueLimits) {
    this.#calls = new Lane(limits);
    this.#inbox = new Lane(limits);
  }

  get size(): number {
    return this.#calls.size + this.#inbox.size;
  }

  offer(entry: Entry): Entry | null {
    return this.#lane(entry).offer(entry);
  }

  next(): Entry | null {
    return this.#calls.next() ?? this.#inbox.next();
  }

  putBack(entry: Entry): void {
    this.#lane(entry).putBack(entry);
  }

  expire(nowMs: number): Entry[] {
    return [...this.#calls.expire(nowMs), ...this.#inbox.expire(nowMs)];
  }

  #lane(entry: Entry): Lane {
    return entry.class === "calls" ? this.#calls : this.#inbox;
  }
}
