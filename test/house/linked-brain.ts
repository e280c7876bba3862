import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "#audio/protocol.ts";
import { systemClock as clock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { Daemon } from "#device/daemon.ts";
import { type Certificate, verifyCertificate } from "#device/keys/certificate.ts";
import { type Keystore, openKeystore } from "#device/keys/keystore.ts";
import { openLink } from "#device/link/broker.ts";
import type { Delivery, HubAddress, Link } from "#device/link/link.ts";
import type { Stores } from "#device/ports.ts";
import { receiver } from "#device/receive.ts";
import { openStores } from "#device/stores.ts";

/** A unit with real keys, stores, brain and link, put together as `device/main.ts` does; its ears only count. */
export class LinkedBrain implements AsyncDisposable {
  readonly keystore: Keystore;
  readonly certificate: Certificate;
  readonly stores: Stores;
  readonly link: Link;
  readonly daemon: Daemon;
  /** How much the hub delivered; `onDelivery` is told of each, `onCommand` of each word to the ears. */
  delivered = 0;
  onDelivery: (delivery: Delivery) => void = () => undefined;
  onCommand: (command: Command) => void = () => undefined;
  /** A control: what was delivered is looked at so much later. */
  lateMs = 0;
  /** Straight to its door, as if the hub had delivered it. */
  readonly receive: (delivery: Delivery) => void;
  readonly #folder: string;
  readonly #kept: AsyncDisposableStack;

  private constructor(folder: string, keystore: Keystore, hub: HubAddress, kept: AsyncDisposableStack) {
    this.#folder = folder;
    this.#kept = kept;
    this.keystore = keystore;
    const certified = verifyCertificate(keystore.certificate, clock.nowMs());
    if (!certified.ok) throw new Error(certified.reason);
    this.certificate = certified.certificate;
    const opened = openStores(folder, keystore, { region: "GB", clock, log: noLog });
    if (!opened.ok) throw new Error(opened.fault);
    kept.defer(opened.close);
    const { stores } = opened;
    this.stores = stores;
    const { replay, book, dayKeys } = stores;
    const isKnown = (account: string) => book.personOf(account) !== undefined;
    const dispatch: Daemon["dispatch"] = (event) => this.daemon.dispatch(event);
    const mail = { secretOf: (keyId: string) => dayKeys.secretOf(keyId), turnedAway: () => null };
    const settle: Link["settle"] = (receipt, became) => this.link.settle(receipt, became);
    this.receive = receiver({ keystore, replay, clock, log: noLog, isKnown, mail, settle, dispatch });
    const onEnvelope = (delivery: Delivery) => {
      this.delivered += 1;
      this.onDelivery(delivery);
      if (this.lateMs === 0) this.receive(delivery);
      else void sleep(this.lateMs).then(() => this.receive(delivery));
    };
    const seqs = new Map<string, number>();
    this.link = kept.use(openLink({ hub, keystore, clock, log: noLog, seqs, onEnvelope, onState: () => undefined }));
    const send = (command: Command) => this.onCommand(command);
    this.daemon = new Daemon({
      clock,
      log: noLog,
      ears: { send },
      lights: { show: () => undefined },
      network: { link: this.link, keystore },
      stores,
      ringBackMs: 45_000,
      muted: false,
      tell: () => undefined,
    });
    kept.defer(() => this.daemon.stop());
    dispatch({ type: "report", report: { type: "ready" } });
  }

  static async enrolled(hub: HubAddress, invitation: string): Promise<LinkedBrain> {
    const kept = new AsyncDisposableStack();
    try {
      const folder = await mkdtemp(join(tmpdir(), "porter-brain-"));
      kept.defer(() => rm(folder, { recursive: true, force: true }));
      const keys = await openKeystore({ folder, nowMs: clock.nowMs() });
      if (!keys.ok) throw new Error(keys.message);
      const brain = new LinkedBrain(folder, keys.keystore, hub, kept);
      const result = await brain.link.enrol(invitation);
      if (!result.ok) throw new Error(`not enrolled: ${result.reason}`);
      while (brain.link.state !== "up") await sleep(10);
      return brain;
    } catch (error) {
      await kept.disposeAsync();
      throw error;
    }
  }

  /** The database and its log, in bytes. */
  get diskBytes(): number {
    const path = join(this.#folder, "porter.db");
    return [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept.disposeAsync();
  }
}
