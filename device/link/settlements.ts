import type { Clock } from "#base/clock.ts";
import { deliveryDigest, encodeSettlement } from "../wire/settlement.ts";

/** Settlements leave on multiples of this, by a grid of the unit's own, */
const GRID_MS = 250;
/** and no earlier than this after the envelope came: far longer than any verdict takes, and what follows from it. */
const AT_LEAST_MS = 500;
/**
 * and no faster than so, one after the other: as long as the slowest may take. People's parcels are opened before
 * strangers', who wait 100 ms for each (receive.ts), and what is turned away is not opened at all: a hub that sends many
 * at once would else see from when they are settled who is in the book.
 */
const EACH_MS = 125;
/** More than a hub has unsettled (hub/deliveries.ts). Beyond that nothing is taken, whoever it is from. */
const MOST_PENDING = 40;

/** What became of a delivery: `settled`: dealt with; `left`: the hub shall deliver it again. */
export type Settled = "settled" | "left";

type Pending = { readonly digest: string; readonly dueMs: number; became: Settled | null };

/**
 * Tells the hub which envelopes of class `inbox` need not be delivered again: in the order in which they came, on a grid,
 * whatever the verdicts were, so that neither what is said nor when depends on them.
 */
export class Settlements implements Disposable {
  readonly #clock: Clock;
  readonly #send: (bytes: Uint8Array) => void;
  /** By receipt, oldest first. */
  readonly #pending = new Map<number, Pending>();
  readonly #startMs: number;
  #last = 0;
  #lastDueMs = 0;
  #cancel: (() => void) | null = null;

  /** `send` hands bytes to the broker where it is connected, and does nothing where it is not. */
  constructor(clock: Clock, send: (bytes: Uint8Array) => void) {
    this.#clock = clock;
    this.#send = send;
    this.#startMs = clock.monotonicMs();
  }

  /** The receipt by which this delivery is settled; null where it is not to be taken: the hub delivers it again. */
  arrived(sender: string, bytes: Uint8Array): number | null {
    if (this.#pending.size >= MOST_PENDING) return null;
    this.#last += 1;
    this.#lastDueMs = Math.max(this.#clock.monotonicMs() + AT_LEAST_MS, this.#lastDueMs + EACH_MS);
    this.#pending.set(this.#last, { digest: deliveryDigest(sender, bytes), dueMs: this.#lastDueMs, became: null });
    this.#arm();
    return this.#last;
  }

  /** A receipt from before the connection was lost says nothing any more. */
  settle(receipt: number, became: Settled): void {
    const pending = this.#pending.get(receipt);
    if (pending) pending.became ??= became;
  }

  /** The connection is gone: the hub delivers anew what it has no settlement of. */
  forget(): void {
    this.#pending.clear();
    this.#lastDueMs = 0;
    this.#stop();
  }

  [Symbol.dispose](): void {
    this.forget();
  }

  #arm(): void {
    if (this.#cancel) return;
    const sinceTickMs = (this.#clock.monotonicMs() - this.#startMs) % GRID_MS;
    this.#cancel = this.#clock.after(GRID_MS - sinceTickMs, () => {
      this.#cancel = null;
      this.#tick();
    });
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    const settled: string[] = [];
    for (const [receipt, { digest, dueMs, became }] of this.#pending) {
      if (became === null || dueMs > nowMs) break;
      this.#pending.delete(receipt);
      if (became === "settled") settled.push(digest);
    }
    if (settled.length > 0) this.#send(encodeSettlement(settled));
    if (this.#pending.size > 0) this.#arm();
  }
}
