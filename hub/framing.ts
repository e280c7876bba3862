import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A CONNECT carries a token and nothing else of size. */
const MAX_CONNECT_BYTES = 8_192;
/** Twice what a unit may publish: what lies between is read and refused, what lies above is cut off unread. */
const MAX_PACKET_BYTES = 512 * 1_024;
const CONNECT = 1;

/**
 * Watches the lengths of MQTT packets (MQTT 3.1.1 §2.2) go by. The broker's parser would buffer whatever length a
 * stranger announces, 256 MB at most.
 */
export class PacketLengths {
  #first = true;
  /** Bytes of the current packet's body still to come. */
  #body = 0;
  /** The fixed header so far. */
  #header: number[] = [];

  /** False once a packet is too long or its length is not MQTT. */
  pass(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      const skipped = Math.min(this.#body, chunk.length - at);
      this.#body -= skipped;
      at += skipped;
      const byte = chunk[at];
      if (byte === undefined) return true;
      at += 1;
      if (!this.#passHeaderByte(byte)) return false;
    }
    return true;
  }

  #passHeaderByte(byte: number): boolean {
    this.#header.push(byte);
    const [type = 0, ...length] = this.#header;
    if (length.length === 0) return !this.#first || type >> 4 === CONNECT;
    if (byte & 0x80) return length.length < 4;
    this.#body = length.reduce((sum, digit, index) => sum + (digit & 0x7f) * 128 ** index, 0);
    const longest = this.#first ? MAX_CONNECT_BYTES : MAX_PACKET_BYTES;
    this.#first = false;
    this.#header = [];
    return this.#body <= longest;
  }
}

/** A socket as the broker sees it: it ends where a packet is too long. */
export function watchLengths(socket: Socket): Duplex {
  const lengths = new PacketLengths();
  const watched = new Duplex({
    read: () => {
      socket.resume();
    },
    write: (chunk: Uint8Array, _encoding, done) => {
      socket.write(chunk, done);
    },
    final: (done) => {
      socket.end(done);
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk: Uint8Array) => {
    if (!lengths.pass(chunk)) watched.destroy();
    else if (!watched.push(chunk)) socket.pause();
  });
  socket.on("end", () => watched.push(null));
  socket.on("error", (error) => watched.destroy(error));
  // Not at once: what arrived just before, an acknowledgement perhaps, is still to be read.
  socket.on("close", () => setImmediate(() => watched.destroy()));
  return watched;
}
