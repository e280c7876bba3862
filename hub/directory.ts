import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { type AccountId, isAccountId } from "#device/keys/account.ts";
import { type Certificate, MAX_CERTIFICATE_BYTES, verifyCertificate } from "#device/keys/certificate.ts";
import type { Accounts } from "./accounts.ts";
import type { Admit } from "./admission.ts";
import type { HubConfig } from "./config.ts";
import { nextUse } from "./invitations.ts";
import { Buckets } from "./limits.ts";
import type { Store } from "./store.ts";
import type { TurnGrant } from "./turn.ts";

/**
 * Over HTTP, JSON both ways:
 *   POST /enrol                  {invitation, certificate}   201 {} · 400 · 403 no such invitation, or used up · 409 older
 *   GET  /certificate/<account>  bearer token                200 {certificate: text | null, pad}
 *   GET  /turn                   bearer token                200 {urls, username, credential, expiresMs} · 404 no relay
 * Certificates are base64url. 401 without a token that holds, 429 when asked too often.
 */
export type DirectoryOptions = Readonly<{
  config: HubConfig;
  store: Store;
  accounts: Accounts;
  admit: Admit;
  turn: ((account: AccountId) => TurnGrant) | null;
  clock: Clock;
  log: Log;
}>;

type Answer = Readonly<{ status: number; body: object }>;

const MAX_BODY_BYTES = 4_096;
/** Every answer about a certificate is this long, whether there is one or not. */
const CERTIFICATE_BODY_BYTES = 2_048;
const Enrolment = v.strictObject({
  invitation: v.pipe(v.string(), v.maxLength(64)),
  certificate: v.pipe(v.string(), v.maxLength(MAX_CERTIFICATE_BYTES * 2), v.regex(/^[A-Za-z0-9_-]+$/)),
});

export class Directory implements AsyncDisposable {
  readonly #options: DirectoryOptions;
  readonly #server: Server;
  readonly #requests: Buckets;
  readonly #enrolments: Buckets;
  /** Enrolments go one after another, so that a quota cannot be used twice at once. */
  #lastEnrolment: Promise<unknown> = Promise.resolve();

  private constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#requests = new Buckets(options.config.limits.requests);
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
    if (method !== "GET") return fault(404, "not found");
    const unit = await this.#unitOf(request);
    if (!unit) return fault(401, "no valid token");
    if (!this.#requests.take(unit.account, this.#options.clock.monotonicMs())) return fault(429, "too many requests");
    if (url === "/turn") return this.#turn(unit.account);
    const asked = url.startsWith("/certificate/") ? url.slice("/certificate/".length) : null;
    return asked === null ? fault(404, "not found") : this.#certificate(asked);
  }

  async #unitOf(request: IncomingMessage): Promise<Certificate | null> {
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    return scheme === "Bearer" && token ? this.#options.admit(token) : null;
  }

  #certificate(asked: string): Answer {
    if (!isAccountId(asked)) return fault(400, "not an account");
    const published = this.#options.accounts.get(asked);
    const certificate = published ? Buffer.from(published.bytes).toString("base64url") : null;
    const length = JSON.stringify({ certificate, pad: "" }).length;
    return { status: 200, body: { certificate, pad: "-".repeat(CERTIFICATE_BODY_BYTES - length) } };
  }

  #turn(account: AccountId): Answer {
    const { turn } = this.#options;
    return turn ? { status: 200, body: turn(account) } : fault(404, "this hub has no relay");
  }

  async #enrol(request: IncomingMessage): Promise<Answer> {
    const { clock } = this.#options;
    const remote = request.socket.remoteAddress ?? "";
    if (!this.#enrolments.take(remote, clock.monotonicMs())) return fault(429, "too many requests");
    const enrolment = v.safeParse(Enrolment, await readJson(request));
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

function fault(status: number, error: string): Answer {
  return { status, body: { error } };
}

/** Undefined for what is too long or no JSON. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
}
