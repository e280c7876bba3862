import { connect, createServer } from "node:net";
import { toTcp } from "./datagrams.ts";
import type { AgentConfig } from "./requests.ts";

const LOOPBACK = "127.0.0.1";

/** Ports of this machine's loopback that lead to the same ports of `host`, for as long as the process lives. */
export function forward({ host, tcp, udp }: AgentConfig["forward"]): void {
  for (const port of tcp) forwardTcp(host, port);
  for (const port of udp) toTcp(port, { host, tcpPort: port });
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
