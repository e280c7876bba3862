import { crc32 } from "node:zlib";

/**
 * One frame on the wire: 0x00, the payload with its CRC under COBS (which leaves no zero inside), 0x00. A zero is
 * always a border: whoever lost the thread finds it again there. Lengths and byte order: README.md.
 */
export type Frame = Readonly<{ type: number; session: number; seq: number; body: Uint8Array }>;

const HEADER_BYTES = 4;
const CRC_BYTES = 4;
const MOST_BODY_BYTES = 32;
/** Below 254, so that COBS adds one byte exactly. */
const MOST_ENCODED_BYTES = HEADER_BYTES + MOST_BODY_BYTES + CRC_BYTES + 1;

export function encodeFrame({ type, session, seq, body }: Frame): Uint8Array {
  const bare = Buffer.alloc(HEADER_BYTES + body.length + CRC_BYTES);
  bare.writeUInt8(type, 0);
  bare.writeUInt16LE(session, 1);
  bare.writeUInt8(seq, 3);
  bare.set(body, HEADER_BYTES);
  bare.writeUInt32LE(crc32(bare.subarray(0, -CRC_BYTES)), bare.length - CRC_BYTES);
  // COBS (Cheshire and Baker, 1999): each zero is replaced by the distance to the next one.
  const out = Buffer.alloc(bare.length + 3);
  let code = 1;
  for (const [index, byte] of bare.entries()) {
    out[index + 2] = byte;
    if (byte !== 0) continue;
    out[code] = index + 2 - code;
    code = index + 2;
  }
  out[code] = bare.length + 2 - code;
  return out;
}

/** Finds frames among bytes that come in any pieces; what is none is passed over. Holds 41 bytes at most. */
export class FrameDecoder {
  readonly #bytes = Buffer.alloc(MOST_ENCODED_BYTES);
  #length = 0;
  #tooLong = false;

  push(bytes: Uint8Array, onFrame: (frame: Frame) => void): void {
    for (const byte of bytes) {
      if (byte !== 0) this.#take(byte);
      else {
        const frame = this.#tooLong ? null : readFrame(this.#bytes.subarray(0, this.#length));
        this.#length = 0;
        this.#tooLong = false;
        if (frame !== null) onFrame(frame);
      }
    }
  }

  #take(byte: number): void {
    if (this.#length === MOST_ENCODED_BYTES) this.#tooLong = true;
    else this.#bytes[this.#length++] = byte;
  }
}

/** What stands between two zeros; null where that is no frame. */
function readFrame(encoded: Uint8Array): Frame | null {
  const bare = Buffer.alloc(Math.max(0, encoded.length - 1));
  if (bare.length < HEADER_BYTES + CRC_BYTES) return null;
  for (let code = 0; code < encoded.length; ) {
    const step = encoded[code] ?? 0;
    const next = code + step;
    if (next > encoded.length) return null;
    bare.set(encoded.subarray(code + 1, next), code);
    code = next;
  }
  if (bare.readUInt32LE(bare.length - CRC_BYTES) !== crc32(bare.subarray(0, -CRC_BYTES))) return null;
  return {
    type: bare.readUInt8(0),
    session: bare.readUInt16LE(1),
    seq: bare.readUInt8(3),
    body: bare.subarray(HEADER_BYTES, -CRC_BYTES),
  };
}
