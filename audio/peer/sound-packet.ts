import { OPUS_FRAME_BYTES } from "../engines/live-opus.ts";

/**
 * A packet of a leg's sound channel, big-endian, of one size whatever is said, or whether:
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | version and kind: 0x11 sound, 0x12 sound with a copy; 0x10 no sound, 0x1f the last (nothing after the head) |
 * | 4 | number of the frame: one every 10 ms from the leg's beginning on, sent or not; of 0x10 too |
 * | 4 | number of the newest packet that came from the other end, plus one; 0: none yet |
 * | 1 | how long ago it came, in ms; 255: that or more |
 * | 2 | how many packets came from the other end, modulo 2^16 |
 * | 40 | the frame: Opus, 10 ms, 32 kbit/s |
 * | 40 | the frame before it once more; zeros of 0x11 |
 */
export type SoundPacket = {
  /** The other end leaves. */
  isLast: boolean;
  hasSound: boolean;
  hasCopy: boolean;
  number: number;
  heardNext: number;
  heardAgoMs: number;
  heardCount: number;
};

const HEAD_BYTES = 12;
/** Where the frame and its copy stand in what was received. */
export const FRAME_AT = HEAD_BYTES;
export const COPY_AT = FRAME_AT + OPUS_FRAME_BYTES;
export const PACKET_BYTES = COPY_AT + OPUS_FRAME_BYTES;
const NEWS = 0x10;
const SOUND = 0x11;
const SOUND_AND_COPY = 0x12;
const LAST = 0x1f;
export const MOST_AGO_MS = 255;
export const COUNT_MODULUS = 2 ** 16;
/** 248 days of frames: no call comes so far, so numbers need not wrap. */
const MOST_NUMBER = 2 ** 31;

/** A packet to be read into, again and again. */
export function emptyPacket(): SoundPacket {
  return {
    isLast: false,
    hasSound: false,
    hasCopy: false,
    number: 0,
    heardNext: 0,
    heardAgoMs: 0,
    heardCount: 0,
  };
}

/** Reads `bytes` into `packet`; false, and nothing is to be believed of it, where they are no such packet. Never throws. */
export function readPacket(bytes: Uint8Array, packet: SoundPacket): boolean {
  const kind = bytes[0];
  const hasSound = kind === SOUND || kind === SOUND_AND_COPY;
  const isLast = kind === LAST;
  if (bytes.length !== (hasSound ? PACKET_BYTES : HEAD_BYTES) || !(hasSound || isLast || kind === NEWS)) return false;
  packet.isLast = isLast;
  packet.hasSound = hasSound;
  packet.hasCopy = kind === SOUND_AND_COPY;
  packet.number = read32(bytes, 1);
  packet.heardNext = read32(bytes, 5);
  packet.heardAgoMs = bytes[9] ?? 0;
  packet.heardCount = ((bytes[10] ?? 0) << 8) | (bytes[11] ?? 0);
  return packet.number <= MOST_NUMBER && packet.heardNext <= MOST_NUMBER;
}

/** What is sent, made again and again in the same memory. */
export class PacketWriter {
  readonly #bytes = new Uint8Array(PACKET_BYTES);
  readonly #head = this.#bytes.subarray(0, HEAD_BYTES);
  readonly #copy = this.#bytes.subarray(COPY_AT);
  /** Where the frame is to be written. */
  readonly frame = this.#bytes.subarray(FRAME_AT, COPY_AT);
  #lastNumber = -2;

  /** Makes the frame that was there the copy; to be called before the new one is written. */
  shift(): void {
    this.#copy.set(this.frame);
  }

  /** The whole packet, with the copy where the frame before this one was sent too. Valid until the next is made. */
  sound(number: number, heardNext: number, heardAgoMs: number, heardCount: number): Uint8Array {
    const hasCopy = this.#lastNumber === number - 1;
    if (!hasCopy) this.#copy.fill(0);
    this.#lastNumber = number;
    this.#write(hasCopy ? SOUND_AND_COPY : SOUND, number, heardNext, heardAgoMs, heardCount);
    return this.#bytes;
  }

  /** The head alone. */
  news(number: number, heardNext: number, heardAgoMs: number, heardCount: number): Uint8Array {
    this.#write(NEWS, number, heardNext, heardAgoMs, heardCount);
    return this.#head;
  }

  /** The head of the last one. */
  last(number: number): Uint8Array {
    this.#write(LAST, number, 0, MOST_AGO_MS, 0);
    return this.#head;
  }

  #write(kind: number, number: number, heardNext: number, heardAgoMs: number, heardCount: number): void {
    const bytes = this.#bytes;
    bytes[0] = kind;
    write32(bytes, 1, number);
    write32(bytes, 5, heardNext);
    bytes[9] = Math.min(MOST_AGO_MS, heardAgoMs);
    bytes[10] = heardCount >>> 8;
    bytes[11] = heardCount;
  }
}

function read32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return high * 65_536 + low;
}

function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
