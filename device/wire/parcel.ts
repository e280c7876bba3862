import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import * as v from "valibot";
import type { AccountId } from "../keys/account.ts";
import { DAYS_APART, type DayKey, dayOf, hashOfKey } from "../keys/day-keys.ts";
import { encodeCbor, parseCbor } from "./cbor.ts";
import {
  type Envelope,
  HEADER,
  judgeSender,
  newEnvelopeId,
  type Sealer,
  SIGNED_BY_A_UNIT,
  sha256,
} from "./envelope.ts";
import { MAX_ENVELOPE_BYTES } from "./frame.ts";
import { decodeLeftMessage, type LeftMessage, LIFETIME_MS, type Origin, PART_BYTES, partsOf } from "./messages.ts";

/**
 * What is left for somebody travels in parcels: canonical CBOR `{v: 2, key, enc, ct}`, `key` naming the day key that
 * it is sealed to: HPKE base mode (RFC 9180; X-Wing, HKDF-SHA256, ChaCha20-Poly1305), `info` being canonical CBOR
 * `[label, from, to, key id, SHA-256 of the key]`. Inside stands `{signed, cert, sig, part, data}`: the message's
 * header, exactly as the unit signed it, the same in each of its parcels; which part this is, from 0; and so much of
 * its sound. The header is canonical CBOR `{v: 2, from, to, id, at, expires, kind, body, key: {id, hash}}`: who takes
 * it out and seals it to another key has nothing that holds.
 */
export type Parcel = Readonly<{
  /** `hash` is that of the header: the same for all parcels of a message. */
  envelope: Envelope<LeftMessage>;
  /** The day key that it was sealed to, in hexadecimal. */
  keyId: string;
  /** From 0; below `parts` of a voice message, 0 of a text. */
  part: number;
  /** Ogg Opus, this part of it; empty for a text. `isWhole` says whether all of them are what was signed. */
  data: Uint8Array;
  /** Of what is forwarded: who spoke it first; `account` null where nothing shows who. Null for all else. */
  origin: Readonly<{ account: AccountId | null }> | null;
  /** The header and what shows who signed it: evidence, and the `origin` of what is forwarded. */
  header: Origin;
}>;

export type MessageHeader = Pick<Parcel["envelope"], "id" | "from" | "to" | "atMs" | "message">;

type ParcelFault =
  | "too long"
  | "not a parcel"
  /** Never made, spent, or forgotten. */
  | "no such key"
  | "cannot be opened"
  | "bad content"
  | "bad message"
  | "bad times"
  | "wrong key"
  | "wrong sender"
  | "bad part"
  | "bad origin";
export type OpenedParcel = Readonly<{ ok: true; parcel: Parcel }> | Readonly<{ ok: false; reason: ParcelFault }>;

/** What a unit keeps of a day key. */
export type DayKeySecret = Readonly<{
  account: AccountId;
  day: number;
  /** 32 bytes: X-Wing's secret key. */
  seed: Uint8Array;
  /** SHA-256 of the public key. */
  hash: Uint8Array;
}>;

export type ParcelContext = Readonly<{
  /** Who sent it, as the hub says: what another sealed does not open. */
  sender: AccountId;
  secretOf: (keyId: string) => DayKeySecret | null;
  nowMs: number;
  /** The highest certificate `seq` seen for somebody we know; undefined for everybody else. */
  highestSeq: (account: AccountId) => number | undefined;
}>;

const LABEL = "porter/2 parcel";
const SECRET_BYTES = 32;
const ENC_BYTES = 1_120;
const kem = new XWing();
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });

const KeyId = v.pipe(v.instance(Uint8Array), v.length(16));
const Outer = v.strictObject({
  v: v.literal(2),
  key: KeyId,
  enc: v.pipe(v.instance(Uint8Array), v.length(ENC_BYTES)),
  ct: v.pipe(v.instance(Uint8Array), v.maxLength(MAX_ENVELOPE_BYTES)),
});
const Inner = v.strictObject({
  ...SIGNED_BY_A_UNIT,
  part: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  data: v.pipe(v.instance(Uint8Array), v.maxLength(PART_BYTES)),
});
const Header = v.strictObject({
  v: v.literal(2),
  ...HEADER,
  key: v.strictObject({ id: KeyId, hash: v.pipe(v.instance(Uint8Array), v.length(SECRET_BYTES)) }),
});
type Header = v.InferOutput<typeof Header>;

