import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { type AccountId, isAccountId } from "#device/keys/account.ts";
import { type Certificate, MAX_CERTIFICATE_BYTES, verifyCertificate } from "#device/keys/certificate.ts";
import { MAX_BATCH_BYTES } from "#device/keys/day-keys.ts";
import type { Accounts } from "./accounts.ts";
import type { Admit } from "./admission.ts";
import type { HubConfig } from "./config.ts";
import type { DayKeys } from "./day-keys.ts";
import { type Answer, fault, padded, readBody, readJson } from "./http.ts";
import { nextUse } from "./invitations.ts";
import { Buckets } from "./limits.ts";
import type { Store } from "./store.ts";
import type { TurnGrant } from "./turn.ts";

/**
 * Over HTTP, JSON both ways but for batches:
 *   POST /enrol                  {invitation, certificate}   201 {} · 400 · 403 no such invitation, or used up · 409 older
 *   GET  /certificate/<account>  bearer token                200 {certificate: text | null, pad}
 *   GET  /day-key/<account>      bearer token                200 {day, key: text | null, pad}
 *   GET  /day-keys               bearer token                200 {today, held: [{day, hash}]}: our own
 *   PUT  /day-keys/<day>         bearer token, the batch     200 {} · 400 not one, or not of a day to come
 *   GET  /turn                   bearer token                200 {urls, username, credential, expiresMs} · 404 no relay
 * Certificates and keys are base64url. 401 without a token that holds, 429 when asked too often.
 */
export type DirectoryOptions = Readonly<{
  config: HubConfig;
  store: Store;
  accounts: Accounts;
  admit: Admit;
  dayKeys: DayKeys;
  turn: ((account: AccountId) => TurnGrant) | null;
  clock: Clock;
  log: Log;
}>;

const MAX_BODY_BYTES = 4_096;
/** Every answer about a certificate is this long, whether there is one or not. */
const CERTIFICATE_BODY_BYTES = 2_048;
/** So is every answer about a day key. */
const DAY_KEY_BODY_BYTES = 2_048;
const Enrolment = v.strictObject({
  invitation: v.pipe(v.string(), v.maxLength(64)),
  certificate: v.pipe(v.string(), v.maxLength(MAX_CERTIFICATE_BYTES * 2), v.regex(/^[A-Za-z0-9_-]+$/)),
});

export class Directory implements AsyncDisposable {
  readonly #options: DirectoryOptions;
  readonly #server: Server;
  readonly #requests: Buckets;
  readonly #uploads: Buckets;
  readonly #enrolments: Buckets;
  /** Enrolments go one after another, so that a quota cannot be used twice at once. */
  #lastEnrolment: Promise<unknown> = Promise.resolve();

