import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "../keys/account.ts";
import type { Certificate } from "../keys/certificate.ts";
import { DAYS_AHEAD, type DayKey, dayOf, verifyDayKey } from "../keys/day-keys.ts";
import { makeBatch, type Signer } from "../keys/make-day-keys.ts";
import type { DayKeyStore } from "../store/day-keys.ts";
import type { DirectoryClient } from "./directory.ts";
import type { CertificateLookup, DayKeyLookup } from "./link.ts";

const DAY_MS = 86_400_000;
const EVERY_MS = 7 * DAY_MS;
/** After a week and a day without a hub that agrees about the day, the clock is not believed alone. */
const BELIEVED_MS = 8 * DAY_MS;
const DOUBTED_MS = 31 * DAY_MS;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 600_000;
/** Between two keys: a new unit makes 1,183, and has calls to take meanwhile. */
const PAUSE_MS = 10;

type UploadOptions = Readonly<{
  directory: Pick<DirectoryClient, "heldDayKeys" | "putDayKeys">;
  signer: Signer;
  store: DayKeyStore;
  clock: Clock;
  log: Log;
  make?: typeof makeBatch;
}>;

/**
 * Keeps the hub in day keys for the next 90 days: once a week by the clock, and until it worked the first time. It
 * never knows which keys were used, so when it uploads, and what, shows nobody that somebody is there.
 */
export class DayKeyUpload implements Disposable {
  readonly #options: UploadOptions;
  #cancel: () => void = () => {};
  #ended = false;
  #failures = 0;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#plan();
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#cancel();
  }

  #plan(): void {
    const { clock, store } = this.#options;
    const sinceMs = clock.nowMs() - store.uploadedMs;
    const dueMs = sinceMs < 0 ? 0 : Math.max(0, EVERY_MS - sinceMs); // a clock that was set back: at once
    const retryMs = this.#failures && Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS);
    this.#cancel = clock.after(Math.min(Math.max(dueMs, retryMs), DAY_MS), () => void this.#tick());
  }

  async #tick(): Promise<void> {
    const { clock, store, log } = this.#options;
    try {
      const sinceMs = clock.nowMs() - store.uploadedMs;
      if (sinceMs < 0 || sinceMs >= EVERY_MS) this.#failures = (await this.#upload()) ? 0 : this.#failures + 1;
      if (!this.#ended) this.#forget();
    } catch (error) {
      this.#failures += 1;
      log.error({ code: codeOf(error) }, "could not keep day keys");
    }
    if (!this.#ended) this.#plan();
  }

  /** False where it is to be tried again before the week is over. */
  async #upload(): Promise<boolean> {
    const { directory, clock, store, log } = this.#options;
    const answer = await directory.heldDayKeys();
    if (!answer || this.#ended) return false;
    const today = dayOf(clock.nowMs());
    if (Math.abs(answer.today - today) > 1) {
      log.warn(
        { daysAhead: today - answer.today },
        "the hub's clock is not ours: no day keys are made until they agree",
      );
      return false;
    }
    const held = new Map(answer.held.map(({ day, hash }) => [day, hash]));
    for (let day = today; day <= today + DAYS_AHEAD; day += 1) {
      const batch = await this.#batchOf(day);
      if (!batch) return false;
      const sent = held.get(day) === batch.hash || (await directory.putDayKeys(day, batch.bytes));
      if (!sent || this.#ended) return false;
    }
    store.uploaded(clock.nowMs());
    log.info("the hub has day keys for the next 90 days");
    return true;
  }

  /** Made once and durable before anybody can seal to it. */
  async #batchOf(day: number): Promise<ReturnType<DayKeyStore["batchOf"]>> {
    const { store, signer, make = makeBatch } = this.#options;
    const kept = store.batchOf(day);
    if (kept) return kept;
    const made = await make(signer, day, { pauseMs: PAUSE_MS });
    if (this.#ended) return null;
    store.keep(made);
    return store.batchOf(day);
  }

  /** A clock that jumps ahead must not cost the keys of what is still on its way. */
  #forget(): void {
    const { clock, store } = this.#options;
    const nowMs = clock.nowMs();
    const believed = nowMs - store.uploadedMs < BELIEVED_MS;
    store.forgetOld(believed ? nowMs : nowMs - DOUBTED_MS);
  }
}

const MOST_REMEMBERED = 10_000;

/** Asks for a key to seal a message to. What the hub says is believed only as far as the addressee's unit signed it. */
export class DayKeyClient {
  readonly #directory: Pick<DirectoryClient, "dayKeyOf">;
  readonly #certificateOf: (account: AccountId) => Promise<CertificateLookup>;
  readonly #clock: Clock;
  /** One-time keys that we had before: a hub that gives one twice would have the second message dropped. */
  readonly #had = new Set<string>();

  constructor(options: {
    directory: Pick<DirectoryClient, "dayKeyOf">;
    certificateOf: (account: AccountId) => Promise<CertificateLookup>;
    clock: Clock;
  }) {
    this.#directory = options.directory;
    this.#certificateOf = options.certificateOf;
    this.#clock = options.clock;
  }

  async dayKeyOf(account: AccountId): Promise<DayKeyLookup> {
    const found = await this.#certificateOf(account);
    if (!found.ok) return { ok: false, reason: asReason(found.reason) };
    const answer = await this.#directory.dayKeyOf(account);
    if (answer === null) return { ok: false, reason: "unreachable" };
    if (answer === "bad-answer") return { ok: false, reason: "bad-answer" };
    if (answer.key === null) return { ok: false, reason: "none" };
    const key = this.#verified(answer.key, found.certificate, answer.day);
    return key ? { ok: true, key } : { ok: false, reason: "bad-answer" };
  }

  #verified(signed: Parameters<typeof verifyDayKey>[0], certificate: Certificate, day: number): DayKey | null {
    if (Math.abs(day - dayOf(this.#clock.nowMs())) > 1) return null;
    const key = verifyDayKey(signed, certificate, day);
    if (!key || this.#had.has(key.id)) return null;
    if (this.#had.size >= MOST_REMEMBERED) this.#had.clear();
    if (key.kind === "one-time") this.#had.add(key.id);
    return key;
  }
}

function asReason(reason: (CertificateLookup & { ok: false })["reason"]): "none" | "unreachable" | "bad-answer" {
  switch (reason) {
    case "unknown":
      return "none";
    case "unreachable":
      return "unreachable";
    case "bad-answer":
    case "revoked":
      return "bad-answer";
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
