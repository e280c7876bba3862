import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { accountIdOf } from "#device/keys/account.ts";
import { toBase32 } from "#device/keys/base32.ts";
import { type Certificate, issueCertificate, verifyCertificate } from "#device/keys/certificate.ts";
import { rawPublicKey, signBytes } from "#device/keys/signing.ts";
import type { Sealer } from "#device/wire/envelope.ts";

/** PKCS #8 of a raw 32-byte private key (RFC 8410 §7). */
const PKCS8 = { ed25519: "302e020100300506032b657004220420", x25519: "302e020100300506032b656e04220420" } as const;

export type FixedUnit = Readonly<{
  sealer: Sealer;
  certificate: Certificate;
  agreementKey: KeyObject;
  signingKey: KeyObject;
  accountKey: KeyObject;
}>;

export function seedOf(name: string): Buffer {
  return createHash("sha256").update(`porter test ${name}`).digest();
}

function fixedKey(curve: "ed25519" | "x25519", name: string): KeyObject {
  const key = Buffer.concat([Buffer.from(PKCS8[curve], "hex"), seedOf(`${name} ${curve}`)]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

/** A unit whose every key follows from a name, or two: its own beside its account's. Never outside tests. */
export function fixedUnit(
  name: string,
  fields: { seq?: number; notAfterMs?: number; unitName?: string } = {},
): FixedUnit {
  const unitName = fields.unitName ?? name;
  const accountKey = fixedKey("ed25519", `${name} account`);
  const signingKey = fixedKey("ed25519", `${unitName} unit`);
  const agreementKey = fixedKey("x25519", `${unitName} unit`);
  const bytes = issueCertificate(accountKey, {
    unit: toBase32(seedOf(`${unitName} id`).subarray(0, 8)),
    seq: fields.seq ?? 1,
    ed25519: rawPublicKey(signingKey),
    x25519: rawPublicKey(agreementKey),
    notAfterMs: fields.notAfterMs ?? Date.UTC(2036, 0, 1),
  });
  const result = verifyCertificate(bytes, 0);
  if (!result.ok) throw new Error(result.reason);
  const sealer: Sealer = {
    account: accountIdOf(rawPublicKey(accountKey)),
    certificate: bytes,
    signEnvelope: (signed) => signBytes("porter/1 envelope", signed, signingKey),
  };
  return { sealer, certificate: result.certificate, agreementKey, signingKey, accountKey };
}
