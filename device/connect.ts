import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { MailSender } from "./effects/mail-sender.ts";
import type { Event } from "./events.ts";
import { lookup } from "./gate/lookup.ts";
import type { Keystore } from "./keys/keystore.ts";
import { openLink } from "./link/broker.ts";
import type { HubAddress, Link, LinkState } from "./link/link.ts";
import type { Stores } from "./ports.ts";
import { receiver, type StrangersTurn } from "./receive.ts";
import { mailOf } from "./receive-mail.ts";

export type ConnectOptions = Readonly<{
  hub: HubAddress;
  /** Shown to the hub until it has answered. */
  invitation: string | undefined;
  keystore: Keystore;
  stores: Stores;
  strangersTurn: StrangersTurn;
  clock: Clock;
  log: Log;
  dispatch(event: Event): void;
  onState(state: LinkState): void;
}>;

/** One owner's way to the hub and back: what comes is opened with their keys alone, what waits for them to be sent leaves. */
export function connect(options: ConnectOptions): Readonly<{ link: Link }> & AsyncDisposable {
  const { hub, invitation, keystore, stores, strangersTurn, clock, log, dispatch } = options;
  const { replay, book, dayKeys, outbox } = stores;
  const isKnown = (account: string) => book.personOf(account) !== undefined;
  const settle: Link["settle"] = (receipt, became) => link.settle(receipt, became);
  const mail = mailOf(stores);
  const onEnvelope = receiver({ keystore, replay, clock, log, isKnown, mail, strangersTurn, settle, dispatch });
  const seqs = {
    get: (account: string) => replay.highestSeq(account),
    set: (account: string, seq: number) => replay.rememberSeq(account, seq),
  };
  const onState = (state: LinkState) => {
    if (state === "up") sender.linkIsUp();
    options.onState(state);
  };
  const link: Link = openLink({ hub, keystore, clock, log, seqs, dayKeys, onEnvelope, onState });
  const mayGo = (to: string) => isKnown(to) && !lookup(book.book).blocked(to);
  const sender = new MailSender({ outbox, link, keystore, clock, log, mayGo, dispatch });
  if (invitation !== undefined) void enrol(link, invitation, { clock, log });
  return {
    link,
    async [Symbol.asyncDispose]() {
      sender[Symbol.dispose]();
      await link[Symbol.asyncDispose]();
    },
  };
}

/** Asked again until the hub answers: a unit may well start before its network does. */
async function enrol(link: Link, invitation: string, { clock, log }: Pick<ConnectOptions, "clock" | "log">) {
  for (let waitMs = 1_000; ; waitMs = Math.min(waitMs * 2, 60_000)) {
    const result = await link.enrol(invitation);
    if (result.ok) return;
    log.warn({ reason: result.reason }, "not enrolled with the hub");
    if (result.reason !== "unreachable") return;
    await new Promise<void>((resolve) => clock.after(waitMs, resolve));
  }
}
