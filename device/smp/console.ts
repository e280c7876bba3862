import { crc16 } from "./crc16.ts";

/**
 * SMP on a text console (Zephyr's "SMP Transport Specification"): a packet travels as lines of at most 127 bytes, each a
 * two-byte mark, Base64 and a newline. The first line begins with the length of what follows, CRC included (16 bit, big
 * endian); the CRC-16 of the packet ends the last one. Whatever else a console says between the lines is not ours.
 */

/** Longest packet that either side takes: header and CBOR, without length and CRC. */
export const MAX_PACKET_BYTES = 16_384;
const USUAL_PACKET_BYTES = 2_048;
const USUAL_BAUD = 115_200;

/**
 * The longest packet to be sent on a line of this rate: each is answered before the next, so that more bytes have to go
 * with one where they take less time. Never longer on the line than 2,048 bytes at 115,200 baud, a quarter of a second.
 */
export function packetBytesAt(baudRate: number): number {
  const bytes = USUAL_PACKET_BYTES * Math.floor(baudRate / USUAL_BAUD);
  return Math.min(MAX_PACKET_BYTES, Math.max(USUAL_PACKET_BYTES, bytes));
}

/** 124 characters of Base64, with mark and newline 127 bytes. */
const BYTES_A_LINE = 93;
const FIRST = "\u0006\u0009";
const NEXT = "\u0004\u0014";
/** Other clients may write longer lines than they should; what is longer yet is no line. */
const MAX_LINE_BYTES = 4_096;
const NEWLINE = 0x0a;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function encodeConsole(packet: Uint8Array): Uint8Array {
  const whole = Buffer.alloc(packet.length + 4);
  whole.writeUInt16BE(packet.length + 2, 0);
  whole.set(packet, 2);
  whole.writeUInt16BE(crc16(packet), packet.length + 2);
  const lines: string[] = [];
  for (let at = 0; at < whole.length; at += BYTES_A_LINE) {
    lines.push(
      `${at === 0 ? FIRST : NEXT}${whole.toString("base64", at, Math.min(at + BYTES_A_LINE, whole.length))}\n`,
    );
  }
  return Buffer.from(lines.join(""), "latin1");
}

/** What was met on a console so far. `noise`: bytes in lines that are no part of a packet. */
export type ConsoleCounts = Readonly<{
  packets: number;
  badCrc: number;
  broken: number;
  tooLong: number;
  noise: number;
}>;

/** Takes a console's bytes as they come, in any pieces. Holds one line and one packet at most; never throws. */
export class ConsoleDecoder {
  readonly #onPacket: (packet: Uint8Array) => void;
  readonly #line = Buffer.alloc(MAX_LINE_BYTES);
  #lineBytes = 0;
  /** The line is longer than any of ours: the rest of it is passed over. */
  #passing = false;
  readonly #packet = Buffer.alloc(MAX_PACKET_BYTES + 2);
  /** How many bytes the packet under way has, CRC included; 0 where there is none. */
  #wanted = 0;
  #have = 0;
  readonly #counts = { packets: 0, badCrc: 0, broken: 0, tooLong: 0, noise: 0 };

  /** The packet is the receiver's own. */
  constructor(onPacket: (packet: Uint8Array) => void) {
    this.#onPacket = onPacket;
  }

  get counts(): ConsoleCounts {
    return { ...this.#counts };
  }

  push(bytes: Uint8Array): void {
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      this.#append(bytes.subarray(from, at));
      this.#endLine();
      from = at + 1;
    }
    this.#append(bytes.subarray(from));
  }

  #append(bytes: Uint8Array): void {
    if (this.#passing || this.#lineBytes + bytes.length > MAX_LINE_BYTES) {
      this.#counts.noise += bytes.length + this.#lineBytes;
      this.#passing = true;
      this.#lineBytes = 0;
      return;
    }
    this.#line.set(bytes, this.#lineBytes);
    this.#lineBytes += bytes.length;
  }

  #endLine(): void {
    const line = this.#line.toString("latin1", 0, this.#lineBytes).replace(/\r+$/, "");
    const isOurs = !this.#passing;
    this.#passing = false;
    this.#lineBytes = 0;
    if (!isOurs) return;
    // A message of the kernel may have begun on the same line: the last mark counts.
    const [first, next] = [line.lastIndexOf(FIRST), line.lastIndexOf(NEXT)];
    if (first < 0 && next < 0) {
      this.#counts.noise += line.length;
      return;
    }
    const at = Math.max(first, next);
    this.#counts.noise += at;
    const text = line.slice(at + 2);
    const body = BASE64.test(text) ? Buffer.from(text, "base64") : null;
    if (first > next) this.#begin(body);
    else this.#goOn(body);
  }

  #begin(body: Buffer | null): void {
    if (this.#wanted > 0) this.#counts.broken += 1;
    this.#drop();
    if (body === null || body.length < 2) {
      this.#counts.broken += 1;
      return;
    }
    const wanted = body.readUInt16BE(0);
    if (wanted > this.#packet.length || wanted < 3) {
      this.#counts.tooLong += 1;
      return;
    }
    this.#wanted = wanted;
    this.#goOn(body.subarray(2));
  }

  #goOn(body: Buffer | null): void {
    if (this.#wanted === 0) return;
    if (body === null || this.#have + body.length > this.#wanted) {
      this.#counts.broken += 1;
      this.#drop();
      return;
    }
    this.#packet.set(body, this.#have);
    this.#have += body.length;
    if (this.#have < this.#wanted) return;
    const packet = new Uint8Array(this.#packet.subarray(0, this.#have - 2));
    const crc = this.#packet.readUInt16BE(this.#have - 2);
    this.#drop();
    if (crc16(packet) !== crc) {
      this.#counts.badCrc += 1;
      return;
    }
    this.#counts.packets += 1;
    this.#onPacket(packet);
  }

  #drop(): void {
    this.#wanted = 0;
    this.#have = 0;
  }
}
