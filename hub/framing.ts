import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { PacketLengths, type PacketLimits } from "#device/wire/packet-lengths.ts";

/**
 * What a unit may send: a CONNECT, which carries a token and nothing else of size, and then packets of twice what it
 * may publish. What lies between is read and refused, what lies above is cut off unread.
 */
export const FROM_UNIT: PacketLimits = { first: 1, firstBytes: 8_192, bytes: 512 * 1_024 };

/** A socket as the broker sees it: it ends where a packet is too long. */
export function watchLengths(socket: Socket): Duplex {
  const lengths = new PacketLengths(FROM_UNIT);
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
