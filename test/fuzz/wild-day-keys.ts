import { DAY_KEY_BYTES, type DayKey, dayOf, type SignedKey, signedPartOf } from "#device/keys/day-keys.ts";
import { signBytes } from "#device/keys/signing.ts";
import type { FixedUnit } from "#test/house/fixed-keys.ts";
import { ben, CALLERS, NOON_MS } from "./cast.ts";
import { mutateBytes, mutateValue } from "./mutate.ts";
import { BATCH } from "./parcel-content.ts";
import type { Random } from "./random.ts";

export const TODAY = dayOf(NOON_MS);
const X25519_AT = 1_184;

/** A day key as one travels: one of Ben's, tampered with, signed by others or for other days, or worth nothing. */
export function wildSignedKey(random: Random, index = random.below(BATCH.signed.length)): unknown {
  const genuine = BATCH.signed[index];
  if (!genuine || random.chance(0.3)) return genuine;
  if (random.chance(0.4)) return mutateValue(random, genuine);
  return signedBy(random.chance(0.7) ? ben : random.pick(CALLERS), {
    day: TODAY + random.pick([0, 0, 0, 0, 1, -1, 400]),
    kind: random.chance(0.8) ? genuine.kind : "fallback",
    id: random.chance(0.8) ? genuine.id : random.bytes(16),
    key: wildKey(random, genuine.key),
  });
}

type Asked = Readonly<{ day: number; kind: SignedKey["kind"]; id: Uint8Array; key: Uint8Array }>;

/** As that unit would sign it, for Ben. */
export function signedBy(signer: FixedUnit, { day, kind, id, key }: Asked): SignedKey {
  const { account, unit } = ben.certificate;
  const dayKey: DayKey = { account, unit, day, kind, key, id: Buffer.from(id).toString("hex") };
  const sig = new Uint8Array(signBytes("porter/1 day key", signedPartOf(dayKey), signer.signingKey));
  return { id: new Uint8Array(id), kind, key: new Uint8Array(key), sig };
}

/** With which anybody could open what is sealed to it, or nobody. */
export function worthless(key: Uint8Array): boolean {
  const [lattice, point] = [key.subarray(0, X25519_AT), key.subarray(X25519_AT)];
  return lattice.every((byte) => byte === 0) || point.every((byte) => byte === 0) || key.length !== DAY_KEY_BYTES;
}

function wildKey(random: Random, key: Uint8Array): Uint8Array {
  switch (random.below(5)) {
    case 0:
      return Uint8Array.from(key, (byte, at) => (at < X25519_AT ? 0 : byte));
    case 1:
      return Uint8Array.from(key, (byte, at) => (at < X25519_AT ? byte : 0));
    case 2:
      return new Uint8Array(DAY_KEY_BYTES).fill(0xff);
    case 3:
      return mutateBytes(random, key);
    default:
      return key;
  }
}
