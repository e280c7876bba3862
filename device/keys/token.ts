import type { KeyObject } from "node:crypto";
import { decodeJwt, jwtVerify, SignJWT } from "jose";
import * as v from "valibot";
import { type Certificate, MAX_CERTIFICATE_BYTES, verifyCertificate } from "./certificate.ts";
import { publicKeyFrom } from "./signing.ts";

/**
 * How a unit shows a hub who it is: a JWT (RFC 7519) signed with EdDSA (RFC 8037) by the unit key, good for one hub
 * and a short while, the unit's certificate in the claim `crt` (base64url).
 */
const LIFETIME_S = 120;
/** Two clocks may differ by this much. */
const TOLERANCE_S = 60;
export const MAX_TOKEN_CHARACTERS = 4_096;

export type TokenResult =
  | Readonly<{ ok: true; certificate: Certificate; certificateBytes: Uint8Array }>
  | Readonly<{ ok: false; reason: "malformed" | "bad certificate" | "bad token" }>;

const Claims = v.looseObject({
  crt: v.pipe(v.string(), v.maxLength(MAX_CERTIFICATE_BYTES * 2), v.regex(/^[A-Za-z0-9_-]+$/)),
});

export async function mintToken(
  signingKey: KeyObject,
  certificate: Uint8Array,
  hubName: string,
  nowMs: number,
): Promise<string> {
  const issuedS = Math.floor(nowMs / 1_000);
  return new SignJWT({ crt: Buffer.from(certificate).toString("base64url") })
    .setProtectedHeader({ alg: "EdDSA" })
    .setAudience(hubName)
    .setIssuedAt(issuedS)
    .setExpirationTime(issuedS + LIFETIME_S)
    .sign(signingKey);
}

/** Whose unit presented this token to the hub of this name. Never throws. */
export async function verifyToken(token: string, hubName: string, nowMs: number): Promise<TokenResult> {
  if (token.length > MAX_TOKEN_CHARACTERS) return { ok: false, reason: "malformed" };
  const certificateBytes = certificateIn(token);
  if (!certificateBytes) return { ok: false, reason: "malformed" };
  const result = verifyCertificate(certificateBytes, nowMs);
  if (!result.ok) return { ok: false, reason: "bad certificate" };
  try {
    await jwtVerify(token, publicKeyFrom("Ed25519", result.certificate.ed25519), {
      algorithms: ["EdDSA"],
      audience: hubName,
      clockTolerance: TOLERANCE_S,
      currentDate: new Date(nowMs),
      maxTokenAge: LIFETIME_S,
      requiredClaims: ["exp", "iat"],
    });
    return { ok: true, certificate: result.certificate, certificateBytes };
  } catch {
    return { ok: false, reason: "bad token" };
  }
}

function certificateIn(token: string): Uint8Array | null {
  try {
    const claims = v.safeParse(Claims, decodeJwt(token));
    return claims.success ? new Uint8Array(Buffer.from(claims.output.crt, "base64url")) : null;
  } catch {
    return null;
  }
}
