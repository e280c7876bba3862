import { connect, type MqttClient } from "mqtt";
import type { Clock } from "#base/clock.ts";
import type { AccountId } from "../keys/account.ts";
import { decodeReceipt, MAX_ENVELOPE_BYTES } from "../wire/frame.ts";
import { PacketLengths, type PacketLimits } from "../wire/packet-lengths.ts";
import { type Address, clientId, inFilter, outTopic, parseInTopic } from "../wire/topics.ts";
import type { Delivery } from "./link.ts";

/** What one connection to the broker reports; nothing comes after `down`. */
export type ConnectionEvents = Readonly<{
  up: () => void;
  down: () => void;
  delivery: (delivery: Delivery) => void;
  accepted: (id: string) => void;
  refused: (id: string) => void;
}>;

const CONNECT_PATIENCE_MS = 5_000;
const KEEPALIVE_S = 10;
const SUBSCRIBE_PATIENCE_MS = 10_000;
const LEAVE_PATIENCE_MS = 500;
/** What a hub may send: a CONNACK, and then an envelope with its topic. */
const FROM_HUB: PacketLimits = { first: 2, firstBytes: 2, bytes: MAX_ENVELOPE_BYTES + 1_024 };

export type ConnectionOptions = Readonly<{
  mqttUrl: string;
  self: Address & { account: AccountId };
  token: string;
  clock: Clock;
  events: ConnectionEvents;
}>;

/**
 * One connection to the hub's broker, from connecting to its end: MQTT 3.1.1, persistent session, QoS 1. What is not
 * an envelope or a word of the hub is dropped. An envelope is looked at only after its PUBACK is on its way, so that
 * the wire cannot show what becomes of it.
 */
export class Connection {
  readonly #self: Address;
  readonly #events: ConnectionEvents;
  readonly #clock: Clock;
  readonly #client: MqttClient;
  #up = false;
  #over = false;

  constructor({ mqttUrl, self, token, clock, events }: ConnectionOptions) {
    this.#self = self;
    this.#events = events;
    this.#clock = clock;
    this.#client = connect(mqttUrl, {
      protocolVersion: 4,
      clientId: clientId(self),
      username: self.account,
      password: token,
      clean: false,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_PATIENCE_MS,
      reconnectPeriod: 0, // a new connection needs a new token: whoever made this one makes the next
      resubscribe: false,
      queueQoSZero: false,
    });
    this.#client.on("connect", () => this.#subscribe());
    this.#client.on("message", (topic, payload) => this.#receive(topic, payload));
    this.#client.on("error", () => this.end());
    this.#client.on("close", () => this.end());
    const lengths = new PacketLengths(FROM_HUB);
    this.#client.stream.on("data", (chunk: Uint8Array) => {
      if (!lengths.pass(chunk)) this.end();
    });
  }

  send(bytes: Uint8Array): void {
    if (!this.#up) return;
    this.#client.publish(outTopic(this.#self), Buffer.from(bytes), { qos: 1 }, () => {}); // `accepted` counts, not this
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#up = false;
    this.#client.end(true);
    this.#events.down();
  }

  /** Takes leave properly, so that what was acknowledged last still arrives; not for long. */
  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#up = false;
    const closed = new Promise<void>((resolve) => this.#client.once("close", resolve));
    const late = setTimeout(() => this.#client.stream.destroy(), LEAVE_PATIENCE_MS);
    this.#client.end(false);
    await closed.finally(() => clearTimeout(late));
    this.#events.down();
  }

  #subscribe(): void {
    const cancelPatience = this.#clock.after(SUBSCRIBE_PATIENCE_MS, () => this.end());
    this.#client.subscribe(inFilter(this.#self), { qos: 1 }, (error, granted) => {
      cancelPatience();
      if (this.#over) return;
      if (error || granted?.[0]?.qos !== 1) {
        this.end();
        return;
      }
      this.#up = true;
      this.#events.up();
    });
  }

  #receive(topic: string, payload: Uint8Array): void {
    const incoming = parseInTopic(this.#self, topic);
    if (!incoming || payload.length > MAX_ENVELOPE_BYTES) return;
    switch (incoming.type) {
      case "delivery": {
        const delivery: Delivery = { sender: incoming.sender, class: incoming.class, bytes: new Uint8Array(payload) };
        setImmediate(() => this.#events.delivery(delivery)); // the PUBACK leaves first
        return;
      }
      case "accepted":
      case "refused": {
        const id = decodeReceipt(payload);
        if (id) this.#events[incoming.type](id);
        return;
      }
    }
  }
}
