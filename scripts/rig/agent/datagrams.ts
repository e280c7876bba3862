import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * Datagrams over TCP, where a machine is given nothing else: one connection for each port that sends, each datagram
 * after its length in two bytes (as RFC 4571 frames RTP).
 */

const LOOPBACK = "127.0.0.1";
/** Ports that are carried at a time; the oldest goes. */
const MAX_SENDERS = 16;
const LENGTH_BYTES = 2;

/** Takes datagrams at `port` of this machine's loopback to `host`, where `fromTcp` waits at `tcpPort`. */
export function toTcp(port: number, { host, tcpPort }: Readonly<{ host: string; tcpPort: number }>): void {
  const near = createSocket("udp4");
  const senders = new Map<number, Socket>();
  near.on("error", () => undefined);
  near.on("message", (bytes, from) => {
    const carrier = senders.get(from.port) ?? carrierOf(near, from);
    carrier.write(framed(bytes));
  });
  near.bind(port, LOOPBACK);

  function carrierOf(back: UdpSocket, { port: sender, address }: RemoteInfo): Socket {
    const carrier = connect(tcpPort, host);
    carrier.setNoDelay(true);
    carrier.on("error", () => undefined);
    carrier.on("close", () => senders.delete(sender));
    carrier.on(
      "data",
      unframe((bytes) => back.send(bytes, sender, address)),
    );
    senders.set(sender, carrier);
    const [oldest] = senders;
    if (oldest && senders.size > MAX_SENDERS) oldest[1].destroy();
    return carrier;
  }
}

/** The other end: each connection's datagrams leave by a port of their own for `port` of this machine's loopback. */
export function fromTcp(tcpPort: number, port: number): Server {
  const server = createServer((carrier) => {
    const socket = createSocket("udp4");
    carrier.setNoDelay(true);
    carrier.on("error", () => undefined);
    carrier.on("close", () => socket.close());
    carrier.on(
      "data",
      unframe((bytes) => socket.send(bytes, port, LOOPBACK)),
    );
    socket.on("error", () => undefined);
    socket.on("message", (bytes) => carrier.write(framed(bytes)));
  });
  return server.listen(tcpPort, LOOPBACK);
}

function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function unframe(onDatagram: (bytes: Buffer) => void): (bytes: Buffer) => void {
  let waiting = Buffer.alloc(0);
  return (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + waiting.readUInt16BE();
      if (waiting.length < end) return;
      onDatagram(waiting.subarray(LENGTH_BYTES, end));
      waiting = waiting.subarray(end);
    }
  };
}
