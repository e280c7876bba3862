import type { KeyObject } from "node:crypto";
import * as v from "valibot";
import { encodeCbor, parseCbor } from "../wire/cbor.ts";
import { type AccountId, accountIdOf, isAccountId, isUnitId, parseAccountId, type UnitId } from "./account.ts";
import { rawPublicKey, signBytes, verifyBytes } from "./signing.ts";

/** What an account key says of one of its units. A higher `seq` revokes every lower one. */
export type Certificate = Readonly<{
  account: AccountId;
  unit: UnitId;
  seq: number;
  /** 32 bytes: what the unit signs with. */
  ed25519: Uint8Array;
  /** 32 bytes: what is sealed to the unit. */
  x25519: Uint8Array;
  /** Wall clock, milliseconds since 1970; valid before this moment, not at it. */
  notAfterMs: number;
}>;

export type CertificateResult =
  | Readonly<{ ok: true; certificate: Certificate }>
  /** `malformed`: not a certificate at all; `forged`: the account did not sign it. */
  | Readonly<{ ok: false; reason: "malformed" | "forged" | "expired" }>;

/** A certificate is some 300 bytes; anything longer than this is none. */
export const MAX_CERTIFICATE_BYTES = 1_024;

const Key = v.pipe(v.instance(Uint8Array), v.length(32));
const Natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Signed = v.strictObject({
  v: v.literal(1),
  account: v.custom<AccountId>(isAccountId),
  unit: v.custom<UnitId>(isUnitId),
  seq: Natural,
  ed25519: Key,
  x25519: Key,
  notAfter: Natural,
});
const Outer = v.strictObject({
  cert: v.pipe(v.instance(Uint8Array), v.maxLength(MAX_CERTIFICATE_BYTES)),
  sig: v.pipe(v.instance(Uint8Array), v.length(64)),
});

/** Certifies a unit: canonical CBOR `{cert, sig}`, `cert` being the exact signed bytes. */
export function issueCertificate(accountKey: KeyObject, unit: Omit<Certificate, "account">): Uint8Array {
  const cert = encodeCbor({
    v: 1,
    account: accountIdOf(rawPublicKey(accountKey)),
    unit: unit.unit,
    seq: unit.seq,
    ed25519: unit.ed25519,
    x25519: unit.x25519,
    notAfter: unit.notAfterMs,
  });
  return encodeCbor({ cert, sig: signBytes("porter/1 certificate", cert, accountKey) });
}

/** Bytes from anyone to a certificate that its account signed and that is still good. Never throws. */
export function verifyCertificate(bytes: Uint8Array, nowMs: number): CertificateResult {
  if (bytes.length > MAX_CERTIFICATE_BYTES) return { ok: false, reason: "malformed" };
  const outer = parseCbor(Outer, bytes);
  const signed = outer && parseCbor(Signed, outer.cert);
  if (!outer || !signed) return { ok: false, reason: "malformed" };
  const accountKey = parseAccountId(signed.account);
  if (!accountKey || !verifyBytes("porter/1 certificate", outer.cert, outer.sig, accountKey)) {
    return { ok: false, reason: "forged" };
  }
  if (nowMs >= signed.notAfter) return { ok: false, reason: "expired" };
  const { account, unit, seq, ed25519, x25519, notAfter } = signed;
  return { ok: true, certificate: { account, unit, seq, ed25519, x25519, notAfterMs: notAfter } };
}
