import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Event } from "../events.ts";
import type { AccountId } from "../gate/book.ts";

import type { Link } from "../link/link.ts";
import { type Sealer, seal } from "../wire/envelope.ts";
import type { CallMessage } from "../wire/messages.ts";

export type PostOptions = Readonly<{
  link: Link;
  keystore: Sealer;
  clock: Clock;
  log: Log;
  dispatch(event: Event): void;
}>;

/** So long an offer may wait for our own hub before the owner is told that there is no connection. */
const OFFER_PATIENCE_MS = 10_000;
const PATIENCE_MS = 60_000;
/** A renewal that waited longer has been followed by another. */
const RENEWAL_PATIENCE_MS = 4_000;
const SETTLE_MS = 1_000;

/**
 * Seals and sends, in the order in which it was asked: an end never overtakes its offer. What becomes of it at the
 * other side is nobody's business here: an account that published no certificate sounds like one that nobody answers.
 */
export class Post {
  readonly #options: PostOptions;
  #last: Promise<void> = Promise.resolve();
  readonly #publishing = new Set<Promise<void>>();

  constructor(options: PostOptions) {
    this.#options = options;
  }

  /** `id` is given to an offer alone, which the call is named by. */
  send(to: AccountId, message: CallMessage, id?: string): void {
    this.#last = this.#last
      .then(() => this.#seal(to, message, id))
      .catch((error: unknown) => this.#options.log.error({ error: String(error) }, "an envelope could not be sealed"));
  }

  /** Resolves when all that was asked is accepted by the hub, or after a second: a unit that stops waits no longer. */
  async settled(): Promise<void> {
    const { clock } = this.#options;
    const all = this.#last.then(() => Promise.all(this.#publishing));
    await Promise.race([all, new Promise<void>((resolve) => clock.after(SETTLE_MS, resolve))]);
  }

  async #seal(to: AccountId, message: CallMessage, id?: string): Promise<void> {
    const { link, keystore, clock, log, dispatch } = this.#options;
    const offer = message.kind === "call.offer" ? id : undefined;
    const found = await link.certificateOf(to);
    if (!found.ok) {
      log.info({ reason: found.reason }, "no certificate to seal to");
      if (offer !== undefined && found.reason === "unreachable") dispatch({ type: "offer-lost", id: offer });
      return;
    }
    const sealed = await seal({
      sender: keystore,
      to: found.certificate,
      message,
      nowMs: clock.nowMs(),
      ...(id !== undefined && { id }),
    });
    if (offer !== undefined) dispatch({ type: "offer-sealed", id: offer, hash: sealed.hash });
    if (message.kind === "call.renewal") {
      dispatch({ type: "renewal-sealed", id: message.body.offer, round: message.body.round, hash: sealed.hash });
    }
    const frame = {
      to,
      unit: found.certificate.unit,
      class: "calls" as const,
      id: sealed.id,
      envelope: sealed.bytes,
    };
    // Not awaited: the next envelope need not wait until the hub has accepted this one.
    const publishing = link
      .publish(frame, patienceFor(message.kind))
      .then((published) => {
        if (published.ok) return;
        log.warn({ reason: published.reason }, "the hub did not accept an envelope");
        if (offer !== undefined) dispatch({ type: "offer-lost", id: offer });
      })
      .finally(() => this.#publishing.delete(publishing));
    this.#publishing.add(publishing);
  }
}

function patienceFor(kind: CallMessage["kind"]): number {
  switch (kind) {
    case "call.offer":
      return OFFER_PATIENCE_MS;
    case "call.renewal":
    case "call.renewed":
      return RENEWAL_PATIENCE_MS;
    case "call.accept":
    case "call.end":
      return PATIENCE_MS;
  }
}
