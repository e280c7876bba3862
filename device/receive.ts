import type { Clock } from "#base/clock.ts";
import { FairQueue } from "#base/fair-queue.ts";
import type { Log } from "#base/log.ts";
import type { Event } from "./events.ts";
import type { AccountId } from "./gate/book.ts";
import type { Keystore } from "./keys/keystore.ts";
import type { Delivery } from "./link/link.ts";
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
  dispatch(event: Event): void;
}>;

/** So many deliveries may wait to be opened; beyond that they are lost, as on a unit that is off. */
const PEOPLE_WAITING = { entries: 256, entriesPerSender: 64 };
const STRANGERS_WAITING = { entries: 64, entriesPerSender: 8 };
/** What is longer is not opened. A call carries 32 KiB of SDP at most, and what signs it. */
const MAX_BYTES: Readonly<Record<EnvelopeClass, number>> = { calls: 48 * 1_024, inbox: MAX_ENVELOPE_BYTES };

/**
 * Takes what the hub delivers, from when it is made. One envelope is opened after the other, each sender's in the
 * order in which they came: an end is never looked at before its offer. People in the book come before strangers, and
 * nobody's flood costs another their place. (Who sent it is what the hub says; whether it is true shows when it is
 * open.) What cannot be opened is dropped without a word to anyone. Nothing is sent from here.
 */
export function receiver(options: ReceiverOptions): (delivery: Delivery) => void {
  const { isKnown, log } = options;
  const people = new FairQueue<Delivery>(PEOPLE_WAITING);
  const strangers = new FairQueue<Delivery>(STRANGERS_WAITING);
  const look = opener(options);
  let busy = false;

  async function openAll(): Promise<void> {
    if (busy) return;
    busy = true;
    for (;;) {
      const delivery = people.next() ?? strangers.next();
      if (!delivery) break;
      await look(delivery).catch((error: unknown) => {
        log.error({ error: String(error) }, "an envelope could not be looked at");
      });
    }
    busy = false;
  }

  return (delivery) => {
    if (delivery.bytes.length > MAX_BYTES[delivery.class]) {
      log.info({ class: delivery.class }, "an envelope was dropped unopened: it is too long for its class");
      return;
    }
    (isKnown(delivery.sender) ? people : strangers).offer(delivery);
    void openAll();
  };
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
