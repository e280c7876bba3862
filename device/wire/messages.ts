import * as v from "valibot";

/**
 * What one unit says to another. In an envelope, sealed to a unit that is there (wire/envelope.ts):
 *   call.offer     I call you: my SDP (relay candidates only) and the fingerprint of my DTLS certificate.
 *   call.accept    I answer the offer named by id and hash: my SDP and fingerprint.
 *   call.end       I hang up, or give up calling, the call of that offer.
 *   call.renewal   Nothing of yours comes to me: my new candidates for the call of that offer, which I placed.
 *   call.renewed   I answer that renewal, named by hash: my new candidates.
 * In parcels, sealed to a day key, so that it can wait (wire/parcel.ts):
 *   message.text   I leave you these words.
 *   message.voice  I leave you this sound, which comes in parts beside the message.
 */
const Sdp = v.pipe(v.string(), v.minLength(1), v.maxLength(32_768));
/** SHA-256 of a DTLS certificate as SDP writes it (RFC 8122 §5). */
const Fingerprint = v.pipe(v.string(), v.regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/));
/** 16 random bytes in hexadecimal. */
export const EnvelopeId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
/** SHA-256 in hexadecimal. */
const Hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** Of one call; a newer one counts instead of an older. */
export const MOST_RENEWALS = 1_000;

const CallMessage = v.variant("kind", [
  v.strictObject({
    kind: v.literal("call.offer"),
    body: v.strictObject({ sdp: Sdp, fingerprint: Fingerprint }),
  }),
  v.strictObject({
    kind: v.literal("call.accept"),
    body: v.strictObject({ sdp: Sdp, fingerprint: Fingerprint, offer: EnvelopeId, offerHash: Hash }),
  }),
  v.strictObject({ kind: v.literal("call.end"), body: v.strictObject({ offer: EnvelopeId }) }),
  v.strictObject({
    kind: v.literal("call.renewal"),
    body: v.strictObject({
      sdp: Sdp,
      fingerprint: Fingerprint,
      offer: EnvelopeId,
      round: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MOST_RENEWALS)),
    }),
  }),
  v.strictObject({
    kind: v.literal("call.renewed"),
    body: v.strictObject({ sdp: Sdp, fingerprint: Fingerprint, offer: EnvelopeId, renewalHash: Hash }),
  }),
]);
export type CallMessage = v.InferOutput<typeof CallMessage>;

/** So much of the sound goes in one parcel: with all that stands around it, it fits into an envelope of 256 KiB. */
export const PART_BYTES = 180 * 1_024;
const MAX_PARTS = 4;
const MAX_SOUND_MS = 120_000;
const MAX_TEXT_CHARACTERS = 2_000;
/** A signed text of 2,000 characters, each of three bytes, and the rest of its header. */
const MAX_ORIGIN_BYTES = 8_192;
const MAX_ORIGIN_CERTIFICATE_BYTES = 1_024;

/** The signed header of the message that is forwarded: who spoke it first. It never has an origin of its own. */
const Origin = v.strictObject({
  signed: v.pipe(v.instance(Uint8Array), v.maxLength(MAX_ORIGIN_BYTES)),
  cert: v.pipe(v.instance(Uint8Array), v.maxLength(MAX_ORIGIN_CERTIFICATE_BYTES)),
  sig: v.pipe(v.instance(Uint8Array), v.length(64)),
});
export type Origin = v.InferOutput<typeof Origin>;

/** Words to be read out: no half characters, no control characters but line breaks, and something to say. */
const Text = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(MAX_TEXT_CHARACTERS),
  v.check((text) => text.isWellFormed() && !/[^\P{Cc}\n]/u.test(text) && /\S/u.test(text)),
);
const upTo = (most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(most));
/** `forwarded`: somebody else said it first, and nothing shows who. */
const FORWARDED = { origin: v.exactOptional(Origin), forwarded: v.exactOptional(v.literal(true)) };
const oneAtMost = (body: { origin?: Origin; forwarded?: true }) => !body.origin || !body.forwarded;

const LeftMessage = v.variant("kind", [
  v.strictObject({
    kind: v.literal("message.text"),
    body: v.pipe(
      v.strictObject({ text: Text, ...FORWARDED }),
      v.check((body) => oneAtMost(body)),
    ),
  }),
  v.strictObject({
    kind: v.literal("message.voice"),
    body: v.pipe(
      v.strictObject({
        format: v.literal("ogg-opus"),
        durationMs: upTo(MAX_SOUND_MS),
        /** Of the whole sound. */
        bytes: upTo(MAX_PARTS * PART_BYTES),
        hash: Hash,
        parts: upTo(MAX_PARTS),
        ...FORWARDED,
      }),
      v.check((body) => oneAtMost(body)),
      v.check(({ bytes, parts }) => parts === partsOf(bytes)),
    ),
  }),
]);
/** What is left for somebody, to be heard when they like. */
export type LeftMessage = v.InferOutput<typeof LeftMessage>;

export type Message = CallMessage | LeftMessage;
type MessageKind = Message["kind"];

type Decoded<Known extends Message> =
  | Readonly<{ ok: true; message: Known }>
  | Readonly<{ ok: false; reason: "unknown kind" | "bad body" }>;

const MONTH_MS = 30 * 86_400_000;
/** The longest life that one may claim (`expires - at`), by kind. */
export const LIFETIME_MS: Readonly<Record<MessageKind, number>> = {
  "call.offer": 60_000,
  "call.accept": 60_000,
  "call.end": 60_000,
  "call.renewal": 60_000,
  "call.renewed": 60_000,
  "message.text": MONTH_MS,
  "message.voice": MONTH_MS,
};

/** From what an envelope carries to a known message. Never throws: anything on the wire is expected input. */
export function decodeMessage(kind: string, body: unknown): Decoded<CallMessage> {
  return decoded(CallMessage, "call.", kind, body);
}

/** From what parcels carry to a known message. Never throws. */
export function decodeLeftMessage(kind: string, body: unknown): Decoded<LeftMessage> {
  return decoded(LeftMessage, "message.", kind, body);
}

/** In how many parts a sound goes. All but the last are of `PART_BYTES`. */
export function partsOf(soundBytes: number): number {
  return Math.ceil(soundBytes / PART_BYTES);
}

function decoded<Known extends Message>(
  schema: v.GenericSchema<unknown, Known>,
  prefix: string,
  kind: string,
  body: unknown,
): Decoded<Known> {
  if (!Object.hasOwn(LIFETIME_MS, kind) || !kind.startsWith(prefix)) return { ok: false, reason: "unknown kind" };
  const parsed = v.safeParse(schema, { kind, body });
  return parsed.success ? { ok: true, message: parsed.output } : { ok: false, reason: "bad body" };
}
