import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import type { AccountId } from "../keys/account.ts";
import { type Certificate, MAX_CERTIFICATE_BYTES, verifyCertificate } from "../keys/certificate.ts";
import { SignedKey } from "../keys/day-keys.ts";
import type { Keystore } from "../keys/keystore.ts";
import { parseCbor } from "../wire/cbor.ts";
import type { CertificateLookup, EnrolResult, HubAddress } from "./link.ts";

/** The unit's side of the hub's HTTP directory. Every answer of the hub is checked like anything from outside. */
const PATIENCE_MS = 5_000;
const MAX_ANSWER_CHARACTERS = 16_384;

const Base64Url = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/));
const CertificateAnswer = v.object({
  certificate: v.nullable(v.pipe(Base64Url, v.maxLength(MAX_CERTIFICATE_BYTES * 2))),
});
const Day = v.pipe(v.number(), v.safeInteger());
const DayKeyAnswer = v.object({ day: Day, key: v.nullable(Base64Url) });
const HeldAnswer = v.object({ today: Day, held: v.array(v.object({ day: Day, hash: Base64Url })) });
const TurnAnswer = v.object({
  urls: v.pipe(v.string(), v.maxLength(256), v.startsWith("turn:")),
  username: v.pipe(v.string(), v.maxLength(256)),
  credential: v.pipe(v.string(), v.maxLength(256)),
  expiresMs: v.pipe(v.number(), v.safeInteger()),
});
export type TurnGrant = v.InferOutput<typeof TurnAnswer>;

type Answer = Readonly<{ status: number; body: unknown }>;
type Options = Readonly<{
  hub: HubAddress;
  keystore: Keystore;
  clock: Clock;
  ended: AbortSignal;
  /** On an emulated machine: how many times longer an answer may take. */
  patience?: number;
}>;

export class DirectoryClient {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  async enrol(invitation: string): Promise<EnrolResult> {
    const certificate = Buffer.from(this.#options.keystore.certificate).toString("base64url");
    const headers = { "content-type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify({ invitation, certificate }) };
    const answer = await this.#ask("/enrol", request);
    if (!answer) return { ok: false, reason: "unreachable" };
    if (answer.status === 201) return { ok: true };
    return { ok: false, reason: answer.status === 403 ? "bad-invitation" : "refused" };
  }

  /** The certificate that an account has published and signed; `lowestSeq` and above. */
  async certificateOf(account: AccountId, lowestSeq: number): Promise<CertificateLookup> {
    const answer = await this.#askAsUnit(`/certificate/${account}`);
    if (!answer) return { ok: false, reason: "unreachable" };
    const parsed = v.safeParse(CertificateAnswer, answer.body);
    if (answer.status !== 200 || !parsed.success) return { ok: false, reason: "bad-answer" };
    if (parsed.output.certificate === null) return { ok: false, reason: "unknown" };
    const certificate = this.#verified(parsed.output.certificate, account);
    if (!certificate) return { ok: false, reason: "bad-answer" };
    return certificate.seq >= lowestSeq ? { ok: true, certificate } : { ok: false, reason: "revoked" };
  }

  /** A signed key, not yet verified, and the day that it is said to be for. Null where no hub would tell. */
  async dayKeyOf(account: AccountId): Promise<{ day: number; key: SignedKey | null } | "bad-answer" | null> {
    const answer = await this.#askAsUnit(`/day-key/${account}`);
    if (answer?.status !== 200) return null; // also where it has had enough of us: later, then
    const parsed = v.safeParse(DayKeyAnswer, answer.body);
    if (!parsed.success) return "bad-answer";
    const { day, key } = parsed.output;
    if (key === null) return { day, key: null };
    const signed = parseCbor(SignedKey, new Uint8Array(Buffer.from(key, "base64url")));
    return signed ? { day, key: signed } : "bad-answer";
  }

  /** Of which days the hub holds which batch of ours, and what day it thinks it is. */
  async heldDayKeys(): Promise<v.InferOutput<typeof HeldAnswer> | null> {
    const answer = await this.#askAsUnit("/day-keys");
    const parsed = v.safeParse(HeldAnswer, answer?.status === 200 ? answer.body : null);
    return parsed.success ? parsed.output : null;
  }

  /** True once the hub has them on its disk. */
  async putDayKeys(day: number, batch: Uint8Array): Promise<boolean> {
    const answer = await this.#askAsUnit(`/day-keys/${day}`, { method: "PUT", body: new Uint8Array(batch) });
    return answer?.status === 200;
  }

  /** Null where the hub has no relay for us, or is gone. */
  async turn(): Promise<TurnGrant | null> {
    const answer = await this.#askAsUnit("/turn");
    const parsed = v.safeParse(TurnAnswer, answer?.status === 200 ? answer.body : null);
    return parsed.success ? parsed.output : null;
  }

  #verified(text: string, account: AccountId): Certificate | null {
    const result = verifyCertificate(new Uint8Array(Buffer.from(text, "base64url")), this.#options.clock.nowMs());
    return result.ok && result.certificate.account === account ? result.certificate : null;
  }

  async #askAsUnit(path: string, request: RequestInit = {}): Promise<Answer | null> {
    const { keystore, hub, clock } = this.#options;
    const token = await keystore.mintToken(hub.name, clock.nowMs());
    return this.#ask(path, { ...request, headers: { authorization: `Bearer ${token}` } });
  }

  async #ask(path: string, request: RequestInit): Promise<Answer | null> {
    const { hub, ended, patience } = this.#options;
    try {
      const signal = AbortSignal.any([ended, AbortSignal.timeout(PATIENCE_MS * (patience ?? 1))]);
      const response = await fetch(new URL(path, hub.httpUrl), { ...request, signal, redirect: "error" });
      const text = await readAtMost(response, MAX_ANSWER_CHARACTERS);
      return { status: response.status, body: text === null ? null : JSON.parse(text) };
    } catch {
      return null;
    }
  }
}

/** The body as text; null where it is longer than any answer of ours. */
async function readAtMost(response: Response, characters: number): Promise<string | null> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > characters) return null;
  }
  return text;
}
