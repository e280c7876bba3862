import type { AccountId } from "#device/keys/account.ts";
import type { EnvelopeClass } from "#device/wire/topics.ts";
import type { Entry } from "./queues.ts";

/** How many bytes of envelopes of one class may wait. */
export type HoldingLimits = Readonly<{ bytes: number; bytesPerSender: number }>;

/** Once all is full, whoever holds less than this part of their share is still let in: others filled it. */
const SMALL = 1 / 64;

/**
 * What waits in the spool, bounded in all and for each sender, calls apart from the inbox. How much of a sender's waits
 * depends on who fetched it: so what is too much is discarded like anything for an unknown addressee, never refused.
 */
export class Holdings {
  readonly #classes: Readonly<Record<EnvelopeClass, Shares>>;

  constructor(limits: HoldingLimits) {
    this.#classes = { calls: new Shares(limits), inbox: new Shares(limits) };
  }

  /** False where there is no room for it; it is then not held. */
  add(entry: Entry): boolean {
    return this.#classes[entry.class].add(entry);
  }

  remove(entry: Entry): void {
    this.#classes[entry.class].remove(entry);
  }
}

class Shares {
  readonly #limits: HoldingLimits;
  readonly #bySender = new Map<AccountId, number>();
  #all = 0;

  constructor(limits: HoldingLimits) {
    this.#limits = limits;
  }

  add({ sender, bytes }: Entry): boolean {
    const own = (this.#bySender.get(sender) ?? 0) + bytes;
    const { bytes: all, bytesPerSender } = this.#limits;
    if (own > (this.#all + bytes > all ? bytesPerSender * SMALL : bytesPerSender)) return false;
    this.#bySender.set(sender, own);
    this.#all += bytes;
    return true;
  }

  remove({ sender, bytes }: Entry): void {
    const own = (this.#bySender.get(sender) ?? 0) - bytes;
    if (own > 0) this.#bySender.set(sender, own);
    else this.#bySender.delete(sender);
    this.#all -= bytes;
  }
}
