import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { decodeFrame, encodeReceipt, type Frame } from "#device/wire/frame.ts";
import { decodeSettlement, isSettlement } from "#device/wire/settlement.ts";
import { type Address, clientId, hubTopic } from "#device/wire/topics.ts";
import { Buckets, type Rate } from "./limits.ts";
import type { Entry } from "./queues.ts";
import type { Spool } from "./spool.ts";
import type { Change } from "./store.ts";
import { ANSWERING, ROUTING, SWEEPING, TICK_MS, Ticker } from "./ticks.ts";

/**
 * What happens to a publication, whoever it is for:
 *   on arrival   it is put on a list, and nothing else: MQTT's acknowledgement goes out;
 *   next tick    all that arrived is written to the spool in one batch;
 *   a tick on    `accepted` is said for what is on the disk (and at least a whole tick old);
 *   then         10 ms later, off the grid on which senders are answered, it is routed.
 * Nothing before the last step looks at the addressee. A settlement is no publication: it has a rate of its own, so that
 * nobody's flood of messages uses up what their addressee may send.
 */
export type IngressOptions = Readonly<{
  clock: Clock;
  log: Log;
  rate: Rate;
  spool: Spool;
  tell: (unit: Address, topic: string, payload: Uint8Array) => void;
  cutOff: (unit: Address) => void;
  route: (entry: Entry) => void;
  /** A unit says which of its deliveries need not be kept any longer. */
  release: (unit: Address, digests: readonly string[]) => void;
}>;

/** A unit settles four times a second at most. What is too much is not heard, and delivered and settled once more. */
const SETTLEMENTS: Rate = { burst: 40, perSecond: 8 };

type Arrival = Readonly<{ sender: Address; payload: Uint8Array; refused: boolean; arrivedMs: number }>;
/** What a sender is to be told, and the envelope where there is one to route. */
type Receipt = Readonly<{ sender: Address; id: string; arrivedMs: number; entry: Entry | null }>;

export class Ingress implements AsyncDisposable {
  readonly #options: IngressOptions;
  readonly #ticker: Ticker;
  readonly #router: Ticker;
  readonly #sweeper: Ticker;
  readonly #publications: Buckets;
  readonly #refusals: Buckets;
  readonly #settlements = new Buckets(SETTLEMENTS);
  #arrived: Arrival[] = [];
  #stored: Receipt[] = [];
  #toRoute: Entry[] = [];
  #writing: Promise<void> | null = null;

  constructor(options: IngressOptions) {
    this.#options = options;
    this.#ticker = new Ticker(options.clock, ANSWERING, () => this.#tick());
    this.#router = new Ticker(options.clock, ROUTING, () => this.#route());
    this.#sweeper = new Ticker(options.clock, SWEEPING, () => this.#sweep());
    this.#publications = new Buckets(options.rate);
    this.#refusals = new Buckets(options.rate);
  }

  /** A publication of an admitted unit. Keeps its own copy: the bytes belong to the broker. */
  take(sender: Address, payload: Uint8Array): void {
    const { clock, cutOff } = this.#options;
    const nowMs = clock.monotonicMs();
    if (isSettlement(payload)) {
      this.#settle(sender, payload, nowMs);
      return;
    }
    const refused = !this.#publications.take(clientId(sender), nowMs);
    if (refused && !this.#refusals.take(clientId(sender), nowMs)) {
      cutOff(sender);
      return;
    }
    this.#arrived.push({ sender, payload: payload.slice(), refused, arrivedMs: nowMs });
    this.#ticker.arm();
  }

  #settle(unit: Address, payload: Uint8Array, nowMs: number): void {
    if (!this.#settlements.take(clientId(unit), nowMs)) return;
    const digests = decodeSettlement(payload);
    if (digests) this.#options.release(unit, digests);
  }

  /** The envelope need not be kept any longer. */
  settled(key: string): void {
    this.#options.spool.leave(key);
    this.#sweeper.arm();
  }

  /** Stops the clockwork and waits for the last batch. What was not accepted was never promised. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ticker.stop();
    this.#router.stop();
    this.#sweeper.stop();
    await this.#writing;
    await this.#options.spool.sweep();
  }

  #tick(): void {
    this.#accept();
    if (!this.#writing && this.#arrived.length > 0) {
      this.#writing = this.#write().finally(() => {
        this.#writing = null;
      });
    }
    if (this.#writing || this.#stored.length > 0) this.#ticker.arm();
  }

  #accept(): void {
    const { clock, tell } = this.#options;
    const nowMs = clock.monotonicMs();
    const due = this.#stored.filter((receipt) => nowMs - receipt.arrivedMs >= TICK_MS);
    if (due.length === 0) return;
    this.#stored = this.#stored.filter((receipt) => nowMs - receipt.arrivedMs < TICK_MS);
    for (const { sender, id, entry } of due) {
      tell(sender, hubTopic(sender, entry ? "accepted" : "refused"), encodeReceipt(id));
      if (entry) this.#toRoute.push(entry);
    }
    this.#router.arm();
  }

  #route(): void {
    const entries = this.#toRoute;
    this.#toRoute = [];
    for (const entry of entries) this.#options.route(entry);
  }

  #sweep(): void {
    this.#options.spool.sweep().catch((error: unknown) => this.#complain(error));
  }

  async #write(): Promise<void> {
    const { spool, log } = this.#options;
    const arrived = this.#arrived;
    this.#arrived = [];
    const changes: Change[] = [];
    const receipts: Receipt[] = [];
    for (const { sender, payload, refused, arrivedMs } of arrived) {
      const decoded = decodeFrame(payload);
      if (!decoded.ok) {
        log.info({ reason: decoded.reason }, "dropped a publication");
        continue;
      }
      receipts.push({
        sender,
        id: decoded.frame.id,
        arrivedMs,
        entry: refused ? null : this.#enter(decoded.frame, sender, changes),
      });
    }
    try {
      await spool.write(changes);
      this.#stored.push(...receipts);
    } catch (error) {
      // Nothing is accepted that is not on the disk: the senders will hear nothing and try again.
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.log.error({ reason }, "the spool cannot be written");
  }

  #enter(frame: Frame, sender: Address, changes: Change[]): Entry {
    const { entry, change } = this.#options.spool.enter(sender.account, frame, this.#options.clock.nowMs());
    changes.push(change);
    return entry;
  }
}
