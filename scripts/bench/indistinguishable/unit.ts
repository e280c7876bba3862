import { systemClock as clock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import type { TimelineLine } from "#device/control/requests.ts";
import { Daemon, type DaemonOptions } from "#device/daemon.ts";
import { type Keystore, openKeystore } from "#device/keys/keystore.ts";
import { openLink } from "#device/link/broker.ts";
import type { HubAddress, Link } from "#device/link/link.ts";
import type { Stores } from "#device/ports.ts";
import { receiver } from "#device/receive.ts";
import { mailOf } from "#device/receive-mail.ts";
import type { BookChange } from "#device/store/change.ts";
import { openStores } from "#device/stores.ts";

export type UnitOptions = Readonly<{
  folder: string;
  hub: HubAddress;
  ringBackMs: number;
  ears: DaemonOptions["ears"];
  tell(line: TimelineLine): void;
}>;

/**
 * One unit as `device/main.ts` builds it, but for its audio process, lights and sockets: keys, book, journal, replay
 * store, link, receiver and brain are the real ones. It uploads no day keys: those go up by the clock, never by a call.
 */
export class BenchUnit implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly keystore: Keystore;
  readonly link: Link;
  readonly #built: AsyncDisposableStack;

  private constructor(daemon: Daemon, keystore: Keystore, link: Link, built: AsyncDisposableStack) {
    this.daemon = daemon;
    this.keystore = keystore;
    this.link = link;
    this.#built = built;
  }

  /** `through`: what the brain sends by, in place of the link itself. */
  static async open(options: UnitOptions, through: (link: Link) => Link = (link) => link): Promise<BenchUnit> {
    const { folder, hub, ringBackMs, ears, tell } = options;
    await using building = new AsyncDisposableStack();
    const keys = await openKeystore({ folder, nowMs: clock.nowMs() });
    if (!keys.ok) throw new Error(keys.message);
    const { keystore } = keys;
    const opened = openStores(folder, keystore, { region: "GB", clock, log: noLog });
    if (!opened.ok) throw new Error(opened.fault);
    building.defer(opened.close);
    const { stores } = opened;
    const built = wired(keystore, stores, { daemon: () => daemon, link: () => link });
    const link: Link = building.use(openLink({ hub, keystore, clock, log: noLog, ...built }));
    const daemon = new Daemon({
      clock,
      log: noLog,
      ears,
      lights: { show: () => undefined },
      network: { link: through(link), keystore },
      stores,
      ringBackMs,
      muted: false,
      tell,
    });
    building.defer(() => daemon.stop());
    daemon.dispatch({ type: "report", report: { type: "ready" } });
    return new BenchUnit(daemon, keystore, link, building.move());
  }

  get account(): string {
    return this.keystore.account;
  }

  async enrol(invitation: string): Promise<void> {
    const result = await this.link.enrol(invitation);
    if (!result.ok) throw new Error(`a unit could not enrol: ${result.reason}`);
    for (let waitedMs = 0; this.link.state !== "up" || this.link.turn().length === 0; waitedMs += 20) {
      if (waitedMs > 10_000) throw new Error("a unit did not get connected within 10 s");
      await new Promise<void>((resolve) => clock.after(20, resolve));
    }
  }

  decide(changes: readonly BookChange[]): void {
    for (const change of changes) {
      const result = this.daemon.change(change, "cli", []);
      if (!result?.ok) throw new Error(`the book refused ${change.type}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#built.disposeAsync();
  }
}

function wired(keystore: Keystore, stores: Stores, later: Readonly<{ daemon: () => Daemon; link: () => Link }>) {
  const { replay, book } = stores;
  return {
    seqs: {
      get: (account: string) => replay.highestSeq(account),
      set: (account: string, seq: number) => replay.rememberSeq(account, seq),
    },
    onEnvelope: receiver({
      keystore,
      replay,
      clock,
      log: noLog,
      isKnown: (account) => book.personOf(account) !== undefined,
      mail: mailOf(stores),
      settle: (receipt, became) => later.link().settle(receipt, became),
      dispatch: (event) => later.daemon().dispatch(event),
    }),
    onState: () => undefined,
  };
}
