import { createHash, type KeyObject, randomBytes } from "node:crypto";
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import * as v from "valibot";
import { type AccountId, isAccountId } from "../keys/account.ts";
import { type Certificate, MAX_CERTIFICATE_BYTES, verifyCertificate } from "../keys/certificate.ts";
import { publicKeyFrom, rawPublicKey, verifyBytes } from "../keys/signing.ts";
import { encodeCbor, parseCbor } from "./cbor.ts";
import { MAX_ENVELOPE_BYTES } from "./frame.ts";
import { type CallMessage, decodeMessage, EnvelopeId, LIFETIME_MS, type Message } from "./messages.ts";

/**
 * An envelope on the wire is canonical CBOR `{v, enc, ct}`: HPKE base mode (RFC 9180; X25519, HKDF-SHA256,
 * ChaCha20-Poly1305) to the addressee's unit. Inside stands `{signed, cert, sig}`: the exact signed bytes, the
 * sender's certificate, and the unit's signature. The signed bytes are canonical CBOR
 * `{v, from, to, id, at, expires, kind, body}`, times in milliseconds since 1970. (What is left for somebody is sealed
 * to a day key: see parcel.ts.)
 */
export type Envelope<Carried extends Message = CallMessage> = Readonly<{
  /** 16 random bytes in hexadecimal. */
  id: string;
  from: AccountId;
  /** Whom it says it is for; the gate compares. */
  to: AccountId;
  atMs: number;
  expiresMs: number;
  /** SHA-256 of the signed bytes in hexadecimal: what `call.accept` answers to. */
  hash: string;
  /** `invalid`: not signed by a unit that `from` certifies now. Such an envelope may only be turned away. */
  signature: "valid" | "invalid";
  certSeq: number;
  /** The sending unit's Ed25519 key in hexadecimal: with `id` it names an envelope for the replay check. */
  unitKey: string;
  message: Carried;
}>;

type OpenFault = "too long" | "not an envelope" | "cannot be opened" | "bad content" | "bad times" | "bad message";
export type Opened = Readonly<{ ok: true; envelope: Envelope }> | Readonly<{ ok: false; reason: OpenFault }>;

/** A clock may be this far behind the sender's before an envelope counts as dated in the future. */
const CLOCK_SKEW_MS = 5 * 60_000;
const INFO = Buffer.from("porter/1 envelope", "utf8");
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});

const Natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Account = v.custom<AccountId>(isAccountId);
const Outer = v.strictObject({
  v: v.literal(1),
  enc: v.pipe(v.instance(Uint8Array), v.length(32)),
  ct: v.pipe(v.instance(Uint8Array), v.maxLength(MAX_ENVELOPE_BYTES)),
});
/** Signed bytes, and what shows who signed them. */
export const SIGNED_BY_A_UNIT = {
  signed: v.instance(Uint8Array),
  cert: v.pipe(v.instance(Uint8Array), v.maxLength(MAX_CERTIFICATE_BYTES)),
  sig: v.pipe(v.instance(Uint8Array), v.length(64)),
};
const Inner = v.strictObject(SIGNED_BY_A_UNIT);
/** What is signed of everything that one unit says to another; `body` is what the kind says. */
export const HEADER = {
  from: Account,
  to: Account,
  id: EnvelopeId,
  at: Natural,
  expires: Natural,
  kind: v.string(),
  body: v.unknown(),
};
const Signed = v.strictObject({ v: v.literal(1), ...HEADER });

/** What `seal` needs of the sender; a keystore is one. */
export interface Sealer {
  readonly account: AccountId;
  readonly certificate: Uint8Array;
  signEnvelope(signed: Uint8Array): Uint8Array;
}

export type SealRequest = Readonly<{
  sender: Sealer;
  /** The addressee's unit, from its verified certificate. */
  to: Certificate;
  message: CallMessage;
  nowMs: number;
  /** How long it may be under way; cut to what its kind allows. */
  lifetimeMs?: number;
  id?: string;
  /** Test vectors only: the input of HPKE's ephemeral key. Fresh randomness without it. */
  ephemeralSeed?: Uint8Array;
}>;

export type Sealed = Readonly<{ id: string; hash: string; atMs: number; expiresMs: number; bytes: Uint8Array }>;

export function newEnvelopeId(): string {
  return randomBytes(16).toString("hex");
}

