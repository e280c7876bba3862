import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Event } from "../events.ts";
import type { AccountId } from "../gate/book.ts";
import type { EnvelopeId } from "../gate/pass.ts";
import type { Link } from "../link/link.ts";
import { leftMessage, type Outbox, type Waiting } from "../store/outbox.ts";
import type { Sealer } from "../wire/envelope.ts";
import { sealMessage } from "../wire/parcel.ts";

export type MailSenderOptions = Readonly<{
  outbox: Outbox;
  link: Pick<Link, "publish" | "dayKeyOf" | "state">;
  keystore: Sealer;
  clock: Clock;
  log: Log;
  /** What the book says now: what was meant for somebody blocked since, or gone from it, waits. */
  mayGo(to: AccountId): boolean;
  dispatch(event: Event): void;
  /** Between two parcels. */
  gapMs?: number;
}>;

const DAY_MS = 86_400_000;
/** As long as a message lives (wire/messages.ts): after that the owner is told that it never left. */
const GIVE_UP_MS = 30 * DAY_MS;
/** A day key is good for a few days only; what was sealed before and never left is sealed anew. */
const SEALED_GOOD_MS = DAY_MS;
/** The hub takes 5 publications a second from one unit: calls must not wait for messages. */
const GAP_MS = 250;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 600_000;

type Retry = Readonly<{ failures: number; atMs: number }>;

/**
 * Brings what waits in the outbox to the hub: one message after the other, and none waits for one that cannot leave.
 * Killed at any moment, it does over what it is not sure of; the addressee's unit takes nothing twice.
 */
export class MailSender implements Disposable {
  readonly #options: MailSenderOptions;
  /** Of what could not leave; times are monotonic. */
  readonly #retries = new Map<EnvelopeId, Retry>();
  #busy = false;
  #ended = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: MailSenderOptions) {
    this.#options = options;
    options.outbox.onAdded(() => this.#wake());
    this.#wake();
  }

  /** The hub is there (again): whatever waits need not wait any longer. */
  linkIsUp(): void {
    this.#retries.clear();
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#cancelTimer();
  }

  #wake(): void {
    this.#cancelTimer();
    if (this.#busy || this.#ended) return;
    this.#busy = true;
    void this.#sendAll().finally(() => {
      this.#busy = false;
      this.#sleep();
    });
  }

  /** Until the first of what could not leave is due again. */
  #sleep(): void {
    const { clock, outbox } = this.#options;
    if (this.#ended || outbox.waiting().length === 0) return;
    const nowMs = clock.monotonicMs();
    const dueMs = outbox.waiting().map(({ id }) => this.#retries.get(id)?.atMs ?? nowMs);
    this.#cancelTimer = clock.after(Math.max(0, Math.min(...dueMs) - nowMs), () => this.#wake());
  }

  async #sendAll(): Promise<void> {
    const { outbox, clock, log } = this.#options;
    const isDue = ({ id }: Waiting) => (this.#retries.get(id)?.atMs ?? 0) <= clock.monotonicMs();
    for (let next = outbox.waiting().find(isDue); next && !this.#ended; next = outbox.waiting().find(isDue)) {
      const { id } = next;
      const sent = await this.#send(next).catch((error: unknown) => {
        log.error({ error: String(error) }, "a message could not be sent");
        return false;
      });
      if (sent) this.#retries.delete(id);
      else this.#putOff(id);
    }
  }

  #putOff(id: EnvelopeId): void {
    const failures = this.#retries.get(id)?.failures ?? 0;
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    this.#retries.set(id, { failures: failures + 1, atMs: this.#options.clock.monotonicMs() + waitMs });
  }

  /** False where it is to be tried again later. */
  async #send(message: Waiting): Promise<boolean> {
    const { outbox, clock, link, log, dispatch } = this.#options;
    if (clock.nowMs() - message.atMs >= GIVE_UP_MS) {
      const removed = outbox.remove(message.id);
      if (removed) dispatch({ type: "message-lost", to: message.to });
      return removed;
    }
    if (!this.#isWanted(message) || !(await this.#isSealed(message))) return false;
    for (const { part, frame, bytes } of outbox.parcels(message.id) ?? []) {
      if (this.#ended || !this.#isWanted(message)) return false;
      const published = await link.publish({ to: message.to, class: "inbox", id: frame, envelope: bytes });
      if (!published.ok) {
        log.info({ reason: published.reason }, "the hub did not accept a message");
        return false;
      }
      if (!outbox.accepted(message.id, part)) return false;
      await this.#pause();
    }
    return !outbox.waiting().some(({ id }) => id === message.id);
  }

  /** Asked before each part: it may be taken back, and its addressee be blocked, while the one before is on its way. */
  #isWanted({ id, to }: Waiting): boolean {
    const { outbox, mayGo } = this.#options;
    return mayGo(to) && outbox.waiting().some((each) => each.id === id);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(this.#options.gapMs ?? GAP_MS, resolve));
  }

  /** Once a part of it has left, it stays as it is sealed: the parts of two sealings make no message. */
  async #isSealed({ id, to, sealedMs }: Waiting): Promise<boolean> {
    const { outbox, clock, log } = this.#options;
    const waiting = sealedMs === null ? [] : outbox.parcels(id);
    if (waiting === null) return false;
    const ageMs = clock.nowMs() - (sealedMs ?? 0);
    if (sealedMs !== null && (waiting[0]?.part !== 0 || (ageMs >= 0 && ageMs < SEALED_GOOD_MS))) return true;
    const parcels = await this.#sealTo(to, id);
    if (typeof parcels !== "string") return outbox.seal(id, parcels);
    log.info({ reason: parcels }, "a message cannot be sealed yet");
    return false;
  }

  async #sealTo(to: AccountId, id: EnvelopeId): Promise<readonly Uint8Array[] | string> {
    const { outbox, link, keystore, clock } = this.#options;
    const content = outbox.content(id);
    if (!content) return "unreadable";
    const found = await link.dayKeyOf(to);
    if (!found.ok) return found.reason;
    const sound = content.kind === "voice" ? content.sound : null;
    const message = leftMessage(content);
    const sealed = await sealMessage({ sender: keystore, key: found.key, message, sound, nowMs: clock.nowMs(), id });
    return sealed.parcels;
  }
}
