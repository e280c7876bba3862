import { isDeepStrictEqual } from "node:util";
import { type LeftMessage, LIFETIME_MS, PART_BYTES } from "#device/wire/messages.ts";
import { voiceMessage } from "#device/wire/parcel.ts";
import { type FixedBatch, fixedBatch } from "#test/house/day-keys.ts";
import type { FixedUnit } from "#test/house/fixed-keys.ts";
import { ANA, ben, CALLERS, NOON_MS, OWNER } from "./cast.ts";
import { hashOf, oneOf, wildSignature } from "./content.ts";
import { mutateBytes, mutateValue } from "./mutate.ts";
import type { Random } from "./random.ts";
import { wildCertificate } from "./targets/certificate.ts";
import { writeWildCbor } from "./wild-cbor.ts";

/** Whoever sealed it, and to which of Ben's keys; who signed the message, and who signed first what it passes on. */
export type ParcelContent = Readonly<{
  plain: Uint8Array;
  signer: FixedUnit;
  /** Of what `signer` signed; "" where the signature is not theirs. */
  hash: string;
  /** The account whose own signature the origin carries, over just these words; null where none does. */
  spokenBy: string | null;
  keyIndex: number;
  /** Did who signed it name the key that it is sealed to? Else it was sealed anew by somebody else. */
  isForKey: boolean;
}>;

type Origin = Readonly<{ signed: Uint8Array; cert: Uint8Array; sig: Uint8Array }>;

/** Ben's keys of today. */
export const BATCH: FixedBatch = await fixedBatch(ben);
const DAY_MS = 86_400_000;
const SOUNDS = [1_200, PART_BYTES + 700].map((length) => new Uint8Array(length).map((_, index) => index % 251));
const FALLBACK = 12;

/** Wrong at any layer: the words, who passed them on, the header, the key that it names, the part, the whole. */
export function wildParcelContent(random: Random): ParcelContent {
  const signer = random.pick(CALLERS);
  const keyIndex = random.chance(0.8) ? FALLBACK : random.below(FALLBACK);
  const isWrong = oneOf(random, 6);
  const { sound, message, spokenBy } = wildMessage(random, isWrong(0), isWrong(1));
  const { signed, isForKey } = wildHeader(random, { signer, message, keyIndex, isWrong: isWrong(2) });
  const genuine = signer.sealer.signEnvelope(signed);
  const sig = isWrong(3) ? wildSignature(random, signer, signed) : genuine;
  const cert =
    isWrong(3) && random.chance(0.5)
      ? wildCertificate(random, signer, random.chance(0.3) ? ANA : undefined)
      : signer.sealer.certificate;
  const part = sound && sound.length > PART_BYTES ? random.below(2) : 0;
  const data = sound?.slice(part * PART_BYTES, (part + 1) * PART_BYTES) ?? new Uint8Array();
  const isPartWrong = isWrong(4);
  const inner = {
    signed,
    cert,
    sig,
    part: isPartWrong ? random.pick([0, 1, 2, -1, 0.5, 2 ** 40]) : part,
    data: isPartWrong && random.chance(0.7) ? mutateBytes(random, data) : data,
  };
  const plain = isWrong(5)
    ? mutateBytes(random, writeWildCbor(random, random.chance(0.5) ? mutateValue(random, inner) : inner, 0.05))
    : writeWildCbor(random, inner, 0);
  return { plain, signer, hash: hashOf(signed, sig, genuine), spokenBy, keyIndex, isForKey };
}

/** `spokenBy`: as in the content. */
function wildMessage(random: Random, isBodyWrong: boolean, isOriginWrong: boolean) {
  const sound = random.chance(0.4) ? null : (SOUNDS[random.chance(0.03) ? 1 : 0] ?? null);
  const said: LeftMessage = sound ? voiceMessage(sound, 4_000) : { kind: "message.text", body: { text: "I am late" } };
  const passedOn = random.chance(0.3) ? wildOrigin(random, said, isOriginWrong) : null;
  const body = { ...said.body, ...(passedOn && { origin: passedOn.origin }) };
  const forwarded = !passedOn && random.chance(0.1) ? { ...body, forwarded: true } : body;
  const message = { kind: said.kind, body: isBodyWrong ? mutateValue(random, forwarded) : forwarded };
  return { sound, message, spokenBy: passedOn?.spokenBy ?? null };
}

/** Somebody's words, as they were left for another: with their signature over them, or with what only looks like it. */
function wildOrigin(random: Random, said: LeftMessage, isWrong: boolean): { origin: Origin; spokenBy: string | null } {
  const speaker = random.pick(CALLERS);
  const { sealer } = speaker;
  const mine = random.chance(0.5) ? { kind: "message.text", body: { text: "I said so" } } : said;
  const header = headerOf(random, { signer: speaker, message: isWrong ? mine : said, keyIndex: 1, to: ANA });
  const from = isWrong && random.chance(0.3) ? ANA : sealer.account;
  const written = isWrong && random.chance(0.4) ? mutateValue(random, { ...header, from }) : { ...header, from };
  const signed = writeWildCbor(random, written, isWrong ? 0.02 : 0);
  const genuine = sealer.signEnvelope(signed);
  const sig = isWrong && random.chance(0.5) ? wildSignature(random, speaker, signed).subarray(0, 64) : genuine;
  const cert = isWrong && random.chance(0.3) ? wildCertificate(random, speaker) : sealer.certificate;
  const { kind, body } = (written ?? {}) as { kind?: unknown; body?: unknown };
  const isSaid = isDeepStrictEqual({ kind, body }, said) && hashOf(signed, sig, genuine) !== "";
  return { origin: { signed, cert, sig }, spokenBy: isSaid ? sealer.account : null };
}

type HeaderOf = Readonly<{
  signer: FixedUnit;
  message: Readonly<{ kind: string; body: unknown }>;
  keyIndex: number;
  to?: string;
}>;

function headerOf(random: Random, { signer, message, keyIndex, to = OWNER }: HeaderOf) {
  const { id, hash } = BATCH.made.secrets[keyIndex] ?? { id: "", hash: new Uint8Array() };
  return {
    v: 2,
    from: signer.sealer.account,
    to,
    id: Buffer.from(random.bytes(16)).toString("hex"),
    at: NOON_MS,
    expires: NOON_MS + LIFETIME_MS["message.text"],
    kind: message.kind,
    body: message.body,
    key: { id: new Uint8Array(Buffer.from(id, "hex")), hash: new Uint8Array(hash) },
  };
}

function wildHeader(random: Random, { isWrong, ...asked }: HeaderOf & { isWrong: boolean }) {
  const header = headerOf(random, asked);
  if (!isWrong) return { signed: writeWildCbor(random, header, 0), isForKey: true };
  const odd = random.pick<object>([
    { from: random.pick(CALLERS).sealer.account },
    { to: random.pick(CALLERS).sealer.account },
    { key: headerOf(random, { ...asked, keyIndex: random.below(FALLBACK) }).key },
    { at: NOON_MS + random.pick([-3, -2, 2, 3, 31]) * DAY_MS },
    { expires: NOON_MS + random.pick([0, -1, 1, 31 * DAY_MS]) },
    { v: 1 },
  ]);
  const wild = random.chance(0.5) ? mutateValue(random, header) : { ...header, ...odd };
  const written = writeWildCbor(random, wild, random.chance(0.8) ? 0 : 0.03);
  const { key } = (wild ?? {}) as { key?: unknown };
  const isForKey = isDeepStrictEqual(key, header.key);
  return { signed: random.chance(0.15) ? mutateBytes(random, written) : written, isForKey };
}