/** Signs a message and seals it to one unit. Rejects only where the addressee's key is no key. */
export async function seal(request: SealRequest): Promise<Sealed> {
  const { sender, to, message, nowMs, id = newEnvelopeId() } = request;
  const longestMs = LIFETIME_MS[message.kind];
  const expiresMs = nowMs + Math.min(request.lifetimeMs ?? longestMs, longestMs);
  const { kind, body } = message;
  const signed = encodeCbor({
    v: 1,
    from: sender.account,
    to: to.account,
    id,
    at: nowMs,
    expires: expiresMs,
    kind,
    body,
  });
  const inner = encodeCbor({ signed, cert: sender.certificate, sig: sender.signEnvelope(signed) });
  const recipientPublicKey = publicKeyFrom("X25519", to.x25519).toCryptoKey("X25519", true, []);
  const ekm = request.ephemeralSeed;
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: INFO, ...(ekm && { ekm }) }, inner);
  const bytes = encodeCbor({ v: 1, enc: new Uint8Array(enc), ct: new Uint8Array(ct) });
  return { id, hash: sha256(signed), atMs: nowMs, expiresMs, bytes };
}

export type OpenContext = Readonly<{
  /** Our unit's X25519 private key. */
  agreementKey: KeyObject;
  nowMs: number;
  /** The highest certificate `seq` seen for somebody we know; undefined for everybody else. */
  highestSeq: (account: AccountId) => number | undefined;
}>;

/** Bytes from anyone to an envelope. Never throws; changes nothing; sends nothing. */
export async function open(bytes: Uint8Array, context: OpenContext): Promise<Opened> {
  if (bytes.length > MAX_ENVELOPE_BYTES) return { ok: false, reason: "too long" };
  const outer = parseCbor(Outer, bytes);
  if (!outer) return { ok: false, reason: "not an envelope" };
  const plain = await unseal(outer, context.agreementKey);
  return plain ? readContent(plain, context) : { ok: false, reason: "cannot be opened" };
}

/** What stood inside a seal to an envelope. Never throws: anybody can seal anything. */
export function readContent(plain: Uint8Array, context: Omit<OpenContext, "agreementKey">): Opened {
  const inner = parseCbor(Inner, plain);
  const signed = inner && parseCbor(Signed, inner.signed);
  if (!inner || !signed) return { ok: false, reason: "bad content" };
  const decoded = decodeMessage(signed.kind, signed.body);
  if (!decoded.ok) return { ok: false, reason: "bad message" };
  const lifeMs = signed.expires - signed.at;
  if (lifeMs <= 0 || lifeMs > LIFETIME_MS[decoded.message.kind]) return { ok: false, reason: "bad times" };
  const { from, to, id, at, expires } = signed;
  const sender = judgeSender(inner, from, context);
  return {
    ok: true,
    envelope: {
      id,
      from,
      to,
      atMs: at,
      expiresMs: expires,
      hash: sha256(inner.signed),
      ...sender,
      message: decoded.message,
    },
  };
}

/** True while an envelope is neither expired nor dated in the future. */
export function isFresh(envelope: Pick<Envelope, "atMs" | "expiresMs">, nowMs: number): boolean {
  return envelope.atMs <= nowMs + CLOCK_SKEW_MS && nowMs < envelope.expiresMs;
}

type Sender = Pick<Envelope, "signature" | "certSeq" | "unitKey">;

/** Whether a unit that `from` certifies now signed it. */
export function judgeSender(
  inner: v.InferOutput<typeof Inner>,
  from: AccountId,
  context: Pick<OpenContext, "nowMs" | "highestSeq">,
): Sender {
  const result = verifyCertificate(inner.cert, context.nowMs);
  if (!result.ok) return { signature: "invalid", certSeq: 0, unitKey: "" };
  const { account, seq, ed25519 } = result.certificate;
  const good =
    account === from &&
    seq >= (context.highestSeq(account) ?? 0) &&
    verifyBytes("porter/1 envelope", inner.signed, inner.sig, ed25519);
  return { signature: good ? "valid" : "invalid", certSeq: seq, unitKey: Buffer.from(ed25519).toString("hex") };
}

async function unseal(outer: v.InferOutput<typeof Outer>, agreementKey: KeyObject): Promise<Uint8Array | null> {
  try {
    const recipientKey = {
      privateKey: agreementKey.toCryptoKey("X25519", false, ["deriveBits"]),
      publicKey: publicKeyFrom("X25519", rawPublicKey(agreementKey)).toCryptoKey("X25519", true, []),
    };
    return new Uint8Array(await suite.open({ recipientKey, enc: outer.enc, info: INFO }, outer.ct));
  } catch {
    return null;
  }
}

/** In hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
