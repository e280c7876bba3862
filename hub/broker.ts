import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type Client, type ConnectPacket, type PublishPacket, type Subscription } from "aedes";
import type { Log } from "#base/log.ts";
import type { Certificate } from "#device/keys/certificate.ts";
import { MAX_TOKEN_CHARACTERS } from "#device/keys/token.ts";
import { type Address, clientId, inFilter, outTopic } from "#device/wire/topics.ts";
import type { Admit } from "./admission.ts";
import { watchLengths } from "./framing.ts";
import { openSessions } from "./sessions.ts";
import type { Store } from "./store.ts";

/** What goes to one unit. `number` goes up with each: aedes drops what is not higher than the last (its `brokerCounter`). */
export type Parcel = Readonly<{ number: number; topic: string; payload: Uint8Array }>;

type BrokerEvents = Readonly<{
  /** A unit published to its own `out`. Must return at once: MQTT's acknowledgement waits for it. */
  published: (sender: Address, payload: Uint8Array) => void;
  /** A unit is connected and subscribed to its `in`. */
  ready: (unit: Address) => void;
  gone: (unit: Address) => void;
  /** A unit acknowledged the parcel of this number. */
  acknowledged: (number: number) => void;
}>;

export type BrokerOptions = Readonly<{
  host: string;
  port: number;
  connections: number;
  store: Store;
  admit: Admit;
  events: BrokerEvents;
  log: Log;
}>;

/** A CONNECT must arrive within this, and a full socket must drain within this. */
const PATIENCE_MS = 4_000;
/** Names this hub's parcels to aedes; with `number` it makes its duplicate check ours. */
const PARCELS = "spool";

/**
 * MQTT 3.1.1 for enrolled units. A unit may publish to its own `out` and subscribe to its own `in`; all else ends the
 * connection: wills, retained messages, wildcards, QoS 2, the topics of others, `$SYS`, clean sessions.
 */
export class Broker implements AsyncDisposable {
  readonly #options: BrokerOptions;
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sessions: ReturnType<typeof openSessions>;
  readonly #sockets = new Set<Socket>();
  readonly #units = new WeakMap<Client, Certificate>();
  readonly #subscribed = new WeakSet<Client>();
  /** By client id: those that are connected, subscribed, and may be written to. */
  readonly #ready = new Map<string, Client>();

