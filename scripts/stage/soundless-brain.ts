import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { Daemon } from "#device/daemon.ts";
import type { Keystore } from "#device/keys/keystore.ts";
import type { Delivery, Link } from "#device/link/link.ts";
import type { Stores } from "#device/ports.ts";
import { receiver } from "#device/receive.ts";
import { mailOf } from "#device/receive-mail.ts";

/** A unit's brain as it stands in a unit, with ears and lights that do nothing. */
export type SoundlessBrain = Readonly<{
  daemon: Daemon;
  take: (delivery: Delivery) => void;
}>;

export function soundlessBrain(keystore: Keystore, stores: Stores, link: Link): SoundlessBrain {
  const nothing = () => undefined;
  const daemon = new Daemon({
    clock,
    log,
    ears: { send: nothing },
    lights: { show: nothing },
    network: { link, keystore },
    stores,
    ringBackMs: 45_000,
    muted: false,
    tell: nothing,
  });
  const take = receiver({
    keystore,
    replay: stores.replay,
    clock,
    log,
    isKnown: (account) => stores.book.personOf(account) !== undefined,
    mail: mailOf(stores),
    settle: (receipt, became) => link.settle(receipt, became),
    dispatch: (event) => daemon.dispatch(event),
  });
  return { daemon, take };
}
