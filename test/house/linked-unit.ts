import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { type Certificate, verifyCertificate } from "#device/keys/certificate.ts";
import { type Keystore, openKeystore } from "#device/keys/keystore.ts";
import { openLink } from "#device/link/broker.ts";
import type { Delivery, HubAddress, Link } from "#device/link/link.ts";
import { newEnvelopeId, type Opened, open } from "#device/wire/envelope.ts";
import type { Frame } from "#device/wire/frame.ts";

const PATIENCE_MS = 15_000;

/** Keys and a link as a unit has them, and nothing of the rest: what a test sends and receives is the wire itself. */
export class LinkedUnit implements AsyncDisposable {
  readonly keystore: Keystore;
  readonly certificate: Certificate;
  readonly hub: HubAddress;
  readonly deliveries: Delivery[] = [];
  readonly states: string[] = [];
  readonly #folder: string;
  readonly #changed = new Set<() => void>();
  #link: Link | null = null;

  private constructor(keystore: Keystore, certificate: Certificate, hub: HubAddress, folder: string) {
    this.keystore = keystore;
    this.certificate = certificate;
    this.hub = hub;
    this.#folder = folder;
  }

  static async make(hub: HubAddress): Promise<LinkedUnit> {
    const folder = await mkdtemp(join(tmpdir(), "porter-unit-"));
    const result = await openKeystore({ folder: join(folder, "keys"), nowMs: Date.now() });
    if (!result.ok) throw new Error(result.message);
    const certified = verifyCertificate(result.keystore.certificate, Date.now());
    if (!certified.ok) throw new Error(certified.reason);
    return new LinkedUnit(result.keystore, certified.certificate, hub, folder);
  }

  /** Made, enrolled and connected. */
  static async enrolled(hub: HubAddress, invitation: string): Promise<LinkedUnit> {
    const unit = await LinkedUnit.make(hub);
    const result = await unit.connect().enrol(invitation);
    if (!result.ok) throw new Error(`not enrolled: ${result.reason}`);
    await unit.until(() => unit.link.state === "up");
    return unit;
  }

  get link(): Link {
    if (!this.#link) throw new Error("not connected");
    return this.#link;
  }

  connect(): Link {
    this.#link = openLink({
      hub: this.hub,
      keystore: this.keystore,
      clock: systemClock,
      log: noLog,
      seqs: new Map<string, number>(),
      onEnvelope: (delivery) => {
        this.deliveries.push(delivery);
        if (delivery.receipt !== undefined) this.#link?.settle(delivery.receipt, "settled");
        this.#notify();
      },
      onState: (state) => {
        this.states.push(state);
        this.#notify();
      },
    });
    return this.#link;
  }

  async disconnect(): Promise<void> {
    await this.#link?.[Symbol.asyncDispose]();
    this.#link = null;
  }

  /** Waits for something that a delivery or the link's state brings about. */
  async until(condition: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
    if (condition()) return;
    const met = Promise.withResolvers<void>();
    const look = () => condition() && met.resolve();
    const late = setTimeout(() => met.reject(new Error("waited in vain")), patienceMs);
    this.#changed.add(look);
    await met.promise.finally(() => {
      clearTimeout(late);
      this.#changed.delete(look);
    });
  }

  opened(index: number): Promise<Opened> {
    const { agreementKey } = this.keystore;
    const bytes = this.deliveries[index]?.bytes ?? new Uint8Array();
    return open(bytes, { agreementKey, nowMs: Date.now(), highestSeq: () => undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #notify(): void {
    for (const look of this.#changed) look();
  }
}

/** A frame to somebody, with bytes in it that are no envelope: enough where only the hub is looked at. */
export function frameTo(account: string, fields: Partial<Frame> = {}): Frame {
  return { to: account, class: "calls", id: newEnvelopeId(), envelope: new Uint8Array([1, 2, 3]), ...fields };
}
