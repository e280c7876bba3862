import { decodeForeignCbor, encodeCbor } from "../wire/cbor.ts";

/** Zephyr's "SMP Protocol Specification": eight bytes of header, big endian, then one CBOR map. */
const HEADER_BYTES = 8;

export const OP = { read: 0, readAnswer: 1, write: 2, writeAnswer: 3 } as const;
export const GROUP = { os: 0, image: 1, statistics: 2, unit: 64, bench: 65 } as const;

/** `mcumgr_err_t`: what is wrong whatever the group. */
export const RC = {
  unknown: 1,
  noMemory: 2,
  invalid: 3,
  notFound: 5,
  badState: 6,
  tooLong: 7,
  notSupported: 8,
  corrupt: 9,
  busy: 10,
  denied: 11,
  tooNew: 13,
} as const;

/** `version` 0 is SMP 1, 1 is SMP 2 (errors by group). */
export type Header = Readonly<{ version: number; op: number; group: number; seq: number; id: number }>;
export type Packet = Header & Readonly<{ body: Readonly<Record<string, unknown>> }>;

export function encodePacket({ version, op, group, seq, id, body }: Packet): Uint8Array {
  const cbor = encodeCbor(body);
  const packet = Buffer.alloc(HEADER_BYTES + cbor.length);
  packet.writeUInt8((version << 3) | op, 0);
  packet.writeUInt16BE(cbor.length, 2);
  packet.writeUInt16BE(group, 4);
  packet.writeUInt8(seq, 6);
  packet.writeUInt8(id, 7);
  packet.set(cbor, HEADER_BYTES);
  return packet;
}

/** `null`: no packet at all. A `body` of null: a packet, but not of a map that can be read. Never throws. */
export function decodePacket(bytes: Uint8Array): (Header & { body: Packet["body"] | null }) | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const first = view.getUint8(0);
  if (view.getUint16(2) !== bytes.length - HEADER_BYTES) return null;
  return {
    version: (first >> 3) & 0b11,
    op: first & 0b111,
    group: view.getUint16(4),
    seq: view.getUint8(6),
    id: view.getUint8(7),
    body: readBody(bytes.subarray(HEADER_BYTES)),
  };
}

function readBody(bytes: Uint8Array): Packet["body"] | null {
  if (bytes.length === 0) return {};
  const decoded = decodeForeignCbor(bytes);
  if (!decoded.ok || !isMap(decoded.value)) return null;
  return decoded.value;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
