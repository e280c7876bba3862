import { createHash } from "node:crypto";
import { signBytes } from "#device/keys/signing.ts";
import type { FixedUnit } from "#test/house/fixed-keys.ts";
import { ANA, CALLERS, NOON_MS, OWNER } from "./cast.ts";
import { MESSAGES } from "./grammar.ts";
import { mutateBytes, mutateValue } from "./mutate.ts";
import type { Random } from "./random.ts";
import { wildCertificate } from "./targets/certificate.ts";
import { writeWildCbor } from "./wild-cbor.ts";

/** `signer` is whose unit signed, and `hash` of which bytes: nobody else's word may count for anything. */
export type Content = Readonly<{ plain: Uint8Array; signer: FixedUnit; hash: string }>;

const LIFETIME_MS = 60_000;

/** What stands inside a seal, wrong at any layer: the message, what is signed, the signature, the certificate, the whole. */
export function wildContent(random: Random): Content {
  const signer = random.pick(CALLERS);
  const { sealer } = signer;
  const isWrong = oneOf(random, 5);
  const signed = wildSigned(random, isWrong(0), isWrong(1), sealer.account);
  const cert = isWrong(2) ? wildCertificate(random, signer, random.chance(0.3) ? ANA : undefined) : sealer.certificate;
  const genuine = sealer.signEnvelope(signed);
  const sig = isWrong(3) ? wildSignature(random, signer, signed) : genuine;
  const content = { signed, cert: random.chance(0.03) ? random.pick(CALLERS).sealer.certificate : cert, sig };
  const plain = isWrong(4)
    ? mutateBytes(random, writeWildCbor(random, random.chance(0.5) ? mutateValue(random, content) : content, 0.05))
    : writeWildCbor(random, content, 0);
  return { plain, signer, hash: hashOf(signed, sig, genuine) };
}

/** What the signer stands for: nothing at all where the signature is not theirs. */
export function hashOf(signed: Uint8Array, sig: Uint8Array, genuine: Uint8Array): string {
  return Buffer.compare(sig, genuine) === 0 ? createHash("sha256").update(signed).digest("hex") : "";
}

/** Whether a place is wrong: mostly one alone, so that what is wrong there gets far. */
export function oneOf(random: Random, places: number): (place: number) => boolean {
  if (random.chance(0.2)) return () => false;
  const only = random.below(places);
  const isAll = random.chance(0.3);
  return (place) => (isAll ? random.chance(0.3) : place === only);
}

function wildSigned(random: Random, isBodyWrong: boolean, isHeadWrong: boolean, account: string): Uint8Array {
  const { kind, body } = random.pick(MESSAGES);
  const fields = {
    v: 1,
    from: isHeadWrong && random.chance(0.5) ? ANA : account,
    to: isHeadWrong && random.chance(0.2) ? account : OWNER,
    id: Buffer.from(random.bytes(16)).toString("hex"),
    at: NOON_MS,
    expires: NOON_MS + LIFETIME_MS,
    kind,
    body: isBodyWrong ? mutateValue(random, body) : body,
  };
  const written = writeWildCbor(
    random,
    isHeadWrong && random.chance(0.5) ? mutateValue(random, fields) : fields,
    isHeadWrong ? 0.03 : 0,
  );
  return isHeadWrong && random.chance(0.3) ? mutateBytes(random, written) : written;
}

export function wildSignature(random: Random, signer: FixedUnit, signed: Uint8Array): Uint8Array {
  switch (random.below(6)) {
    case 0:
      return random.bytes(64);
    case 1:
      return random.pick(CALLERS).sealer.signEnvelope(random.bytes(20));
    case 2:
      return signBytes("porter/1 journal export", signed, signer.signingKey);
    case 3:
      return signBytes("porter/1 envelope", signed, signer.accountKey);
    case 4:
      return signBytes("porter/1 certificate", signed, signer.signingKey);
    default:
      return mutateBytes(random, signer.sealer.signEnvelope(signed));
  }
}
