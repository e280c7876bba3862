import { type FairLimits, FairQueue } from "#base/fair-queue.ts";
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
  /** Of class `inbox`: what its unit settles it by. */
  digest?: string;
}>;

/** All that waits for one account. Calls go before the inbox, and neither can crowd out the other. */
export class RecipientQueue {
  readonly #calls: FairQueue<Entry>;
  readonly #inbox: FairQueue<Entry>;

  constructor(limits: Readonly<Record<EnvelopeClass, FairLimits>>) {
    this.#calls = new FairQueue(limits.calls);
    this.#inbox = new FairQueue(limits.inbox);
  }

  get size(): number {
    return this.#calls.size + this.#inbox.size;
  }

  offer(entry: Entry): Entry | null {
    return this.#lane(entry).offer(entry);
  }

  next({ inbox }: { inbox: boolean } = { inbox: true }): Entry | null {
    return this.#calls.next() ?? (inbox ? this.#inbox.next() : null);
  }

  putBack(entry: Entry): void {
    this.#lane(entry).putBack(entry);
  }

  restore(entry: Entry): void {
    this.#lane(entry).restore(entry);
  }

  expire(nowMs: number): Entry[] {
    const holds = (entry: Entry) => nowMs < entry.expiresMs;
    return [...this.#calls.removeUnless(holds), ...this.#inbox.removeUnless(holds)];
  }

  #lane(entry: Entry): FairQueue<Entry> {
    return entry.class === "calls" ? this.#calls : this.#inbox;
  }
}
