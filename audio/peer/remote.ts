import { createHash } from "node:crypto";
import { type LegDescription, readSdp } from "./sdp.ts";

/** The other end as its signed envelope describes it. */
export type Remote = Readonly<{ sdp: string; fingerprint: string }>;

/** Whether a remote description may touch the library: well-formed, relay-only, and of the certificate that was signed. */
export function checkRemote(
  remote: Remote,
  type: "offer" | "answer",
): Readonly<{ ok: true; description: LegDescription } | { ok: false; why: "bad-sdp" | "wrong-certificate" }> {
  const read = readSdp(remote.sdp, "theirs");
  if (!read.ok || (read.description.setup === "actpass") !== (type === "offer")) return { ok: false, why: "bad-sdp" };
  if (read.description.fingerprint !== remote.fingerprint) return { ok: false, why: "wrong-certificate" };
  return { ok: true, description: read.description };
}

/** As SDP writes it. */
export function fingerprintOf(certificate: ArrayBuffer): string {
  const hex = createHash("sha256").update(new Uint8Array(certificate)).digest("hex").toUpperCase();
  return hex.replace(/(..)(?!$)/g, "$1:");
}
