import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** One piece of what passed a tap. `up`: from the unit. `at` is wall-clock milliseconds. */
export type Passed = Readonly<{
  at: number;
  /** When, by this process's monotonic clock, to the microsecond. */
  monotonicMs: number;
  wire: "mqtt" | "http" | "turn";
  way: "up" | "down";
  /** Counts connections, so that streams are not mixed up. */
  stream: number;
  bytes: Buffer;
}>;

export type TapTargets = Readonly<{ mqtt: number; http: number; turn: number }>;
export type TapPorts = TapTargets;

/** What a control does to what comes down to a unit, to show that the comparison of traces would see it. */
export type Leak = Readonly<{ type: "delay"; ms: number } | { type: "packet"; bytes: Buffer }>;

/** Ports of a unit's that are relayed for at a time; the oldest goes. */
const MAX_RELAYS = 16;
const LOOPBACK = "127.0.0.1";

/**
 * Stands in the wire between one unit and the world: MQTT, the hub's HTTP, and TURN. It sees every byte, can be cut,
 * and can leak on purpose. It knows no keys and changes nothing but the TURN port that the hub names (same length).
 */
export class Tap implements AsyncDisposable {
  readonly passed: Passed[] = [];
  readonly #host: string;
  readonly #targets: TapTargets;
  readonly #ports: TapPorts;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #relays = new Map<number, { socket: UdpSocket; stream: number }>();
  #turn: UdpSocket | null = null;
  #streams = 0;
  #cut = false;
  #leak: Leak | null = null;

  private constructor(ports: TapPorts, targets: TapTargets, host: string) {
    this.#host = host;
    this.#ports = ports;
    this.#targets = targets;
  }

  /** `host`: where the hub is, and the tap is found: an address of this machine. */
  static async open(ports: TapPorts, targets: TapTargets, host = LOOPBACK): Promise<Tap> {
    const tap = new Tap(ports, targets, host);
    await tap.#listen("mqtt");
    await tap.#listen("http");
    await tap.#listenTurn();
    return tap;
  }

  /** As if the cable were pulled: nothing passes, and nothing can connect. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  /** From now on what comes down by MQTT leaks; null ends it. */
  leak(leak: Leak | null): void {
    this.#leak = leak;
  }

  /** What passed since a moment, oldest first. */
  since(at: number): Passed[] {
    return this.passed.filter((each) => each.at >= at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    for (const { socket } of this.#relays.values()) socket.close();
    this.#turn?.close();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #listen(wire: "mqtt" | "http"): Promise<void> {
    const server = createServer((near) => this.#join(wire, near));
    this.#servers.push(server);
    server.listen(this.#ports[wire], this.#host);
    await once(server, "listening");
  }

  #join(wire: "mqtt" | "http", near: Socket): void {
    if (this.#cut) {
      near.destroy();
      return;
    }
    const stream = ++this.#streams;
    const far = connect(this.#targets[wire], this.#host);
    for (const [from, to, way] of [
      [near, far, "up"],
      [far, near, "down"],
    ] as const) {
      from.setNoDelay(true);
      this.#sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on("end", () => to.end());
      from.on("data", (bytes) => this.#pass({ wire, way, stream, bytes }, to));
    }
  }

  #pass(piece: Omit<Passed, "at" | "monotonicMs">, to: Socket): void {
    const bytes = piece.wire === "http" && piece.way === "down" ? this.#renamed(piece.bytes) : piece.bytes;
    const deliver = () => {
      this.passed.push({ ...piece, ...now(), bytes });
      if (!to.destroyed) to.write(bytes);
    };
    const leak = piece.wire === "mqtt" && piece.way === "down" ? this.#leak : null;
    if (leak?.type === "delay") {
      setTimeout(deliver, leak.ms);
      return;
    }
    deliver();
    if (leak?.type === "packet" && !to.destroyed) {
      this.#leak = null;
      this.passed.push({ ...piece, ...now(), bytes: leak.bytes });
      to.write(leak.bytes);
    }
  }

  /** The hub names its TURN port; the unit is to use ours. */
  #renamed(bytes: Buffer): Buffer {
    const text = bytes.toString("latin1");
    return Buffer.from(text.replaceAll(`:${this.#targets.turn}`, `:${this.#ports.turn}`), "latin1");
  }

  async #listenTurn(): Promise<void> {
    const near = createSocket("udp4");
    this.#turn = near;
    near.on("error", () => undefined);
    near.on("message", (bytes, from) => {
      if (this.#cut) return;
      const relay = this.#relays.get(from.port) ?? this.#relay(near, from);
      this.passed.push({ ...now(), wire: "turn", way: "up", stream: relay.stream, bytes });
      relay.socket.send(bytes, this.#targets.turn, this.#host);
    });
    near.bind(this.#ports.turn, this.#host);
    await once(near, "listening");
  }

  #relay(near: UdpSocket, { port, address }: RemoteInfo): { socket: UdpSocket; stream: number } {
    const socket = createSocket("udp4");
    const relay = { socket, stream: ++this.#streams };
    socket.on("error", () => undefined);
    socket.on("message", (bytes) => {
      if (this.#cut) return;
      this.passed.push({ ...now(), wire: "turn", way: "down", stream: relay.stream, bytes });
      near.send(bytes, port, address);
    });
    this.#relays.set(port, relay);
    const [oldest] = this.#relays;
    if (oldest && this.#relays.size > MAX_RELAYS) {
      this.#relays.delete(oldest[0]);
      oldest[1].socket.close();
    }
    return relay;
  }
}

function now(): Pick<Passed, "at" | "monotonicMs"> {
  return { at: Date.now(), monotonicMs: performance.now() };
}
