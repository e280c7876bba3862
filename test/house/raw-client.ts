import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { clientId, inFilter } from "#device/wire/topics.ts";
import type { LinkedUnit } from "./linked-unit.ts";

const PATIENCE_MS = 8_000;

export type Outcome = "connected" | "refused";

/** A bare MQTT client that may do what a unit's link never would: for tests of what the broker refuses. */
export class RawClient implements Disposable {
  readonly client: MqttClient;
  readonly received: { topic: string; payload: Buffer }[] = [];
  readonly #opened: Promise<Outcome>;
  readonly #closed: Promise<void>;

  constructor(mqttUrl: string, options: IClientOptions) {
    this.client = connect(mqttUrl, { protocolVersion: 4, clean: false, reconnectPeriod: 0, ...options });
    this.client.on("error", () => {});
    this.client.on("message", (topic, payload) => this.received.push({ topic, payload }));
    this.#closed = new Promise((resolve) => this.client.once("close", () => resolve()));
    this.#opened = new Promise((resolve) => {
      this.client.once("connect", () => resolve("connected"));
      this.client.once("close", () => resolve("refused"));
    });
  }

  /** As this unit would connect, but for what `options` say. */
  static async as(unit: LinkedUnit, options: IClientOptions = {}): Promise<RawClient> {
    const password = await unit.keystore.mintToken(unit.hub.name, Date.now());
    const own = { clientId: clientId(unit.certificate), username: unit.keystore.account, password };
    return new RawClient(unit.hub.mqttUrl, { ...own, ...options });
  }

  opened(): Promise<Outcome> {
    return within(this.#opened);
  }

  /** Resolves when the broker ends the connection. */
  cutOff(patienceMs = PATIENCE_MS): Promise<void> {
    return within(this.#closed, patienceMs);
  }

  async subscribeOwn(unit: LinkedUnit): Promise<void> {
    await this.client.subscribeAsync(inFilter(unit.certificate), { qos: 1 });
  }

  [Symbol.dispose](): void {
    this.client.end(true);
  }
}

async function within<T>(promise: Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(new Error("waited in vain")), patienceMs);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(late));
}
