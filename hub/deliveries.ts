import type { Clock } from "#base/clock.ts";
import type { FairLimits } from "#base/fair-queue.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "#device/keys/account.ts";
import { type Address, deliveryTopic, type EnvelopeClass } from "#device/wire/topics.ts";
import type { Broker } from "./broker.ts";
import type { Holdings } from "./holdings.ts";
import { type Entry, RecipientQueue } from "./queues.ts";
import { Unsettled } from "./unsettled.ts";

/** Parcels that one unit may hold unacknowledged. */
const WINDOW = 8;
/** Of class `inbox`, envelopes that one unit may hold unsettled. */
const UNSETTLED = 32;
/** A unit that holds parcels and acknowledges none for this long is cut off. */
const STALLED_MS = 4_000;
const WATCH_MS = 500;

export type DeliveriesOptions = Readonly<{
  clock: Clock;
  log: Log;
  limits: Readonly<Record<EnvelopeClass, FairLimits>>;
  holdings: Holdings;
  broker: () => Pick<Broker, "isReady" | "deliver" | "cutOff">;
  /** The unit that an account has certified now. */
  unitOf: (account: AccountId) => Address | undefined;
  /** An envelope's bytes from the spool; undefined when it is gone. */
  read: (key: string) => Promise<Uint8Array | undefined>;
  /** The envelope need not be kept any longer. */
  settled: (key: string) => void;
}>;

type Sent = Readonly<{ entry: Entry; number: number }>;
type Recipient = {
  readonly queue: RecipientQueue;
  /** Sent and unacknowledged, oldest first. */
  inFlight: Sent[];
  /** Of class `inbox`: acknowledged, and not dealt with for all we know. */
  readonly unsettled: Unsettled;
  /** By sender and digest, what of class `inbox` waits here, sent or not: the same again is not kept twice. */
  readonly held: Set<string>;
  /** Monotonic: when the unit last acknowledged, or was first sent to with nothing in flight. */
  progressMs: number;
  /** Envelopes are read from the disk one after the other, so that none overtakes another: an end never its offer. */
  reading: Promise<void>;
};

