import { OPUS_RATE_HZ, packetSamples } from "./opus-packet.ts";
import { LONGEST_MESSAGE_MS, MOST_MESSAGE_BYTES } from "./protocol.ts";

/**
 * What a message's file may look like: one logical stream of Ogg (RFC 3533) with mono Opus in it (RFC 7845), whole, and
 * not a byte besides. Stricter than either, on purpose: this stands before a decoder in C that also plays chained
 * streams, 255 channels, and a gain of 128 dB if a file says so.
 */
export type SoundFault =
  | "too-long"
  | "not-ogg"
  | "damaged"
  | "not-one-stream"
  | "bad-header"
  | "gain"
  | "bad-tags"
  | "bad-packet"
  | "bad-time"
  | "other-duration";
export type SoundCheck = Readonly<{ ok: true; durationMs: number }> | Readonly<{ ok: false; fault: SoundFault }>;

/** How far the length of the sound may be from the one that its sender signed: rounding, and one packet of 20 ms. */
const DURATION_SLACK_MS = 20;

const PAGE_HEADER_BYTES = 27;
const [CONTINUED, FIRST, LAST] = [1, 2, 4];
const NO_GRANULE = 0xffff_ffff_ffff_ffffn;
const HEAD_BYTES = 19;
/** More to skip than 120 ms is no encoder's delay. */
const MOST_PRE_SKIP = 5_760;
/** What a packet may weigh before it is looked into (RFC 7845, 6). */
const MOST_PACKET_BYTES = 61_440;
const MOST_TAG_BYTES = 4_096;
/** What the last page may hold beyond the end of the sound: the rest of an encoder's last second. */
const MOST_TRIM = OPUS_RATE_HZ;

type Page = Readonly<{ flags: number; granule: bigint; serial: number; sequence: number; body: number; end: number }>;
/** Where packets of the stream lie. Those that run over pages are put together. */
type Walk = {
  packets: number;
  preSkip: number;
  /** Samples (48 kHz) of all packets so far, what is to be skipped among them. */
  samples: number;
  /** Whether a packet has ended on the page in hand. */
  ended: boolean;
  /** The beginning of a packet that goes on in the next page, and its length. */
  open: Uint8Array[];
  openBytes: number;
};

/** Looks at every byte of `file`; never throws. `claimedMs`: how long it lasts, says the header that its sender signed. */
export function checkSound(file: Uint8Array, claimedMs: number): SoundCheck {
  if (file.length > MOST_MESSAGE_BYTES) return fault("too-long");
  const walk: Walk = { packets: 0, preSkip: 0, samples: 0, ended: false, open: [], openBytes: 0 };
  let [at, serial, sequence, endsAt] = [0, 0, 0, 0];
  let page: Page | null = null;
  while (at < file.length) {
    if (page !== null && (page.flags & LAST) !== 0) return fault("not-one-stream");
    page = readPage(file, at);
    if (page === null) return fault("not-ogg");
    if (!isIntact(file, at, page.end)) return fault("damaged");
    if (sequence === 0) serial = page.serial;
    const wrong = wrongPlace(page, serial, sequence, walk) ?? takePage(file, at, page, walk);
    if (wrong !== null) return fault(wrong);
    const time = timeOf(page, walk);
    if (time === null) return fault("bad-time");
    endsAt = time;
    sequence += 1;
    at = page.end;
  }
  if (page === null || walk.packets < 3 || (page.flags & LAST) === 0) return fault("not-ogg");
  const durationMs = Math.round(((endsAt - walk.preSkip) * 1_000) / OPUS_RATE_HZ);
  if (durationMs < 1 || durationMs > LONGEST_MESSAGE_MS) return fault("too-long");
  if (Math.abs(durationMs - claimedMs) > DURATION_SLACK_MS) return fault("other-duration");
  return { ok: true, durationMs };
}

function fault(what: SoundFault): SoundCheck {
  return { ok: false, fault: what };
}

function readPage(file: Uint8Array, at: number): Page | null {
  if (at + PAGE_HEADER_BYTES > file.length) return null;
  const view = new DataView(file.buffer, file.byteOffset + at, PAGE_HEADER_BYTES);
  const segments = view.getUint8(26);
  const body = at + PAGE_HEADER_BYTES + segments;
  if (view.getUint32(0) !== 0x4f67_6753 || view.getUint8(4) !== 0 || body > file.length) return null;
  let end = body;
  for (let index = at + PAGE_HEADER_BYTES; index < body; index += 1) end += file[index] ?? 0;
  if (end > file.length) return null;
  return {
    flags: view.getUint8(5),
    granule: view.getBigUint64(6, true),
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    body,
    end,
  };
}

/** RFC 3533, 6: CRC-32 with the polynomial 0x04c11db7, neither reflected nor inverted, its own field taken as zero. */
function isIntact(file: Uint8Array, start: number, end: number): boolean {
  const told = new DataView(file.buffer, file.byteOffset + start + 22, 4).getUint32(0, true);
  return pageChecksum(file.subarray(start, end)) === told;
}

