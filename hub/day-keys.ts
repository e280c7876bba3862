import { createHash } from "node:crypto";
import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import type { AccountId } from "#device/keys/account.ts";
import type { Certificate } from "#device/keys/certificate.ts";
import {
  Batch,
  DAYS_AHEAD,
  DAYS_APART,
  dayOf,
  ONE_TIME_KEYS_A_DAY,
  type SignedKey,
  verifyDayKey,
} from "#device/keys/day-keys.ts";
import { encodeCbor, parseCbor } from "#device/wire/cbor.ts";
import type { Accounts } from "./accounts.ts";
import type { Store } from "./store.ts";

/** So many one-time keys of an account go to one requester a day; then they get the fallback. */
const EACH_REQUESTER = 2;
/** Longer than a batch can come again: no mistake of the clock may give a one-time key a second time. */
const HANDED_KEPT_DAYS = 2 * DAYS_AHEAD;
const DAY_DIGITS = 7;

const Natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A batch, and the Ed25519 key of the unit that signed it. */
const Held = v.strictObject({ by: v.instance(Uint8Array), batch: v.instance(Uint8Array) });
/** How many of a batch's one-time keys are gone, and to whom; `batch` is its hash. */
type Handed = Readonly<{ batch: string; count: number; to: Readonly<Record<string, number>> }>;
const Handed: v.GenericSchema<unknown, Handed> = v.strictObject({
  batch: v.string(),
  count: Natural,
  to: v.record(v.string(), Natural),
});

export type DayKeysOptions = Readonly<{ store: Store; accounts: Accounts; clock: Clock }>;
export type TakeResult = "taken" | "wrong day" | "not a batch";

/**
 * The day keys of all accounts, each given out on its day by the hub's own clock. What is given never depends on
 * whether the owner's unit is there.
 */
export class DayKeys {
  readonly #options: DayKeysOptions;
  /** One after another for each account, so that no key goes to two. */
  readonly #last = new Map<AccountId, Promise<unknown>>();
  #sweptDay = 0;

  constructor(options: DayKeysOptions) {
    this.#options = options;
  }

  get today(): number {
    return dayOf(this.#options.clock.nowMs());
  }

  /** On the disk when it resolves. The same batch again changes nothing; another takes its place. */
  async take(unit: Certificate, day: number, bytes: Uint8Array): Promise<TakeResult> {
    if (!(day >= this.today - 1 && day <= this.today + DAYS_AHEAD + 1)) return "wrong day";
    const batch = parseCbor(Batch, bytes);
    if (!batch?.keys.every((key) => verifyDayKey(key, unit, day))) return "not a batch";
    return this.#inTurn(unit.account, () => this.#put(unit, day, bytes));
  }

  /** Which batches of this unit's are here. */
  async held({ account, ed25519 }: Certificate): Promise<{ day: number; hash: string }[]> {
    const days = Array.from({ length: DAYS_AHEAD + 3 }, (_, index) => this.today - 1 + index);
    const found = await this.#options.store.dayKeys.getMany(days.map((day) => keyOf(day, account)));
    return days.flatMap((day, index) => {
      const held = found[index] && parseCbor(Held, found[index]);
      if (!held || !isSame(held.by, ed25519)) return [];
      return [{ day, hash: hashOf(held.batch) }];
    });
  }

  /** One of today's keys of an account for a requester: canonical CBOR; null where there is none. */
  async next(account: AccountId, requester: AccountId): Promise<{ day: number; key: Uint8Array | null }> {
    const day = this.today;
    await this.#sweep(day);
    const key = await this.#inTurn(account, () => this.#handOut(keyOf(day, account), account, requester));
    return { day, key: key && encodeCbor(key) };
  }

  async #put(unit: Certificate, day: number, batch: Uint8Array): Promise<"taken"> {
    const { store } = this.#options;
    const key = keyOf(day, unit.account);
    const value = encodeCbor({ by: unit.ed25519, batch });
    const held = await store.dayKeys.get(key);
    if (!held || !isSame(held, value)) await store.write([{ part: store.dayKeys, type: "put", key, value }]);
    return "taken";
  }

  async #handOut(key: string, account: AccountId, requester: AccountId): Promise<SignedKey | null> {
    const { store, accounts } = this.#options;
    const [held, handed] = await Promise.all([store.dayKeys.get(key), store.handedKeys.get(key)]);
    const parsed = held && parseCbor(Held, held);
    const batch = parsed && parseCbor(Batch, parsed.batch);
    const unit = accounts.get(account)?.certificate;
    // What a unit signed that has been replaced since is nobody's to seal to.
    if (!batch || !unit || !isSame(parsed.by, unit.ed25519)) return null;
    const name = hashOf(parsed.batch);
    const before = handed && parseCbor(Handed, handed);
    const { count, to }: Handed = before?.batch === name ? before : { batch: name, count: 0, to: {} };
    const own = to[requester] ?? 0;
    const fallback = batch.keys[ONE_TIME_KEYS_A_DAY] ?? null;
    if (count >= ONE_TIME_KEYS_A_DAY || own >= EACH_REQUESTER) return fallback;
    const value = encodeCbor({ batch: name, count: count + 1, to: { ...to, [requester]: own + 1 } });
    await store.write([{ part: store.handedKeys, type: "put", key, value }]);
    return batch.keys[count] ?? null;
  }

  async #inTurn<Result>(account: AccountId, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(account);
    const mine = before ? before.then(work, work) : work();
    this.#last.set(account, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(account) === mine) this.#last.delete(account);
    }
  }

  /** Once a day: what is over. */
  async #sweep(today: number): Promise<void> {
    if (today === this.#sweptDay) return;
    this.#sweptDay = today;
    const { dayKeys, handedKeys } = this.#options.store;
    await dayKeys.clear({ lt: keyOf(today - DAYS_APART, "") });
    await handedKeys.clear({ lt: keyOf(today - HANDED_KEPT_DAYS, "") });
  }
}

/** Days sort first, so that those that are over lie together. */
function keyOf(day: number, account: string): string {
  return `${String(day).padStart(DAY_DIGITS, "0")}/${account}`;
}

function hashOf(batch: Uint8Array): string {
  return createHash("sha256").update(batch).digest("base64url");
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
