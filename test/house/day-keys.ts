import { createHash } from "node:crypto";
import { Batch, type DayKey, dayOf, type SignedKey, verifyDayKey } from "#device/keys/day-keys.ts";
import { makeBatch, type NewBatch, type Signer } from "#device/keys/make-day-keys.ts";
import { signBytes } from "#device/keys/signing.ts";
import type { DayKeyStore } from "#device/store/day-keys.ts";
import { parseCbor } from "#device/wire/cbor.ts";
import type { DayKeySecret, ParcelContext } from "#device/wire/parcel.ts";
import type { FixedUnit } from "./fixed-keys.ts";

export const NOW_MS = Date.UTC(2026, 10, 23, 12);
export const TODAY = dayOf(NOW_MS);

/** A day's keys whose every byte follows from the unit and the day. */
export async function fixedBatch(unit: FixedUnit, day = TODAY): Promise<FixedBatch> {
  const signer = signerOf(unit);
  let drawn = 0;
  const random = (length: number) => {
    drawn += 1;
    const text = `${signer.account} ${day} ${drawn}`;
    return new Uint8Array(createHash("shake256", { outputLength: length }).update(text).digest());
  };
  return new FixedBatch(await makeBatch(signer, day, { random }), unit);
}

export function signerOf({ certificate: { account, unit }, signingKey }: FixedUnit): Signer {
  return { account, unit, signDayKey: (signed) => signBytes("porter/1 day key", signed, signingKey) };
}

export class FixedBatch {
  readonly made: NewBatch;
  readonly signed: readonly SignedKey[];
  readonly #unit: FixedUnit;

  constructor(made: NewBatch, unit: FixedUnit) {
    this.made = made;
    this.signed = parseCbor(Batch, made.bytes)?.keys ?? [];
    this.#unit = unit;
  }

  /** 0 to 11 are one-time keys, 12 is the fallback. */
  key(index: number): DayKey {
    const signed = this.signed[index];
    const key = signed && verifyDayKey(signed, this.#unit.certificate, this.made.day);
    if (!key) throw new Error("no such key");
    return key;
  }

  secretOf(keyId: string): DayKeySecret | null {
    const found = this.made.secrets.find(({ id }) => id === keyId);
    return found ? { account: this.#unit.certificate.account, day: this.made.day, ...pick(found) } : null;
  }

  /** How its owner opens what `sender` sealed to it. */
  context(sender: string, changes: Partial<ParcelContext> = {}): ParcelContext {
    return {
      sender,
      secretOf: (id) => this.secretOf(id),
      nowMs: NOW_MS,
      highestSeq: () => undefined,
      ...changes,
    };
  }
}

function pick({ seed, hash }: Pick<DayKeySecret, "seed" | "hash">): Pick<DayKeySecret, "seed" | "hash"> {
  return { seed, hash };
}

/** Nothing can be sealed to whoever has these. */
export const noDayKeys: DayKeyStore = {
  secretOf: () => null,
  spend: () => undefined,
  batchOf: () => null,
  keep: () => undefined,
  uploadedMs: 0,
  uploaded: () => undefined,
  forgetOld: () => undefined,
};
