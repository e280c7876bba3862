import { setTimeout as sleep } from "node:timers/promises";
import type { Command, Report } from "#audio/protocol.ts";
import { systemClock as clock } from "#base/clock.ts";
import type { TimelineLine } from "#device/control/requests.ts";
import { DirectoryClient } from "#device/link/directory.ts";
import type { Link, PublishResult } from "#device/link/link.ts";
import type { Frame } from "#device/wire/frame.ts";
import type { HubProcess } from "../../stage/hub-process.ts";
import { freePorts } from "../../stage/ports.ts";
import { Tap } from "../../stage/tap.ts";
import { CallerLeg } from "./caller-leg.ts";
import { readTrial, type Trial } from "./trial.ts";
import { BenchUnit } from "./unit.ts";

export type CallPlan = Readonly<{
  callee: string;
  /** When the caller herself gives up; null: her unit does, when its ring-back is over. */
  hangUpAfterMs: number | null;
  /** Between the end of the call and the offer that is sent again: any phase of the hub's grid. */
  pauseMs: number;
  /** Wall clock minus monotonic clock. */
  wallOffsetMs: number;
}>;

/** How long she listens on. What comes later is found at her next call, and counts as this one's. */
const LISTENS_MS = 120;
const PATIENCE_MS = 10_000;

type Published = Readonly<{ frame: Frame; result: Promise<PublishResult> }>;

/**
 * The caller: a real brain, store, keys and link, behind a tap that sees every byte between them and the world. Her
 * audio process alone is replaced (caller-leg.ts), and her cache of certificates: she asks the hub each time. She calls,
 * gives up or lets it ring out, and sends the same offer, byte for byte, once more.
 */
export class Caller implements AsyncDisposable {
  readonly #tap: Tap;
  readonly #ringBackMs: number;
  readonly #built: AsyncDisposableStack;
  readonly #unit: BenchUnit;
  readonly #leg: CallerLeg;
  readonly #line: Line;
  #finish: () => void = () => undefined;

  private constructor(
    { tap, unit, leg, line }: Readonly<{ tap: Tap; unit: BenchUnit; leg: CallerLeg; line: Line }>,
    ringBackMs: number,
    built: AsyncDisposableStack,
  ) {
    this.#tap = tap;
    this.#unit = unit;
    this.#leg = leg;
    this.#line = line;
    this.#ringBackMs = ringBackMs;
    this.#built = built;
  }

  static async open(options: {
    folder: string;
    hub: HubProcess;
    invitation: string;
    ringBackMs: number;
  }): Promise<Caller> {
    const { folder, ringBackMs } = options;
    await using building = new AsyncDisposableStack();
    const [mqtt = 0, http = 0, turn = 0] = await freePorts(3);
    const tap = building.use(await Tap.open({ mqtt, http, turn }, options.hub.ports));
    const hub = {
      name: options.hub.address.name,
      mqttUrl: `mqtt://127.0.0.1:${mqtt}`,
      httpUrl: `http://127.0.0.1:${http}`,
    };
    const line = new Line();
    const report = (said: Report) => unit.daemon.dispatch({ type: "report", report: said });
    const startOver = () => {
      tap.passed.splice(0, tap.passed.length, ...tap.passed.filter(({ wire }) => wire !== "turn"));
    };
    const leg = building.use(new CallerLeg(report, startOver));
    const ears = { send: (command: Command) => leg.obey(command) };
    const tell = (told: TimelineLine) => line.hear(told);
    const unit = building.use(
      await BenchUnit.open({ folder, hub, ringBackMs, ears, tell }, (link) => line.through(link)),
    );
    await unit.enrol(options.invitation);
    const ended = new AbortController();
    building.defer(() => ended.abort());
    line.directory = new DirectoryClient({ hub, keystore: unit.keystore, clock, ended: ended.signal });
    return new Caller({ tap, unit, leg, line }, ringBackMs, building.move());
  }

  get account(): string {
    return this.#unit.account;
  }

  /**
   * Calls once. `done` gets what she saw, once nothing more can come of it: at her next call, or at `finish`. False: the
   * call was over before its offer was made, because this machine was too slow; the callee never heard of it.
   */
  async call(plan: CallPlan, done: (trial: Trial) => void): Promise<boolean> {
    this.finish();
    const over = this.#line.begin();
    const placedMs = performance.now();
    this.#unit.daemon.place(plan.callee);
    if (plan.hangUpAfterMs !== null) {
      clock.after(plan.hangUpAfterMs, () => this.#unit.daemon.dispatch({ type: "owner", order: "hang-up" }));
    }
    const overMs = await over;
    await this.#line.accepted();
    await this.#leg.settled();
    if (!this.#line.isOffered) return false;
    await sleep(plan.pauseMs);
    const [offer] = this.#line.published;
    if (!offer) throw new Error("the caller's unit sent no offer");
    await this.#unit.link.publish(offer.frame);
    await sleep(LISTENS_MS);
    const { account, unit } = this.#unit.keystore;
    const plannedEndMs = placedMs + (plan.hangUpAfterMs ?? this.#ringBackMs);
    const context = { account, unit, wallOffsetMs: plan.wallOffsetMs, plannedEndMs, overMs };
    this.#finish = () => done(readTrial(this.#tap.passed.splice(0), context));
    return true;
  }

  /** The last call is over for good. */
  finish(): void {
    this.#finish();
    this.#finish = () => undefined;
    this.#tap.passed.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#built.disposeAsync();
  }
}

/** What the caller's own unit tells of a call, and what it sends in it. */
class Line {
  published: Published[] = [];
  /** What her unit told of the call that goes on, for the case that something goes wrong. */
  told: string[] = [];
  directory: DirectoryClient | null = null;
  #over = Promise.withResolvers<number>();

  /** Resolves with when the call that is placed next is over, by this process's monotonic clock. */
  begin(): Promise<number> {
    this.published = [];
    this.told = [];
    this.#over = Promise.withResolvers<number>();
    return this.#over.promise;
  }

  hear({ event, detail }: TimelineLine): void {
    this.told.push(`${event} ${JSON.stringify(detail)}`);
    if (event === "call" && detail?.at === "idle") this.#over.resolve(performance.now());
  }

  /** Her unit made its offer, so that it will be sent, whatever else becomes of the call. */
  get isOffered(): boolean {
    return this.told.some((line) => line.startsWith("send-offer"));
  }

  /** The hub has accepted the offer and the end. */
  async accepted(): Promise<void> {
    for (let waitedMs = 0; this.published.length < (this.isOffered ? 2 : 1); waitedMs += 1) {
      if (waitedMs > PATIENCE_MS) throw new Error(`the caller's unit did not send its call: ${this.told.join(", ")}`);
      await sleep(1);
    }
    for (const { result } of this.published) {
      const { ok } = await result;
      if (!ok) throw new Error("the hub did not accept what a caller sent");
    }
  }

  through(link: Link): Link {
    const published = (frame: Frame, patienceMs?: number) => {
      const result = link.publish(frame, patienceMs);
      this.published.push({ frame, result });
      return result;
    };
    return {
      get state() {
        return link.state;
      },
      publish: published,
      certificateOf: (account) => this.directory?.certificateOf(account, 0) ?? link.certificateOf(account),
      dayKeyOf: (account) => link.dayKeyOf(account),
      settle: (receipt, became) => link.settle(receipt, became),
      turn: () => link.turn(),
      enrol: (invitation) => link.enrol(invitation),
      [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
    };
  }
}
