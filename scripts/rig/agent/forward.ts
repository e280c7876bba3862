import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import type { AgentConfig } from "./requests.ts";

const LOOPBACK = "127.0.0.1";
/** Ports of a unit's that are relayed for at a time; the oldest goes. */
const MAX_RELAYS = 16;

/** Ports of this machine's loopback that lead to the same ports of `host`, for as long as the process lives. */
export function forward({ host, tcp, udp }: AgentConfig["forward"]): void {
  for (const port of tcp) forwardTcp(host, port);
  for (const port of udp) forwardUdp(host, port);
}

function forwardTcp(host: string, port: number): void {
  const server = createServer((near) => {
    const far = connect(port, host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(port, LOOPBACK);
}

function forwardUdp(host: string, port: number): void {
  const near = createSocket("udp4");
  const relays = new Map<number, UdpSocket>();
  near.on("error", () => undefined);
  near.on("message", (bytes, from) => {
    const relay = relays.get(from.port) ?? relayFor(near, from.port);
    relays.set(from.port, relay);
    const [oldest] = relays;
    if (oldest && relays.size > MAX_RELAYS) {
      relays.delete(oldest[0]);
      oldest[1].close();
    }
    relay.send(bytes, port, host);
  });
  near.bind(port, LOOPBACK);
}

function relayFor(near: UdpSocket, port: number): UdpSocket {
  const relay = createSocket("udp4");
  relay.on("error", () => undefined);
  relay.on("message", (bytes) => near.send(bytes, port, LOOPBACK));
  return relay;
}