  private constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#requests = new Buckets(options.config.limits.requests);
    this.#uploads = new Buckets(options.config.limits.uploads);
    this.#enrolments = new Buckets(options.config.limits.enrolments);
    this.#server = createServer({ headersTimeout: 5_000, requestTimeout: 10_000 }, (request, response) => {
      this.#respond(request, response).catch((error: unknown) => {
        options.log.error({ reason: String(error) }, "a request failed");
        response.destroy();
      });
    });
    this.#server.maxConnections = options.config.limits.connections;
  }

  static async open(options: DirectoryOptions): Promise<Directory> {
    const directory = new Directory(options);
    await new Promise<void>((resolve, reject) => {
      directory.#server.once("error", reject);
      directory.#server.listen(options.config.httpPort, options.config.host, resolve);
    });
    return directory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#answer(request);
    const text = JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
    request.resume();
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { method, url = "" } = request;
    if (method === "POST" && url === "/enrol") return this.#enrol(request);
    if (method !== "GET" && method !== "PUT") return fault(404, "not found");
    const unit = await this.#unitOf(request);
    if (!unit) return fault(401, "no valid token");
    const nowMs = this.#options.clock.monotonicMs();
    const rate = method === "PUT" || url === "/day-keys" ? this.#uploads : this.#requests;
    if (!rate.take(unit.account, nowMs)) return fault(429, "too many requests");
    return method === "PUT" ? this.#takeDayKeys(unit, request) : this.#tell(unit, url);
  }

  async #tell(unit: Certificate, url: string): Promise<Answer> {
    const [, what, asked, ...rest] = url.split("/");
    if (rest.length > 0) return fault(404, "not found");
    if (asked === undefined) {
      if (what === "turn") return this.#turn(unit.account);
      return what === "day-keys" ? this.#heldDayKeys(unit) : fault(404, "not found");
    }
    if (what !== "certificate" && what !== "day-key") return fault(404, "not found");
    if (!isAccountId(asked)) return fault(400, "not an account");
    return what === "certificate" ? this.#certificate(asked) : this.#dayKey(asked, unit.account);
  }

  async #unitOf(request: IncomingMessage): Promise<Certificate | null> {
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    return scheme === "Bearer" && token ? this.#options.admit(token) : null;
  }

  #certificate(asked: AccountId): Answer {
    const published = this.#options.accounts.get(asked);
    const certificate = published ? Buffer.from(published.bytes).toString("base64url") : null;
    return padded({ certificate }, CERTIFICATE_BODY_BYTES);
  }

  async #dayKey(asked: AccountId, requester: AccountId): Promise<Answer> {
    const { day, key } = await this.#options.dayKeys.next(asked, requester);
    return padded({ day, key: key && Buffer.from(key).toString("base64url") }, DAY_KEY_BODY_BYTES);
  }

  async #heldDayKeys(unit: Certificate): Promise<Answer> {
    const { dayKeys } = this.#options;
    return { status: 200, body: { today: dayKeys.today, held: await dayKeys.held(unit) } };
  }

  async #takeDayKeys(unit: Certificate, request: IncomingMessage): Promise<Answer> {
    const day = /^\/day-keys\/([1-9]\d{0,6})$/.exec(request.url ?? "")?.[1];
    if (day === undefined) return fault(404, "not found");
    const bytes = await readBody(request, MAX_BATCH_BYTES);
    const result = bytes ? await this.#options.dayKeys.take(unit, Number(day), bytes) : "not a batch";
    return result === "taken" ? { status: 200, body: {} } : fault(400, result);
  }

  #turn(account: AccountId): Answer {
    const { turn } = this.#options;
    return turn ? { status: 200, body: turn(account) } : fault(404, "this hub has no relay");
  }

  async #enrol(request: IncomingMessage): Promise<Answer> {
    const { clock } = this.#options;
    const remote = request.socket.remoteAddress ?? "";
    if (!this.#enrolments.take(remote, clock.monotonicMs())) return fault(429, "too many requests");
    const enrolment = v.safeParse(Enrolment, await readJson(request, MAX_BODY_BYTES));
    if (!enrolment.success) return fault(400, "not an enrolment");
    const bytes = new Uint8Array(Buffer.from(enrolment.output.certificate, "base64url"));
    const result = verifyCertificate(bytes, clock.nowMs());
    if (!result.ok) return fault(400, `certificate ${result.reason}`);
    const answer = this.#lastEnrolment.then(() =>
      this.#admitNew(enrolment.output.invitation, result.certificate, bytes),
    );
    this.#lastEnrolment = answer.catch(() => {});
    return answer;
  }

  async #admitNew(invitation: string, certificate: Certificate, bytes: Uint8Array): Promise<Answer> {
    const { accounts, store, config, log } = this.#options;
    const use = await nextUse(config.data, store, invitation);
    switch (accounts.standing(certificate, bytes)) {
      case "current":
        return { status: 201, body: {} }; // the first answer was lost; nothing more is used up
      case "older":
        return fault(409, "a newer certificate is published");
      case "newer":
      case "unknown":
        if (!use) return fault(403, "no such invitation, or used up");
        await accounts.publish(certificate, bytes, use);
        log.info("enrolled an account");
        return { status: 201, body: {} };
    }
  }
}
