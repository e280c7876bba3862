import * as v from "valibot";
import { type AccountId, isAccountId, isUnitId, type UnitId } from "#device/keys/account.ts";
import { encodeCbor, parseCbor } from "#device/wire/cbor.ts";
import type { Frame } from "#device/wire/frame.ts";
import { deliveryDigest } from "#device/wire/settlement.ts";
import type { Entry } from "./queues.ts";
import type { Change, Store } from "./store.ts";

const Natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Record = v.strictObject({
  sender: v.custom<AccountId>(isAccountId),
  to: v.custom<AccountId>(isAccountId),
  unit: v.exactOptional(v.custom<UnitId>(isUnitId)),
  class: v.picklist(["calls", "inbox"]),
  expires: Natural,
  envelope: v.instance(Uint8Array),
});

/** How long the hub keeps an envelope that nobody fetched. */
const KEPT_MS = { calls: 60_000, inbox: 30 * 86_400_000 } as const;
const KEY_DIGITS = 16;

/**
 * Every publication on its way, durable from before it is accepted until its unit acknowledged it (of class `inbox`:
 * settled it), or until it is out of time.
 */
export class Spool {
  readonly #store: Store;
  #last = 0;
  /** What leaves with the next sweep. */
  #leaving: Change[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** What was on its way when the hub last ended, oldest first. What cannot be read is thrown out. */
  async *recover(): AsyncGenerator<Entry> {
    for await (const [key, bytes] of this.#store.spool.iterator()) {
      this.#last = Math.max(this.#last, Number(key));
      const record = parseCbor(Record, bytes);
      if (!record) {
        this.leave(key);
        continue;
      }
      const { envelope, expires, ...rest } = record;
      yield { ...rest, key, expiresMs: expires, bytes: envelope.length, ...digestFor(rest, envelope) };
    }
  }

  enter(sender: AccountId, frame: Frame, nowMs: number): { entry: Entry; change: Change } {
    this.#last += 1;
    const key = String(this.#last).padStart(KEY_DIGITS, "0");
    const { to, class: envelopeClass, envelope } = frame;
    const unit = frame.unit === undefined ? {} : { unit: frame.unit };
    const expiresMs = nowMs + KEPT_MS[envelopeClass];
    const value = encodeCbor({ sender, to, ...unit, class: envelopeClass, expires: expiresMs, envelope });
    const rest = { sender, to, ...unit, class: envelopeClass };
    const entry = { ...rest, key, expiresMs, bytes: envelope.length, ...digestFor(rest, envelope) };
    return { entry, change: { part: this.#store.spool, type: "put", key, value } };
  }

  leave(key: string): void {
    this.#leaving.push({ part: this.#store.spool, type: "del", key });
  }

  /** Takes in a batch in one durable step. */
  async write(entering: readonly Change[]): Promise<void> {
    if (entering.length > 0) await this.#store.write(entering);
  }

  /** Removes what left. Not forced to the disk: what comes back after a power cut is delivered twice, which is allowed. */
  async sweep(): Promise<void> {
    const leaving = this.#leaving;
    this.#leaving = [];
    if (leaving.length > 0) await this.#store.write(leaving, "lazy");
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    const bytes = await this.#store.spool.get(key);
    return bytes && parseCbor(Record, bytes)?.envelope;
  }
}

function digestFor(of: Pick<Entry, "sender" | "class">, envelope: Uint8Array): { digest?: string } {
  return of.class === "inbox" ? { digest: deliveryDigest(of.sender, envelope) } : {};
}