export type ParcelsRequest = Readonly<{
  sender: Sealer;
  /** The addressee's, verified. */
  key: DayKey;
  message: LeftMessage;
  /** What a voice message says; null for a text. */
  sound: Uint8Array | null;
  nowMs: number;
  id?: string;
  /** Test vectors only: the input of each parcel's encapsulation. Fresh randomness without it. */
  encapsulationSeed?: (part: number) => Uint8Array;
}>;

export type SealedMessage = Readonly<{
  id: string;
  hash: string;
  atMs: number;
  expiresMs: number;
  /** In the order of their parts; they may arrive in any. */
  parcels: readonly Uint8Array[];
}>;

/** Makes the message of a sound: what `sealMessage` takes beside it. */
export function voiceMessage(sound: Uint8Array, durationMs: number): LeftMessage {
  const { length: bytes } = sound;
  const body = { format: "ogg-opus", durationMs, bytes, hash: sha256(sound), parts: partsOf(bytes) } as const;
  return { kind: "message.voice", body };
}

/** Signs a message and seals it, a parcel a part. Rejects where message and sound do not fit each other. */
export async function sealMessage(request: ParcelsRequest): Promise<SealedMessage> {
  const { sender, key, message, sound, nowMs, id = newEnvelopeId() } = request;
  const { kind, body } = message;
  if (!decodeLeftMessage(kind, body).ok) throw new RangeError("not a message that anybody would take");
  if (!(kind === "message.text" ? sound === null : sound && isWhole(message, sound))) {
    throw new RangeError("the sound is not what the message says");
  }
  const expiresMs = nowMs + LIFETIME_MS[kind];
  const keyName = { id: fromHex(key.id), hash: hashOfKey(key.key) };
  const signed = encodeCbor({
    v: 2,
    from: sender.account,
    to: key.account,
    id,
    at: nowMs,
    expires: expiresMs,
    kind,
    body,
    key: keyName,
  });
  const header = { signed, cert: sender.certificate, sig: sender.signEnvelope(signed) };
  const recipientPublicKey = await kem.importKey("raw", new Uint8Array(key.key).buffer, true);
  const info = infoOf(sender.account, key.account, keyName);
  const parcels: Uint8Array[] = [];
  for (let part = 0; part < (kind === "message.voice" ? message.body.parts : 1); part += 1) {
    const data = new Uint8Array(sound?.subarray(part * PART_BYTES, (part + 1) * PART_BYTES) ?? []);
    const ekm = request.encapsulationSeed?.(part);
    const plain = encodeCbor({ ...header, part, data });
    const { enc, ct } = await suite.seal({ recipientPublicKey, info, ...(ekm && { ekm }) }, plain);
    parcels.push(encodeCbor({ v: 2, key: keyName.id, enc: new Uint8Array(enc), ct: new Uint8Array(ct) }));
  }
  return { id, hash: sha256(signed), atMs: nowMs, expiresMs, parcels };
}

/** Bytes from anyone to a parcel. Never throws; changes nothing (no key is spent by it); sends nothing. */
export async function openParcel(bytes: Uint8Array, context: ParcelContext): Promise<OpenedParcel> {
  if (bytes.length > MAX_ENVELOPE_BYTES) return { ok: false, reason: "too long" };
  const outer = parseCbor(Outer, bytes);
  if (!outer) return { ok: false, reason: "not a parcel" };
  const keyId = Buffer.from(outer.key).toString("hex");
  const secret = context.secretOf(keyId);
  if (!secret) return { ok: false, reason: "no such key" };
  const plain = await unseal(outer, secret, context.sender);
  return plain ? readParcel(plain, { ...context, keyId, secret }) : { ok: false, reason: "cannot be opened" };
}

type ReadContext = Omit<ParcelContext, "secretOf"> & Readonly<{ keyId: string; secret: DayKeySecret }>;

