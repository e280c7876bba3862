import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/**
 * Ed25519 (RFC 8032) over `domain`, one zero byte, and the message: a signature made for one purpose is good for no
 * other.
 */
export type SigningDomain =
  | "porter/1 certificate"
  | "porter/1 day key"
  | "porter/1 envelope"
  | "porter/1 book stored"
  | "porter/1 book revision"
  | "porter/1 evidence manifest"
  | "porter/1 firmware keys"
  | "porter/1 firmware manifest"
  | "porter/1 journal checkpoint"
  | "porter/1 journal export";

export function signBytes(domain: SigningDomain, message: Uint8Array, privateKey: KeyObject): Uint8Array {
  return new Uint8Array(sign(null, prefixed(domain, message), privateKey));
}

/** False for a bad signature, a bad key, a bad length. Never throws. */
export function verifyBytes(
  domain: SigningDomain,
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  try {
    return verify(null, prefixed(domain, message), publicKeyFrom("Ed25519", publicKey), signature);
  } catch {
    return false;
  }
}

/** A 32-byte raw public key as Node's crypto takes it. Throws where OpenSSL refuses the bytes. */
export function publicKeyFrom(curve: "Ed25519" | "X25519", raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: curve, x }, format: "jwk" });
}

/** The 32 bytes of the public half of an Ed25519 or X25519 key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const half = key.type === "private" ? createPublicKey(key) : key;
  const { x } = half.export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x ?? "", "base64url"));
}

function prefixed(domain: SigningDomain, message: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(domain, "utf8"), Buffer.of(0), message]);
}
