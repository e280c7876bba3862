import { createHash } from "node:crypto";

/**
 * An account as two people compare it by eye or aloud: six groups of five digits (99 bits of a SHA-256, which is beyond
 * what anybody could search another account for).
 */
export function fingerprintOf(account: string): string {
  const digest = createHash("sha256").update(`porter/1 fingerprint\0${account}`).digest();
  const groups = Array.from({ length: 6 }, (_, index) => digest.readUIntBE(index * 5, 5) % 100_000);
  return groups.map((group) => String(group).padStart(5, "0")).join(" ");
}