export function pageChecksum(page: Uint8Array): number {
  let crc = 0;
  for (let index = 0; index < page.length; index += 1) {
    const byte = index >= 22 && index < 26 ? 0 : (page[index] ?? 0);
    crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  }
  return crc >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc < 0 ? 0x04c1_1db7 : 0);
  return crc;
});

/** What cannot stand at this place in a file of one stream. */
function wrongPlace(page: Page, serial: number, sequence: number, walk: Walk): SoundFault | null {
  if (page.serial !== serial || page.sequence !== sequence) return "not-one-stream";
  if ((page.flags & ~(CONTINUED | FIRST | LAST)) !== 0) return "not-ogg";
  if (((page.flags & FIRST) !== 0) !== (sequence === 0)) return "not-one-stream";
  if (((page.flags & CONTINUED) !== 0) !== walk.open.length > 0) return "damaged";
  return null;
}

/** Takes the packets that end on this page (RFC 3533, 5: a lacing value below 255 ends one). */
function takePage(file: Uint8Array, at: number, page: Page, walk: Walk): SoundFault | null {
  const before = walk.packets;
  if (page.end === at + PAGE_HEADER_BYTES && (page.flags & LAST) === 0) return "not-ogg";
  let start = page.body;
  let end = start;
  for (let index = at + PAGE_HEADER_BYTES; index < page.body; index += 1) {
    const lacing = file[index] ?? 0;
    end += lacing;
    if (lacing === 255) continue;
    const wrong = takePacket(file, start, end, walk);
    if (wrong !== null) return wrong;
    start = end;
  }
  walk.ended = walk.packets > before;
  // The two headers have a page each, and nothing goes on after the last page (RFC 7845, 3).
  if (before < 2 && (walk.packets !== before + 1 || start < end)) return "bad-header";
  if (start < end && (page.flags & LAST) !== 0) return "damaged";
  if (start < end) walk.open.push(file.subarray(start, end));
  walk.openBytes += end - start;
  return walk.openBytes > MOST_PACKET_BYTES ? "bad-packet" : null;
}

function takePacket(file: Uint8Array, start: number, end: number, walk: Walk): SoundFault | null {
  walk.packets += 1;
  if (walk.packets === 1) return readHead(file.subarray(start, end), walk);
  if (walk.packets === 2) return areTags(file.subarray(start, end)) ? null : "bad-tags";
  if (walk.openBytes + end - start > MOST_PACKET_BYTES) return "bad-packet";
  const samples =
    walk.open.length === 0 ? packetSamples(file, start, end) : openSamples(file.subarray(start, end), walk);
  if (samples === null) return "bad-packet";
  walk.samples += samples;
  return null;
}

function openSamples(rest: Uint8Array, walk: Walk): number | null {
  const packet = Buffer.concat([...walk.open, rest]);
  walk.open = [];
  walk.openBytes = 0;
  return packetSamples(packet, 0, packet.length);
}

/** RFC 7845, 5.1. One channel, mapping family 0, and no gain: one could be deafening. */
function readHead(head: Uint8Array, walk: Walk): SoundFault | null {
  if (head.length !== HEAD_BYTES || !startsWith(head, "OpusHead")) return "bad-header";
  const view = new DataView(head.buffer, head.byteOffset, HEAD_BYTES);
  walk.preSkip = view.getUint16(10, true);
  if (view.getUint8(8) !== 1 || view.getUint8(9) !== 1 || view.getUint8(18) !== 0) return "bad-header";
  if (walk.preSkip > MOST_PRE_SKIP) return "bad-header";
  return view.getInt16(16, true) === 0 ? null : "gain";
}

/** RFC 7845, 5.2: a vendor and comments, each after its length; nobody reads them, but the decoder walks through them. */
function areTags(tags: Uint8Array): boolean {
  if (tags.length > MOST_TAG_BYTES || tags.length < 16 || !startsWith(tags, "OpusTags")) return false;
  const view = new DataView(tags.buffer, tags.byteOffset, tags.length);
  let at = 12 + view.getUint32(8, true);
  if (at + 4 > tags.length) return false;
  const count = view.getUint32(at, true);
  at += 4;
  for (let tag = 0; tag < count; tag += 1) {
    if (at + 4 > tags.length) return false;
    at += 4 + view.getUint32(at, true);
  }
  return at <= tags.length;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (bytes[index] !== text.charCodeAt(index)) return false;
  return true;
}

/**
 * RFC 7845, 4: a page tells how many samples have ended with it, so it can be added up and must agree; only the last
 * may say less, by what is cut off at the end. Null where that is not so, or where it is too long.
 */
function timeOf(page: Page, walk: Walk): number | null {
  if (walk.packets < 3) return page.granule === (walk.open.length === 0 ? 0n : NO_GRANULE) ? 0 : null;
  const isLast = (page.flags & LAST) !== 0;
  if (page.granule === NO_GRANULE) return isLast || walk.ended ? null : walk.samples;
  const most = ((LONGEST_MESSAGE_MS + 1_000) * OPUS_RATE_HZ) / 1_000;
  if (walk.samples > most || page.granule > BigInt(most)) return null;
  const time = Number(page.granule);
  const trim = walk.samples - time;
  return trim === 0 || (isLast && trim > 0 && trim <= MOST_TRIM && time > walk.preSkip) ? time : null;
}
