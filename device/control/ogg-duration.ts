const PAGE_HEADER_BYTES = 27;
const NO_POSITION = 0xffff_ffff_ffff_ffffn;
/** Opus counts positions at 48 kHz, whatever the sound was made at (RFC 7845 §4). */
const POSITIONS_A_MS = 48;

/**
 * How long an Ogg Opus file plays, by its last page (RFC 3533 §6, RFC 7845 §4.4); null for anything else. Whoever
 * receives it checks the file as a whole.
 */
export function oggDurationMs(bytes: Uint8Array): number | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let last: bigint | null = null;
  let skip: number | null = null;
  for (let at = 0; at + PAGE_HEADER_BYTES <= file.length; ) {
    if (file.toString("latin1", at, at + 4) !== "OggS") return null;
    const segments = file[at + 26] ?? 0;
    const body = at + PAGE_HEADER_BYTES + segments;
    const lengths = file.subarray(at + PAGE_HEADER_BYTES, body);
    if (at === 0 && file.toString("latin1", body, body + 8) === "OpusHead" && body + 12 <= file.length) {
      skip = file.readUInt16LE(body + 10);
    }
    const position = file.readBigUInt64LE(at + 6);
    if (position !== NO_POSITION) last = position;
    at = body + lengths.reduce((sum, length) => sum + length, 0);
  }
  if (last === null || skip === null) return null;
  const ms = Math.ceil((Number(last) - skip) / POSITIONS_A_MS);
  return ms > 0 ? ms : null;
}
