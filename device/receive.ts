import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Event } from "./events.ts";
import type { Keystore } from "./keys/keystore.ts";
import type { Delivery } from "./link/link.ts";
import type { ReplayStore } from "./store/replay.ts";
import { isFresh, open } from "./wire/envelope.ts";

export type ReceiverOptions = Readonly<{
  keystore: Keystore;
  replay: ReplayStore;
  clock: Clock;
  log: Log;
  /** What was sent before this moment never rings: the owner of a unit that was off is not to be startled by its start. */
  startedMs: number;
  dispatch(event: Event): void;
}>;

/** So many deliveries may wait to be opened; beyond that they are lost, as on a unit that is off. */
const MAX_WAITING = 512;

/**
 * Opens what the hub delivers, one after the other, in the order in which it came: an end is never looked at before its
 * offer. What cannot be opened is dropped without a word to anyone. Nothing is sent from here.
 */
export function receiver(options: ReceiverOptions): (delivery: Delivery) => void {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  return (delivery) => {
    if (waiting >= MAX_WAITING) return;
    waiting++;
    last = last
      .then(() => receive(delivery, options))
      .catch((error: unknown) => options.log.error({ error: String(error) }, "an envelope could not be looked at"))
      .finally(() => {
        waiting--;
      });
  };
}

async function receive(delivery: Delivery, options: ReceiverOptions): Promise<void> {
  const { keystore, replay, clock, log, startedMs, dispatch } = options;
  // A clock that was set back must not bring old envelopes to life again.
  const nowMs = Math.max(clock.nowMs(), replay.clockFloor.read());
  replay.clockFloor.advance(nowMs);
  const opened = await open(delivery.bytes, {
    agreementKey: keystore.agreementKey,
    nowMs,
    highestSeq: (account) => replay.highestSeq(account),
  });
  if (!opened.ok) {
    log.info({ reason: opened.reason }, "an envelope was dropped unopened");
    return;
  }
  const { envelope } = opened;
  // What the hub says of the sender may only turn an envelope away.
  if (envelope.from !== delivery.sender) {
    log.warn("an envelope was dropped: its sender is not who the hub says");
    return;
  }
  const replayed = replay.seen(envelope.from, envelope.id);
  const fresh = isFresh(envelope, nowMs) && envelope.atMs >= startedMs;
  dispatch({ type: "envelope", envelope, replayed, fresh });
}