/** From the spool to the units: a queue per recipient, a window per connection, and no waiting for anybody else. */
export class Deliveries implements Disposable {
  readonly #options: DeliveriesOptions;
  readonly #recipients = new Map<AccountId, Recipient>();
  readonly #byNumber = new Map<number, AccountId>();
  #lastNumber = 0;
  #inVain: Promise<void> = Promise.resolve();
  #cancelWatch: () => void;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#cancelWatch = this.#watchAfter();
  }

  /** Queues an accepted envelope, or quietly discards it: unknown addressee, full queue or spool, out of time. */
  route(entry: Entry): void {
    this.#enter(entry, (queue) => queue.offer(entry));
  }

  /**
   * Queues what the spool held when the hub last ended. It was let in before, and its unit may have held some of it
   * unsettled beside a full queue: that has no room in the queue, and is not to be lost for it.
   */
  recover(entry: Entry): void {
    this.#enter(entry, (queue) => {
      queue.restore(entry);
      return null;
    });
  }

  #enter(entry: Entry, into: (queue: RecipientQueue) => Entry | null): void {
    const { unitOf, settled, clock, holdings } = this.#options;
    const unit = unitOf(entry.to);
    const wanted = unit && (entry.unit === undefined || entry.unit === unit.unit) && clock.nowMs() < entry.expiresMs;
    if (!unit || !this.#options.broker().isReady(unit)) this.#readInVain(entry);
    const recipient = wanted && this.#recipient(entry.to);
    if (!recipient || (entry.digest && recipient.held.has(entry.digest)) || !holdings.add(entry)) {
      settled(entry.key);
      return;
    }
    if (entry.digest) recipient.held.add(entry.digest);
    const discarded = into(recipient.queue);
    if (discarded) this.#leave(recipient, discarded);
    this.#pump(unit, recipient);
  }

  ready(unit: Address): void {
    if (this.#options.unitOf(unit.account)?.unit === unit.unit) this.#pump(unit, this.#recipient(unit.account));
  }

  gone(unit: Address): void {
    const recipient = this.#recipients.get(unit.account);
    if (!recipient) return;
    for (const { entry, number } of recipient.inFlight.toReversed()) {
      this.#byNumber.delete(number);
      recipient.queue.putBack(entry);
    }
    recipient.inFlight = [];
    this.#again(recipient, recipient.unsettled.takeAll());
  }

  acknowledged(number: number): void {
    this.#landed(number, (recipient, entry) => {
      if (entry.class === "inbox") recipient.unsettled.add(entry, recipient.progressMs);
      else this.#leave(recipient, entry);
    });
  }

  /** A unit has dealt with these. What was not acknowledged yet is not meant: it may be another of the same bytes. */
  release(unit: Address, digests: readonly string[]): void {
    const recipient = this.#recipients.get(unit.account);
    if (!recipient || this.#options.unitOf(unit.account)?.unit !== unit.unit) return;
    for (const entry of recipient.unsettled.settle(new Set(digests))) this.#leave(recipient, entry);
    this.#pump(unit, recipient);
  }

  [Symbol.dispose](): void {
    this.#cancelWatch();
  }

  /** It is in flight no longer, for better or worse. */
  #landed(number: number, then: (recipient: Recipient, entry: Entry) => void): void {
    const account = this.#byNumber.get(number);
    const recipient = account === undefined ? undefined : this.#recipients.get(account);
    const sent = recipient?.inFlight.find((candidate) => candidate.number === number);
    if (account === undefined || !recipient || !sent) return;
    this.#byNumber.delete(number);
    recipient.inFlight = recipient.inFlight.filter((other) => other !== sent);
    recipient.progressMs = this.#options.clock.monotonicMs();
    then(recipient, sent.entry);
    const unit = this.#options.unitOf(account);
    if (unit) this.#pump(unit, recipient);
  }

  /** Back to where they came from, each before all else of its sender. */
  #again(recipient: Recipient, entries: readonly Entry[]): void {
    for (const entry of entries.toReversed()) recipient.queue.putBack(entry);
  }

  /**
   * What waits or is thrown away is read like what is delivered: the hub would otherwise be busier, and so slower to
   * answer the sender's next packet, where the addressee is there. (A burst of 30 long envelopes showed it.)
   */
  #readInVain({ key }: Entry): void {
    const read = async () => {
      await this.#options.read(key);
    };
    this.#inVain = this.#inVain.then(read).catch(() => undefined);
  }

  #leave(recipient: Recipient, entry: Entry): void {
    if (entry.digest) recipient.held.delete(entry.digest);
    this.#options.holdings.remove(entry);
    this.#options.settled(entry.key);
  }

  #recipient(account: AccountId): Recipient {
    const known = this.#recipients.get(account);
    if (known) return known;
    const recipient: Recipient = {
      queue: new RecipientQueue(this.#options.limits),
      inFlight: [],
      unsettled: new Unsettled(),
      held: new Set(),
      progressMs: 0,
      reading: Promise.resolve(),
    };
    this.#recipients.set(account, recipient);
    return recipient;
  }

  #pump(unit: Address, recipient: Recipient): void {
    const { broker, clock } = this.#options;
    while (broker().isReady(unit) && recipient.inFlight.length < WINDOW) {
      const inbox = recipient.inFlight.filter(({ entry }) => entry.class === "inbox").length;
      const entry = recipient.queue.next({ inbox: inbox + recipient.unsettled.size < UNSETTLED });
      if (!entry) return;
      this.#lastNumber += 1;
      const sent: Sent = { entry, number: this.#lastNumber };
      if (recipient.inFlight.length === 0) recipient.progressMs = clock.monotonicMs();
      recipient.inFlight.push(sent);
      this.#byNumber.set(sent.number, unit.account);
      recipient.reading = recipient.reading
        .then(() => this.#send(unit, sent))
        .catch((error: unknown) => this.#giveUp(sent, error));
    }
  }

  async #send(unit: Address, { entry, number }: Sent): Promise<void> {
    const { read, broker, clock, log } = this.#options;
    const payload = clock.nowMs() < entry.expiresMs ? await read(entry.key).catch(() => undefined) : undefined;
    if (!this.#byNumber.has(number)) return; // the connection went while we read; it is back in the queue
    if (payload) {
      broker().deliver(unit, { number, topic: deliveryTopic(unit, entry.sender, entry.class), payload });
      return;
    }
    log.debug("an envelope ran out of time in its queue");
    this.#landed(number, (recipient) => this.#leave(recipient, entry));
  }

  /** It would fail again, and hold up whatever comes after it. */
  #giveUp({ number, entry }: Sent, error: unknown): void {
    this.#options.log.error({ reason: String(error) }, "an envelope could not be handed on");
    this.#landed(number, (recipient) => this.#leave(recipient, entry));
  }

  #watchAfter(): () => void {
    return this.#options.clock.after(WATCH_MS, () => {
      this.#watch();
      this.#cancelWatch = this.#watchAfter();
    });
  }

  #watch(): void {
    const { clock, broker, unitOf, log } = this.#options;
    for (const [account, recipient] of this.#recipients) {
      for (const entry of recipient.queue.expire(clock.nowMs())) this.#leave(recipient, entry);
      const unit = unitOf(account);
      this.#again(recipient, recipient.unsettled.due(clock.monotonicMs()));
      if (unit) this.#pump(unit, recipient);
      if (recipient.inFlight.length === 0) {
        if (recipient.queue.size + recipient.unsettled.size === 0) this.#recipients.delete(account);
        continue;
      }
      if (!unit || clock.monotonicMs() - recipient.progressMs < STALLED_MS) continue;
      log.info("cut off a unit that acknowledges nothing");
      broker().cutOff(unit);
    }
  }
}
