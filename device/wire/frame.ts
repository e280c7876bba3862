import * as v from "valibot";
import { type AccountId, isAccountId, isUnitId, type UnitId } from "../keys/account.ts";
import { decodeCbor, encodeCbor, parseCbor } from "./cbor.ts";
import { EnvelopeId } from "./messages.ts";

/** What a unit publishes: where the hub is to lay which sealed envelope. The hub learns no more than this. */
export type Frame = Readonly<{
  to: AccountId;
  /** One unit of the account; left out: whichever is certified now. */
  unit?: UnitId;
  class: "calls" | "inbox";
  /** The envelope's id again, for the hub's `accepted`. */
  id: string;
  envelope: Uint8Array;
}>;

export type FrameDecoded = Readonly<{ ok: true; frame: Frame }> | Readonly<{ ok: false; reason: FrameFault }>;
type FrameFault = "too long" | "not CBOR" | "not a frame";

export const MAX_ENVELOPE_BYTES = 256 * 1_024;
/** An envelope and what stands around it. */
export const MAX_FRAME_BYTES = MAX_ENVELOPE_BYTES + 512;

const FrameSchema = v.strictObject({
  v: v.literal(1),
  to: v.custom<AccountId>(isAccountId),
  unit: v.exactOptional(v.custom<UnitId>(isUnitId)),
  class: v.picklist(["calls", "inbox"]),
  id: EnvelopeId,
  envelope: v.pipe(v.instance(Uint8Array), v.minLength(1), v.maxLength(MAX_ENVELOPE_BYTES)),
});

export function encodeFrame(frame: Frame): Uint8Array {
  return encodeCbor({ v: 1, ...frame });
}

/** Never throws. */
export function decodeFrame(bytes: Uint8Array): FrameDecoded {
  if (bytes.length > MAX_FRAME_BYTES) return { ok: false, reason: "too long" };
  const decoded = decodeCbor(bytes);
  if (!decoded.ok) return { ok: false, reason: "not CBOR" };
  const parsed = v.safeParse(FrameSchema, decoded.value);
  if (!parsed.success) return { ok: false, reason: "not a frame" };
  const { v: _version, ...frame } = parsed.output;
  return { ok: true, frame };
}

/** What the hub says of a publication, on `hub/accepted` and `hub/refused`. */
const MAX_RECEIPT_BYTES = 128;
const Receipt = v.strictObject({ id: EnvelopeId });

export function encodeReceipt(id: string): Uint8Array {
  return encodeCbor({ id });
}

/** The id of the publication that was accepted or refused; null for anything else. */
export function decodeReceipt(bytes: Uint8Array): string | null {
  return bytes.length > MAX_RECEIPT_BYTES ? null : (parseCbor(Receipt, bytes)?.id ?? null);
}
