import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { XWing } from "@hpke/hybridkem-x-wing";
import { encodeCbor } from "../wire/cbor.ts";
import {
  type DayKey,
  type DayKeyKind,
  hashOfKey,
  ONE_TIME_KEYS_A_DAY,
  type SignedKey,
  signedPartOf,
} from "./day-keys.ts";
import type { Keystore } from "./keystore.ts";

/** The secret half of a day key, and what names it. */
export type NewSecret = Readonly<{
  /** In hexadecimal. */
  id: string;
  kind: DayKeyKind;
  /** 32 bytes: X-Wing's secret key. */
  seed: Uint8Array;
  /** SHA-256 of the public key. */
  hash: Uint8Array;
}>;

/** One day's keys: `bytes` is what the hub gets, and holds no secret. */
export type NewBatch = Readonly<{ day: number; bytes: Uint8Array; secrets: readonly NewSecret[] }>;

export type Signer = Pick<Keystore, "account" | "unit" | "signDayKey">;

const ID_BYTES = 16;
const SEED_BYTES = 32;
const kem = new XWing();

/**
 * Makes a day's keys. One takes some 2 to 4 ms: between any two others get their turn, for as long as is said, so that
 * 90 days' worth leaves the unit most of its processor.
 */
export async function makeBatch(
  signer: Signer,
  day: number,
  { random = freshBytes, pauseMs = 0 }: { random?: (length: number) => Uint8Array<ArrayBuffer>; pauseMs?: number } = {},
): Promise<NewBatch> {
  const keys: SignedKey[] = [];
  const secrets: NewSecret[] = [];
  for (let index = 0; index <= ONE_TIME_KEYS_A_DAY; index += 1) {
    const kind = index < ONE_TIME_KEYS_A_DAY ? "one-time" : "fallback";
    const [id, seed] = [random(ID_BYTES), random(SEED_BYTES)];
    const key = await publicKeyOf(seed);
    const name = Buffer.from(id).toString("hex");
    const dayKey: DayKey = { account: signer.account, unit: signer.unit, day, id: name, kind, key };
    keys.push({ id, kind, key, sig: new Uint8Array(signer.signDayKey(signedPartOf(dayKey))) });
    secrets.push({ id: name, kind, seed, hash: hashOfKey(key) });
    await sleep(pauseMs);
  }
  return { day, bytes: encodeCbor({ v: 1, keys }), secrets };
}

/** X-Wing's public key of a 32-byte secret key. */
async function publicKeyOf(seed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { publicKey } = await kem.generateKeyPairDerand(new Uint8Array(seed));
  return new Uint8Array(await kem.serializePublicKey(publicKey));
}

function freshBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(length));
}
