import type { IceServer } from "#audio/protocol.ts";
import type { Clock } from "#base/clock.ts";
import type { TurnGrant } from "./directory.ts";

const RETRY_MS = 30_000;
const SOONEST_MS = 5_000;
/** However long the hub says that they last: what it says may be wrong, and the relay may have a new secret. */
const LATEST_MS = 3_600_000;

/**
 * TURN credentials at hand. They are fetched by the clock alone, when half their time or an hour is over, so that
 * asking for them shows the hub nothing of what happens on the unit.
 */
export class RelayCredentials implements Disposable {
  readonly #clock: Clock;
  readonly #fetch: () => Promise<TurnGrant | null>;
  #grant: TurnGrant | null = null;
  #cancel: () => void = () => {};
  #fetching = false;
  #ended = false;

  constructor(clock: Clock, fetch: () => Promise<TurnGrant | null>) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /** What can be used now; empty once all has expired. */
  get servers(): IceServer[] {
    if (!this.#grant || this.#clock.nowMs() >= this.#grant.expiresMs) return [];
    const { urls, username, credential } = this.#grant;
    return [{ urls, username, credential }];
  }

  /** The link came up: fetches unless there is something that still holds. */
  ensure(): void {
    if (this.servers.length === 0) void this.#refresh();
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#cancel();
  }

  async #refresh(): Promise<void> {
    if (this.#fetching || this.#ended) return;
    this.#fetching = true;
    this.#cancel();
    const grant = await this.#fetch();
    this.#fetching = false;
    if (grant) this.#grant = grant;
    if (this.#ended) return;
    const halfMs = grant ? (grant.expiresMs - this.#clock.nowMs()) / 2 : RETRY_MS;
    this.#cancel = this.#clock.after(Math.min(Math.max(SOONEST_MS, halfMs), LATEST_MS), () => void this.#refresh());
  }
}