/** What stood inside what this key opened, to a parcel. Never throws: anybody can seal anything. */
export function readParcel(plain: Uint8Array, context: ReadContext): OpenedParcel {
  const inner = parseCbor(Inner, plain);
  const header = inner && parseCbor(Header, inner.signed);
  if (!inner || !header) return { ok: false, reason: "bad content" };
  const decoded = decodeLeftMessage(header.kind, header.body);
  if (!decoded.ok) return { ok: false, reason: "bad message" };
  const { message } = decoded;
  const fault = headerFault(header, message, context) ?? partFault(message, inner);
  if (fault) return { ok: false, reason: fault };
  const origin = originOf(message, context);
  if (origin === undefined) return { ok: false, reason: "bad origin" };
  const { from, to, id, at, expires } = header;
  const { part, data, signed, cert, sig } = inner;
  const { keyId } = context;
  const sender = judgeSender(inner, from, context);
  const envelope = { id, from, to, atMs: at, expiresMs: expires, hash: sha256(signed), ...sender, message };
  return { ok: true, parcel: { envelope, keyId, part, data, origin, header: { signed, cert, sig } } };
}

/** What a header says that was taken out of its parcel. Null for anything else; who signed it is another question. */
export function readHeader(signed: Uint8Array): MessageHeader | null {
  const header = parseCbor(Header, signed);
  const decoded = header && decodeLeftMessage(header.kind, header.body);
  if (!header || !decoded?.ok || !livesWithin(header, decoded.message)) return null;
  const { id, from, to, at: atMs } = header;
  return { id, from, to, atMs, message: decoded.message };
}

/** Whether this is the whole sound, as it was signed. */
export function isWhole(message: LeftMessage, sound: Uint8Array): boolean {
  return message.kind === "message.voice" && sound.length === message.body.bytes && sha256(sound) === message.body.hash;
}

/** The header must name the key that opened it: a parcel cannot be sealed anew to another, nor to another day. */
function headerFault(header: Header, message: LeftMessage, { keyId, secret, sender }: ReadContext): ParcelFault | null {
  const named = Buffer.from(header.key.id).toString("hex") === keyId;
  if (!named || Buffer.compare(header.key.hash, secret.hash) !== 0) return "wrong key";
  if (header.from !== sender) return "wrong sender";
  if (!livesWithin(header, message)) return "bad times";
  return Math.abs(dayOf(header.at) - secret.day) > DAYS_APART ? "bad times" : null;
}

function livesWithin({ at, expires }: Header, { kind }: LeftMessage): boolean {
  return expires > at && expires - at <= LIFETIME_MS[kind];
}

function partFault(message: LeftMessage, { part, data }: { part: number; data: Uint8Array }): "bad part" | null {
  if (message.kind === "message.text") return part === 0 && data.length === 0 ? null : "bad part";
  const length = Math.min(PART_BYTES, message.body.bytes - part * PART_BYTES);
  return length > 0 && data.length === length ? null : "bad part";
}

/** Undefined where it carries an origin that does not hold: nobody who forwards in good faith sends one. */
export function originOf(
  message: LeftMessage,
  context: Pick<ParcelContext, "highestSeq">,
): Parcel["origin"] | undefined {
  const { origin, forwarded, ...said } = message.body;
  if (!origin) return forwarded ? { account: null } : null;
  const header = parseCbor(Header, origin.signed);
  if (!header || header.kind !== message.kind || !isSame(header.body, said)) return undefined;
  const then = { nowMs: header.at, highestSeq: () => undefined };
  if (judgeSender(origin, header.from, then).signature === "invalid") return undefined;
  // Signed by a unit that was revoked since, it may be a thief's.
  const now = { nowMs: header.at, highestSeq: context.highestSeq };
  return { account: judgeSender(origin, header.from, now).signature === "valid" ? header.from : null };
}

function isSame(one: unknown, other: unknown): boolean {
  return Buffer.compare(encodeCbor(one), encodeCbor(other)) === 0;
}

async function unseal(
  { key, enc, ct }: v.InferOutput<typeof Outer>,
  { seed, hash, account }: DayKeySecret,
  sender: AccountId,
): Promise<Uint8Array | null> {
  try {
    const recipientKey = await kem.importKey("raw", new Uint8Array(seed).buffer, false);
    const info = infoOf(sender, account, { id: key, hash });
    return new Uint8Array(await suite.open({ recipientKey, enc, info }, ct));
  } catch {
    return null;
  }
}

function infoOf(from: AccountId, to: AccountId, key: { id: Uint8Array; hash: Uint8Array }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encodeCbor([LABEL, from, to, key.id, key.hash]));
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "hex"));
}