  private constructor(options: BrokerOptions) {
    this.#options = options;
    this.#sessions = openSessions(options.store);
    this.#aedes = new Aedes({
      persistence: this.#sessions.persistence,
      connectTimeout: PATIENCE_MS,
      drainTimeout: PATIENCE_MS,
      maxTopicLevels: 8,
      preConnect: (_client, packet, done) => done(...mayConnect(packet)),
      authenticate: (client, username, password, done) => {
        this.#authenticate(client, username, password).then(
          (certificate) => done(null, certificate !== null),
          () => done(null, false),
        );
      },
      authorizePublish: (client, packet, done) => done(this.#takePublication(client, packet)),
      authorizeSubscribe: (client, subscription, done) => this.#authorizeSubscription(client, subscription, done),
    });
    this.#server = createServer((socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      this.#aedes.handle(watchLengths(socket));
    });
    this.#server.maxConnections = options.connections;
    this.#listen();
  }

  static async open(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options);
    await broker.#aedes.listen();
    await new Promise<void>((resolve, reject) => {
      broker.#server.once("error", reject);
      broker.#server.listen(options.port, options.host, resolve);
    });
    return broker;
  }

  isReady(unit: Address): boolean {
    return this.#ready.has(clientId(unit));
  }

  /** Sends at QoS 1 to a unit that is ready; `acknowledged` comes with its PUBACK. */
  deliver(unit: Address, parcel: Parcel): void {
    const packet = {
      cmd: "publish" as const,
      qos: 1 as const,
      dup: false,
      retain: false,
      topic: parcel.topic,
      payload: Buffer.from(parcel.payload),
      brokerId: PARCELS,
      brokerCounter: parcel.number,
    };
    this.#ready.get(clientId(unit))?.publish(packet, ignore);
  }

  /** Tells a unit that is ready something that it need not acknowledge. */
  tell(unit: Address, topic: string, payload: Uint8Array): void {
    const packet = { cmd: "publish" as const, qos: 0 as const, dup: false, retain: false, topic };
    this.#ready.get(clientId(unit))?.publish({ ...packet, payload: Buffer.from(payload) }, ignore);
  }

  /** Ends a unit's connection at once; it may come back. */
  cutOff(unit: Address): void {
    this.#ready.get(clientId(unit))?.conn.destroy();
  }

  /** Ends the connections that rest on certificates which this one revokes. */
  enforce(certificate: Certificate): void {
    for (const client of this.#ready.values()) {
      const unit = this.#units.get(client);
      if (unit?.account === certificate.account && unit.seq < certificate.seq) client.conn.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #listen(): void {
    const { events, log } = this.#options;
    this.#aedes.on("subscribe", (_subscriptions, client) => this.#becomeReady(client));
    this.#aedes.on("clientReady", (client) => this.#becomeReady(client));
    this.#aedes.on("unsubscribe", (_topics, client) => this.#leave(client));
    this.#aedes.on("clientDisconnect", (client) => this.#leave(client));
    this.#aedes.on("ack", (packet) => {
      if (packet && "brokerCounter" in packet && typeof packet.brokerCounter === "number") {
        events.acknowledged(packet.brokerCounter);
      }
    });
    this.#aedes.on("clientError", (_client, error) => log.debug({ error: error.message }, "connection ended"));
    this.#aedes.on("connectionError", (_client, error) => log.debug({ error: error.message }, "connection refused"));
  }

  async #authenticate(client: Client, username?: string, password?: Buffer): Promise<Certificate | null> {
    if (!password || password.length > MAX_TOKEN_CHARACTERS) return null;
    const certificate = await this.#options.admit(password.toString("utf8"));
    if (!certificate || username !== certificate.account || client.id !== clientId(certificate)) return null;
    this.#units.set(client, certificate);
    return certificate;
  }

  /** The one place where publications come in. Null takes it; an error ends the connection. */
  #takePublication(client: Client | null, packet: PublishPacket): Error | null {
    const unit = client && this.#units.get(client);
    if (!unit || packet.topic !== outTopic(unit)) return new Error("not a topic of this unit");
    if (packet.retain || packet.qos === 2) return new Error("retained or QoS 2");
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    this.#options.events.published(unit, payload);
    return null;
  }

  #authorizeSubscription(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ): void {
    const unit = this.#units.get(client);
    if (!unit || subscription.topic !== inFilter(unit) || subscription.qos !== 1) {
      done(new Error("not a subscription of this unit"));
      return;
    }
    this.#subscribed.add(client);
    done(null, subscription);
  }

  #becomeReady(client: Client): void {
    const unit = this.#units.get(client);
    if (!unit || client.closed || !this.#subscribed.has(client)) return;
    this.#ready.set(client.id, client);
    this.#options.events.ready(unit);
  }

  #leave(client: Client): void {
    if (this.#ready.get(client.id) !== client) return;
    this.#ready.delete(client.id);
    this.#subscribed.delete(client);
    this.#sessions.forget(client.id);
    const unit = this.#units.get(client);
    if (unit) this.#options.events.gone(unit);
  }
}

/** As aedes wants it said: without an error it would leave the connection open. */
function mayConnect(packet: ConnectPacket): [Error | null, boolean] {
  const allowed = packet.protocolVersion === 4 && packet.will === undefined && packet.clean === false;
  return allowed ? [null, true] : [new Error("a will, a clean session, or not MQTT 3.1.1"), false];
}

/** A write that fails ends the connection, and with it what was in flight goes back to its queue. */
function ignore(): void {}
