import type { Clock } from "#base/clock.ts";
import { encodeFrame, type Frame, MAX_FRAME_BYTES } from "../wire/frame.ts";
import type { PublishResult } from "./link.ts";

/** No publication is worth more waiting than a call lives. */
const LONGEST_PATIENCE_MS = 60_000;

type Pending = Readonly<{ bytes: Uint8Array; settle: (result: PublishResult) => void }>;

/** What this unit wants published and the hub has not accepted yet. */
export class Publications {
  readonly #clock: Clock;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #pending = new Map<string, Pending>();
  #closed = false;

  /** `send` hands bytes to the broker where it is connected, and does nothing where it is not. */
  constructor(clock: Clock, send: (bytes: Uint8Array) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  add(frame: Frame, patienceMs = LONGEST_PATIENCE_MS): Promise<PublishResult> {
    if (this.#closed) return Promise.resolve({ ok: false, reason: "closed" });
    const bytes = encodeFrame(frame);
    if (bytes.length > MAX_FRAME_BYTES) return Promise.resolve({ ok: false, reason: "too-long" });
    return new Promise((resolve) => {
      const giveUp = () => this.#settle(frame.id, { ok: false, reason: "timed-out" });
      const cancel = this.#clock.after(Math.min(patienceMs, LONGEST_PATIENCE_MS), giveUp);
      const settle = (result: PublishResult) => {
        cancel();
        resolve(result);
      };
      this.#settle(frame.id, { ok: false, reason: "closed" }); // an id stands for one publication: the last
      this.#pending.set(frame.id, { bytes, settle });
      this.#send(bytes);
    });
  }

  /** The broker is there (again): whatever it has not accepted goes out, in order. */
  sendAll(): void {
    for (const { bytes } of this.#pending.values()) this.#send(bytes);
  }

  accepted(id: string): void {
    this.#settle(id, { ok: true });
  }

  refused(id: string): void {
    this.#settle(id, { ok: false, reason: "refused" });
  }

  close(): void {
    this.#closed = true;
    for (const id of this.#pending.keys()) this.#settle(id, { ok: false, reason: "closed" });
  }

  #settle(id: string, result: PublishResult): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.settle(result);
  }
}
