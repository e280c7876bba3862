import {
  type Certificate,
  issueCertificate,
  MAX_CERTIFICATE_BYTES,
  verifyCertificate,
} from "#device/keys/certificate.ts";
import { signBytes } from "#device/keys/signing.ts";
import { mintToken, verifyToken } from "#device/keys/token.ts";
import { decodeCbor } from "#device/wire/cbor.ts";
import type { FixedUnit } from "#test/house/fixed-keys.ts";
import { ANA, CALLERS, NOON_MS } from "../cast.ts";
import { mutateBytes, mutateText, mutateValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, stateless, type Target } from "../target.ts";
import { writeWildCbor } from "../wild-cbor.ts";

const GENUINE = CALLERS.map(({ sealer }) => sealer.certificate);

function signedPart(bytes: Uint8Array): object {
  const outer = decodeCbor(bytes);
  const cert = outer.ok && (outer.value as { cert: Uint8Array }).cert;
  const inner = cert ? decodeCbor(cert) : outer;
  return inner.ok ? (inner.value as object) : {};
}
const FIELDS = new Map<FixedUnit, object>(CALLERS.map((unit) => [unit, signedPart(unit.sealer.certificate)]));

/** A certificate by an account's own key, with anything in it; or one that was tampered with afterwards. */
export function wildCertificate(random: Random, signer: FixedUnit, account?: string): Uint8Array {
  const { certificate, accountKey } = signer;
  if (random.chance(0.15)) {
    const odd: Partial<Certificate> = {
      seq: random.below(4),
      notAfterMs: random.pick([0, NOON_MS, NOON_MS + 1, 2 ** 52]),
    };
    return issueCertificate(accountKey, { ...certificate, ...odd });
  }
  const fields = { ...FIELDS.get(signer), ...(account !== undefined && { account }) };
  const mutated = random.chance(0.7) ? mutateValue(random, fields) : fields;
  const cert = writeWildCbor(random, mutated, random.chance(0.7) ? 0 : 0.1);
  const whole = { cert, sig: signBytes("porter/1 certificate", cert, accountKey) };
  const bytes = writeWildCbor(
    random,
    random.chance(0.2) ? mutateValue(random, whole) : whole,
    random.chance(0.8) ? 0 : 0.1,
  );
  return random.chance(0.2) ? mutateBytes(random, bytes, GENUINE) : bytes;
}

export const certificate: Target = {
  name: "certificate",
  meets: ["certificate", "malformed", "forged", "expired"],
  open: stateless((random) => {
    const signer = random.pick(CALLERS);
    const claimed = random.chance(0.3) ? ANA : undefined;
    const bytes = random.chance(0.2)
      ? mutateBytes(random, random.pick(GENUINE))
      : wildCertificate(random, signer, claimed);
    const result = verifyCertificate(bytes, NOON_MS);
    if (!result.ok) return result.reason;
    const isGenuine = GENUINE.some((each) => Buffer.compare(each, bytes) === 0);
    if (result.certificate.account !== signer.sealer.account && !isGenuine)
      broken("a certificate that its account did not sign");
    if (bytes.length > MAX_CERTIFICATE_BYTES) broken("a certificate that is too long");
    return "certificate";
  }),
};

const HUB = "hub.example";

export const token: Target = {
  name: "token",
  meets: ["token", "malformed", "bad certificate", "bad token"],
  async open() {
    const minted = new Map<FixedUnit, string>();
    for (const unit of CALLERS)
      minted.set(unit, await mintToken(unit.signingKey, unit.sealer.certificate, HUB, NOON_MS));
    const attack = async (random: Random) => {
      const signer = random.pick(CALLERS);
      const text = await wildToken(random, signer, minted.get(signer) ?? "");
      const result = await verifyToken(text, HUB, NOON_MS + random.pick([0, 0, 0, -200_000, 100_000, 10_000_000]));
      if (!result.ok) return result.reason;
      const { account } = result.certificate;
      if (account !== signer.sealer.account) broken("a token for an account whose unit did not make it");
      return "token";
    };
    return { attack, [Symbol.asyncDispose]: async () => undefined };
  },
};

const TOKEN_PARTS = ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9", ".", "..", "=", "eyJhbGciOiJFZERTQSJ9", "e30"];

/** Made by a unit with its key, now and then for another's certificate or another hub; or tampered with. */
async function wildToken(random: Random, signer: FixedUnit, minted: string): Promise<string> {
  if (random.chance(0.1)) return minted;
  if (random.chance(0.6)) return mutateText(random, minted, TOKEN_PARTS);
  const bytes = random.chance(0.4) ? random.pick(GENUINE) : wildCertificate(random, signer);
  return mintToken(signer.signingKey, bytes, random.chance(0.8) ? HUB : "other.example", NOON_MS);
}
