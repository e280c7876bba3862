import * as v from "valibot";

/**
 * What one unit says to another inside an envelope.
 *   call.offer   I call you: my SDP (relay candidates only) and the fingerprint of my DTLS certificate.
 *   call.accept  I answer the offer named by id and hash: my SDP and fingerprint.
 *   call.end     I hang up, or give up calling, the call of that offer.
 * Voice and text messages come with the inbox.
 */
const Sdp = v.pipe(v.string(), v.minLength(1), v.maxLength(32_768));
/** SHA-256 of a DTLS certificate as SDP writes it (RFC 8122 §5). */
const Fingerprint = v.pipe(v.string(), v.regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/));
/** 16 random bytes in hexadecimal. */
export const EnvelopeId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const Hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const Message = v.variant("kind", [
  v.strictObject({
    kind: v.literal("call.offer"),
    body: v.strictObject({ sdp: Sdp, fingerprint: Fingerprint }),
  }),
  v.strictObject({
    kind: v.literal("call.accept"),
    body: v.strictObject({ sdp: Sdp, fingerprint: Fingerprint, offer: EnvelopeId, offerHash: Hash }),
  }),
  v.strictObject({ kind: v.literal("call.end"), body: v.strictObject({ offer: EnvelopeId }) }),
]);
export type Message = v.InferOutput<typeof Message>;
export type MessageKind = Message["kind"];

export type MessageDecoded =
  | Readonly<{ ok: true; message: Message }>
  | Readonly<{ ok: false; reason: "unknown kind" | "bad body" }>;

/** The longest life an envelope may claim (`expires - at`), by kind. */
export const LIFETIME_MS: Readonly<Record<MessageKind, number>> = {
  "call.offer": 60_000,
  "call.accept": 60_000,
  "call.end": 60_000,
};

/** From what an envelope carries to a known message. Never throws: anything on the wire is expected input. */
export function decodeMessage(kind: string, body: unknown): MessageDecoded {
  if (!Object.hasOwn(LIFETIME_MS, kind)) return { ok: false, reason: "unknown kind" };
  const parsed = v.safeParse(Message, { kind, body });
  return parsed.success ? { ok: true, message: parsed.output } : { ok: false, reason: "bad body" };
}
