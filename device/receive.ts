import type { Clock } from "#base/clock.ts";
import { FairQueue } from "#base/fair-queue.ts";
import type { Log } from "#base/log.ts";
import type { Event } from "./events.ts";
import type { AccountId } from "./gate/book.ts";
import type { Keystore } from "./keys/keystore.ts";
import type { Delivery } from "./link/link.ts";
import type { Settled } from "./link/settlements.ts";
import { type MailOptions, mailOpener } from "./receive-mail.ts";
import type { ReplayStore } from "./store/replay.ts";
import { isFresh, open } from "./wire/envelope.ts";
import { MAX_ENVELOPE_BYTES } from "./wire/frame.ts";
import type { EnvelopeClass } from "./wire/topics.ts";

export type ReceiverOptions = Readonly<{
  keystore: Pick<Keystore, "agreementKey">;
  replay: ReplayStore;
  clock: Clock;
  log: Log;
  /** Is this account in the book? */
  isKnown(account: AccountId): boolean;
  mail: MailOptions;
  /** One for all owners of a unit: a flood for each of them costs no more than a flood for one. */
  strangersTurn?: StrangersTurn;
  /** What became of a delivery that has a receipt. */
  settle(receipt: number, became: Settled): void;
  dispatch(event: Event): void;
}>;

/** When a parcel of a stranger's may be opened next, in monotonic milliseconds. */
export type StrangersTurn = { fromMs: number };

/** So many calls may wait to be opened; beyond that they are lost, as on a unit that is off. */
const PEOPLE_CALLING = { entries: 256, entriesPerSender: 64 };
const STRANGERS_CALLING = { entries: 64, entriesPerSender: 8 };
/** So many parcels: more than a hub has unsettled (hub/deliveries.ts), some 10 MB. Beyond that it delivers them again. */
const MAIL = { entries: 40, entriesPerSender: 40 };
/** A parcel takes up to 14 ms to open (measured), which strangers get no more than a seventh of. */
const STRANGERS_MAIL_EVERY_MS = 100;
/** What is longer is not opened. A call carries 32 KiB of SDP at most, and what signs it. */
const MAX_BYTES: Readonly<Record<EnvelopeClass, number>> = { calls: 48 * 1_024, inbox: MAX_ENVELOPE_BYTES };

/**
 * Takes what the hub delivers, from when it is made. One envelope is opened after the other, each sender's in the
 * order in which they came: an end is never looked at before its offer. Calls come before messages, so that none waits
 * for more than the one parcel that is open; people in the book come before strangers, and nobody's flood costs another
 * their place. (Who sent it is what the hub says; whether it is true shows when it is open.) What cannot be opened is
 * dropped without a word to anyone; what has a receipt is settled, whatever became of it. Nothing is sent from here.
 */
export function receiver(options: ReceiverOptions): (delivery: Delivery) => void {
  const receiving = new Receiver(options);
  return (delivery) => receiving.take(delivery);
}

class Receiver {
  readonly #options: ReceiverOptions;
  readonly #calls = {
    people: new FairQueue<Delivery>(PEOPLE_CALLING),
    strangers: new FairQueue<Delivery>(STRANGERS_CALLING),
  };
  readonly #mail = { people: new FairQueue<Delivery>(MAIL), strangers: new FairQueue<Delivery>(MAIL) };
  readonly #openCall: (delivery: Delivery) => Promise<void>;
  readonly #openMail: (delivery: Delivery) => Promise<void>;
  readonly #strangersTurn: StrangersTurn;
  #cancelWait: () => void = () => undefined;
  #busy = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#strangersTurn = options.strangersTurn ?? { fromMs: 0 };
    this.#openCall = opener(options);
    this.#openMail = mailOpener(options);
  }

  take(delivery: Delivery): void {
    const { isKnown, log } = this.#options;
    if (delivery.bytes.length > MAX_BYTES[delivery.class]) {
      log.info({ class: delivery.class }, "an envelope was dropped unopened: it is too long for its class");
      this.#settle(delivery, "settled");
      return;
    }
    const { people, strangers } = delivery.class === "calls" ? this.#calls : this.#mail;
    const evicted = (isKnown(delivery.sender) ? people : strangers).offer(delivery);
    if (evicted) this.#settle(evicted, "left");
    void this.#openAll();
  }

  #settle({ receipt }: Delivery, became: Settled): void {
    if (receipt !== undefined) this.#options.settle(receipt, became);
  }

  async #openAll(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#next(); next; next = this.#next()) {
      const delivery = next;
      const look = delivery.class === "calls" ? this.#openCall(delivery) : this.#openMail(delivery);
      await look.catch((error: unknown) => {
        this.#options.log.error({ error: String(error) }, "an envelope could not be looked at");
        this.#settle(delivery, "left");
      });
      // What arrived while a parcel was open, a call perhaps, gets its turn.
      if (delivery.class === "inbox") await new Promise((resolve) => setImmediate(resolve));
    }
    this.#busy = false;
  }

  #next(): Delivery | null {
    return (
      this.#calls.people.next() ?? this.#calls.strangers.next() ?? this.#mail.people.next() ?? this.#strangersMail()
    );
  }

  /** Null also while it is not their turn; then somebody looks again. */
  #strangersMail(): Delivery | null {
    const { clock } = this.#options;
    const waitMs = this.#strangersTurn.fromMs - clock.monotonicMs();
    if (this.#mail.strangers.size === 0) return null;
    this.#cancelWait();
    if (waitMs > 0) {
      this.#cancelWait = clock.after(waitMs, () => void this.#openAll());
      return null;
    }
    this.#strangersTurn.fromMs = clock.monotonicMs() + STRANGERS_MAIL_EVERY_MS;
    return this.#mail.strangers.next();
  }
}

function opener({ keystore, replay, clock, log, isKnown, dispatch }: ReceiverOptions) {
  const startedMonotonicMs = clock.monotonicMs();
  let saidBehind = false;
  return async ({ sender, bytes }: Delivery): Promise<void> => {
    const known = isKnown(sender);
    const wallMs = clock.nowMs();
    const floorMs = replay.floorMs(known);
    // The floor lies five minutes back or more, unless the clock was set back: until it is right again, what comes is
    // judged by the floor, so that nothing which was forgotten rings again.
    if (wallMs < floorMs && !saidBehind) {
      saidBehind = true;
      log.error({ behindMs: floorMs - wallMs }, "the clock is behind what was received before: no call may ring");
    }
    const nowMs = Math.max(wallMs, floorMs);
    const highestSeq = (account: AccountId) => replay.highestSeq(account);
    const opened = await open(bytes, { agreementKey: keystore.agreementKey, nowMs, highestSeq });
    if (!opened.ok) {
      log.info({ reason: opened.reason }, "an envelope was dropped unopened");
      return;
    }
    const { envelope } = opened;
    // What the hub says of the sender may only turn an envelope away.
    if (envelope.from !== sender) {
      log.warn("an envelope was dropped: its sender is not who the hub says");
      return;
    }
    const replayed = replay.seen({ account: sender, known }, envelope.id);
    // What was sent before this unit started never rings: the owner of a unit that was off is not to be startled by its
    // start. When that was is told from how long it runs: the clock may have been set since.
    const startedMs = wallMs - (clock.monotonicMs() - startedMonotonicMs);
    const fresh = isFresh(envelope, nowMs) && envelope.atMs >= startedMs;
    dispatch({ type: "envelope", envelope, replayed, fresh });
  };
}
