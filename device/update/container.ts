import { BLOCK_BYTES, END, headerOf, isZero, paddingAfter, readHeader } from "../evidence/tar.ts";
import { MAX_KEY_LIST_BYTES, SIGNATURE_BYTES, type SignedKeyList } from "./key-list.ts";
import { MAX_MANIFEST_BYTES, MAX_PAYLOAD_BYTES } from "./manifest.ts";
import { type Refused, refuse } from "./refusal.ts";

/**
 * A bundle is a ustar archive of six files in this order, written one way only. All that is judged stands before the
 * payload, which is the bytes of the manifest's files, one after the other, compressed by zstd (RFC 8878).
 */
const ENTRIES = [
  { path: "porter-bundle", minBytes: 2, maxBytes: 2 },
  { path: "keys.json", minBytes: 1, maxBytes: MAX_KEY_LIST_BYTES },
  { path: "keys.sig", minBytes: SIGNATURE_BYTES, maxBytes: SIGNATURE_BYTES },
  { path: "manifest.json", minBytes: 1, maxBytes: MAX_MANIFEST_BYTES },
  { path: "manifest.sig", minBytes: SIGNATURE_BYTES, maxBytes: SIGNATURE_BYTES },
  { path: "payload.zst", minBytes: 1, maxBytes: MAX_PAYLOAD_BYTES },
] as const;
const FORMAT = "1\n";

/** What stands before the payload; its bytes are parts of what was read. */
export type Head = Readonly<{
  keys: SignedKeyList;
  manifest: Uint8Array;
  signature: Uint8Array;
  atS: number;
  payload: Readonly<{ at: number; bytes: number }>;
  /** How long the whole bundle is. */
  bytes: number;
}>;

export type HeadRead =
  | Readonly<{ ok: true; head: Head }>
  | Readonly<{ ok: false; reason: "more"; bytes: number }>
  | Refused;

/** The longest head there is. */
export const MAX_HEAD_BYTES =
  ENTRIES.length * 2 * BLOCK_BYTES + MAX_KEY_LIST_BYTES + MAX_MANIFEST_BYTES + 2 * SIGNATURE_BYTES;

/** The first bytes of a bundle to its head; `more` where it needs so many of them to say. Never throws. */
export function readHead(start: Uint8Array): HeadRead {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
  const parts: Uint8Array[] = [];
  let atS: number | null = null;
  let at = 0;
  for (const { path, minBytes, maxBytes } of ENTRIES) {
    const from = at + BLOCK_BYTES;
    if (bytes.length < from) return { ok: false, reason: "more", bytes: from };
    const header = readHeader(bytes.subarray(at, from));
    const fault = refuse(at === 0 ? "not-a-bundle" : "damaged");
    if (header?.path !== path || header.bytes < minBytes || (atS ?? header.atS) !== header.atS) return fault;
    if (header.bytes > maxBytes) return refuse("too-large", path);
    atS = header.atS;
    if (path === "payload.zst") return finishHead(parts, atS, { at: from, bytes: header.bytes });
    const end = from + header.bytes;
    at = end + paddingAfter(header.bytes);
    if (bytes.length < at) return { ok: false, reason: "more", bytes: at };
    if (!isZero(bytes.subarray(end, at))) return fault;
    if (path === "porter-bundle" && bytes.toString("latin1", from, end) !== FORMAT) return refuse("newer-format");
    parts.push(start.subarray(from, end));
  }
  return refuse("damaged");
}

function finishHead(parts: readonly Uint8Array[], atS: number, payload: Head["payload"]): HeadRead {
  const [, keys, keysSignature, manifest, signature] = parts;
  if (!keys || !keysSignature || !manifest || !signature) return refuse("damaged");
  const bytes = payload.at + payload.bytes + paddingAfter(payload.bytes) + END.length;
  const head = { keys: { bytes: keys, signature: keysSignature }, manifest, signature, atS, payload, bytes };
  return { ok: true, head };
}

/** What follows the payload, all of it; anything else is a fault. */
export function isTail(tail: Uint8Array, payloadBytes: number): boolean {
  return tail.length === paddingAfter(payloadBytes) + END.length && isZero(Buffer.from(tail));
}

/** What stands before the payload and what after it. */
export function frameOf(
  parts: Readonly<{
    keys: SignedKeyList;
    manifest: Uint8Array;
    signature: Uint8Array;
    payloadBytes: number;
    atS: number;
  }>,
): Readonly<{ head: Uint8Array; tail: Uint8Array }> {
  const { keys, manifest, signature, payloadBytes, atS } = parts;
  const contents = [Buffer.from(FORMAT), keys.bytes, keys.signature, manifest, signature];
  const pieces = ENTRIES.flatMap(({ path }, index) => {
    const content = contents[index];
    if (!content) return [headerOf(path, payloadBytes, atS)];
    return [headerOf(path, content.length, atS), content, Buffer.alloc(paddingAfter(content.length))];
  });
  return { head: Buffer.concat(pieces), tail: Buffer.concat([Buffer.alloc(paddingAfter(payloadBytes)), END]) };
}
