import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { type DayKey, hashOfKey } from "#device/keys/day-keys.ts";
import { encodeCbor } from "#device/wire/cbor.ts";

/** Seals whatever it is given as the inside of a parcel: what somebody can send who does not keep to our code. */
export async function sealRaw(inner: object, key: DayKey, from: string): Promise<Uint8Array> {
  return sealBytes(encodeCbor(inner), key, from);
}

/** The same of bytes that need not be CBOR. */
export async function sealBytes(plain: Uint8Array, key: DayKey, from: string): Promise<Uint8Array> {
  const kem = new XWing();
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
  const recipientPublicKey = await kem.importKey("raw", new Uint8Array(key.key).buffer, true);
  const id = new Uint8Array(Buffer.from(key.id, "hex"));
  const info = new Uint8Array(encodeCbor(["porter/2 parcel", from, key.account, id, hashOfKey(key.key)]));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plain);
  return encodeCbor({ v: 2, key: id, enc: new Uint8Array(enc), ct: new Uint8Array(ct) });
}
