import type { IceServer } from "#audio/protocol.ts";
import type { AccountId } from "../keys/account.ts";
import type { Certificate } from "../keys/certificate.ts";
import type { Frame } from "../wire/frame.ts";
import { waitBefore } from "./backoff.ts";
import { Connection } from "./connection.ts";
import { DayKeyClient, DayKeyUpload } from "./day-keys.ts";
import { DirectoryClient } from "./directory.ts";
import type {
  CertificateLookup,
  DayKeyLookup,
  Delivery,
  EnrolResult,
  HubAddress,
  Link,
  LinkOptions,
  LinkState,
  PublishResult,
} from "./link.ts";
import { Publications } from "./publications.ts";
import { RelayCredentials } from "./relay-credentials.ts";
import { type Settled, Settlements } from "./settlements.ts";

/** How long a certificate that the hub showed is good without asking again. */
const CERTIFICATE_FRESH_MS = 10 * 60_000;
/** A connection that held this long starts the back-off anew. */
const SETTLED_MS = 10_000;
const MOST_CERTIFICATES = 1_000;

/** Starts to connect and keeps at it until it is disposed. Returns at once, `down`. */
export function openLink(options: LinkOptions): Link {
  return new BrokerLink(options);
}

class BrokerLink implements Link {
  readonly #options: LinkOptions;
  readonly #ended = new AbortController();
  readonly #directory: DirectoryClient;
  readonly #credentials: RelayCredentials;
  readonly #publications: Publications;
  readonly #settlements: Settlements;
  readonly #dayKeys: DayKeyClient;
  readonly #dayKeyUpload: DayKeyUpload | null;
  readonly #certificates = new Map<AccountId, { certificate: Certificate; untilMs: number }>();
  #connection: Connection | null = null;
  #state: LinkState = "down";
  #attempt = 0;
  #upSinceMs = 0;
  #connecting = false;
  #cancelRetry: () => void = () => {};

  constructor(options: LinkOptions) {
    this.#options = options;
    const { hub, keystore, clock, log } = options;
    if (!keepsTokens(hub))
      log.warn("the hub is spoken to in the clear, over a network: others on it can read the tokens");
    this.#directory = new DirectoryClient({ hub, keystore, clock, ended: this.#ended.signal });
    this.#credentials = new RelayCredentials(clock, () => this.#directory.turn());
    const certificateOf = (account: AccountId) => this.certificateOf(account);
    this.#dayKeys = new DayKeyClient({ directory: this.#directory, certificateOf, clock });
    const store = options.dayKeys;
    this.#dayKeyUpload = store
      ? new DayKeyUpload({ directory: this.#directory, signer: keystore, store, clock, log })
      : null;
    this.#publications = new Publications(clock, (bytes) => this.#connection?.send(bytes));
    this.#settlements = new Settlements(clock, (bytes) => this.#connection?.send(bytes));
    void this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  publish(frame: Frame, patienceMs?: number): Promise<PublishResult> {
    return this.#publications.add(frame, patienceMs);
  }

  settle(receipt: number, became: Settled): void {
    this.#settlements.settle(receipt, became);
  }

  async certificateOf(account: AccountId): Promise<CertificateLookup> {
    const { clock, seqs } = this.#options;
    const lowestSeq = seqs.get(account) ?? 0;
    const cached = this.#certificates.get(account);
    if (cached && clock.monotonicMs() < cached.untilMs && cached.certificate.seq >= lowestSeq) {
      return { ok: true, certificate: cached.certificate };
    }
    const lookup = await this.#directory.certificateOf(account, lowestSeq);
    if (!lookup.ok) return lookup;
    const { certificate } = lookup;
    if (this.#certificates.size >= MOST_CERTIFICATES) this.#certificates.clear();
    this.#certificates.set(account, { certificate, untilMs: clock.monotonicMs() + CERTIFICATE_FRESH_MS });
    if (certificate.seq > lowestSeq) seqs.set(account, certificate.seq);
    return lookup;
  }

  dayKeyOf(account: AccountId): Promise<DayKeyLookup> {
    return this.#dayKeys.dayKeyOf(account);
  }

  turn(): IceServer[] {
    return this.#credentials.servers;
  }

  async enrol(invitation: string): Promise<EnrolResult> {
    const result = await this.#directory.enrol(invitation);
    if (result.ok) {
      this.#attempt = 0;
      void this.#connect();
    }
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    this.#cancelRetry();
    this.#credentials[Symbol.dispose]();
    this.#dayKeyUpload?.[Symbol.dispose]();
    this.#publications.close();
    this.#settlements[Symbol.dispose]();
    await this.#connection?.close();
  }

  async #connect(): Promise<void> {
    if (this.#connecting || this.#connection || this.#ended.signal.aborted) return;
    this.#connecting = true;
    this.#cancelRetry();
    const { keystore, hub, clock } = this.#options;
    const token = await keystore.mintToken(hub.name, clock.nowMs());
    this.#connecting = false;
    if (this.#ended.signal.aborted) return;
    const events = {
      up: () => this.#wentUp(),
      down: () => this.#wentDown(),
      delivery: (delivery: Delivery) => this.#take(delivery),
      accepted: (id: string) => this.#publications.accepted(id),
      refused: (id: string) => this.#publications.refused(id),
    };
    this.#connection = new Connection({ mqttUrl: hub.mqttUrl, self: keystore, token, clock, events });
  }

  #take(delivery: Delivery): void {
    const { onEnvelope } = this.#options;
    if (delivery.class === "calls") {
      onEnvelope(delivery);
      return;
    }
    const receipt = this.#settlements.arrived(delivery.sender, delivery.bytes);
    if (receipt !== null) onEnvelope({ ...delivery, receipt });
  }

  #wentUp(): void {
    this.#upSinceMs = this.#options.clock.monotonicMs();
    this.#change("up");
    this.#publications.sendAll();
    this.#credentials.ensure();
  }

  #wentDown(): void {
    const { clock, chance = Math.random } = this.#options;
    this.#connection = null;
    this.#settlements.forget();
    if (this.#state === "up" && clock.monotonicMs() - this.#upSinceMs >= SETTLED_MS) this.#attempt = 0;
    this.#change("down");
    if (this.#ended.signal.aborted) return;
    this.#cancelRetry = clock.after(waitBefore(this.#attempt, chance()), () => void this.#connect());
    this.#attempt += 1;
  }

  #change(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.log.info({ state }, "link");
    this.#options.onState(state);
  }
}

/** Whoever reads a token can pass for this unit with the hub until it runs out. */
function keepsTokens({ mqttUrl, httpUrl }: HubAddress): boolean {
  return [mqttUrl, httpUrl].every((address) => {
    const { protocol, hostname } = new URL(address);
    const sealed = protocol === "mqtts:" || protocol === "https:";
    return sealed || hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
  });
}
