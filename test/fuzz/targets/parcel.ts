import { firstState, type State } from "#device/state.ts";
import { step } from "#device/step.ts";
import { isFresh } from "#device/wire/envelope.ts";
import { PART_BYTES } from "#device/wire/messages.ts";
import { type Parcel, readParcel } from "#device/wire/parcel.ts";
import { ANA, ana, BOOK, NOON_MS, zed } from "../cast.ts";
import { BATCH, type ParcelContent, wildParcelContent } from "../parcel-content.ts";
import { broken, stateless, type Target } from "../target.ts";
import { assertOnlyTheSigner, CONTEXT } from "./envelope.ts";

const STATES: readonly State[] = (["drop", "admit"] as const).map((unverifiedOrigin) =>
  firstState({ ...BOOK, unverifiedOrigin }, false, null),
);

/** Bytes from inside a seal to a day key, to what the whole brain makes of them. */
export const parcel: Target = {
  name: "parcel",
  meets: [
    "bad content",
    "bad message",
    "bad times",
    "wrong key",
    "wrong sender",
    "bad part",
    "bad origin",
    "drop invalid",
    "drop valid",
    "hold valid",
    "admit valid",
  ],
  open: stateless((random) => {
    const content = wildParcelContent(random);
    const { id: keyId = "" } = BATCH.made.secrets[content.keyIndex] ?? {};
    const secret = BATCH.secretOf(keyId) ?? broken("there is no such key");
    const anasSeq = random.chance(0.2) ? 2 : 1;
    const highestSeq = (account: string) => (account === ANA ? anasSeq : undefined);
    const sender = random.chance(0.05) ? ANA : content.signer.sealer.account;
    const opened = readParcel(content.plain, { sender, keyId, secret, nowMs: NOON_MS, highestSeq });
    if (!opened.ok) return opened.reason;
    assertWhole(content, opened.parcel, sender);
    const state = random.pick(STATES);
    const fresh = isFresh(opened.parcel.envelope, NOON_MS);
    const event = { type: "message-part", parcel: opened.parcel, replayed: false, fresh, receipt: null } as const;
    const [, effects] = step(state, event, CONTEXT);
    const kept = effects.find((effect) => effect.type === "keep-message");
    const act = kept?.act ?? "drop";
    assertOnlyTheSigner(content, opened.parcel.envelope, act, effects);
    if (kept && kept.pass.act !== (act === "hold" ? "request" : "message")) broken(`${act} by ${kept.pass.act}`);
    if (act === "drop") return `drop ${opened.parcel.envelope.signature}`;
    if (sender === ANA && opened.parcel.envelope.certSeq < anasSeq) broken("a message by a unit that was revoked");
    assertSpeaker(content, opened.parcel, anasSeq, state.book?.unverifiedOrigin === "admit");
    return `${act} ${opened.parcel.envelope.signature}`;
  }),
};

const MONTH_MS = 30 * 86_400_000;

/** By whoever it says it came by, to this key, in its time; and of as much sound as it says. */
function assertWhole({ hash, isForKey }: ParcelContent, { envelope, part, data }: Parcel, sender: string): void {
  const { from, atMs, expiresMs, message } = envelope;
  if (from !== sender) broken("a parcel that came by another's hand");
  if (envelope.hash === hash && !isForKey) broken("a parcel that was sealed to another key");
  if (expiresMs <= atMs || expiresMs > atMs + MONTH_MS || Math.abs(atMs - NOON_MS) > 3 * 86_400_000)
    broken("its times");
  const bytes = message.kind === "message.voice" ? message.body.bytes : 0;
  const expected = Math.max(0, Math.min(PART_BYTES, bytes - part * PART_BYTES));
  if (data.length !== expected || (part > 0 && expected === 0)) broken("a part of another size");
}

/** What is passed on stands under the name of whoever signed it first, or under none; and what zed said is dropped. */
function assertSpeaker(
  { spokenBy }: ParcelContent,
  { origin, envelope }: Parcel,
  anasSeq: number,
  isUnverifiedTaken: boolean,
): void {
  const signed = envelope.message.body.origin;
  if (signed && spokenBy === null) broken("words that nobody signed, as if they were passed on");
  if (origin === null) return;
  if (origin.account !== null && origin.account !== spokenBy)
    broken("words under the name of somebody who never signed");
  if (origin.account === zed.sealer.account) broken("the words of somebody who is blocked");
  if (origin.account === null && !isUnverifiedTaken) broken("words of nobody knows whom");
  const isRevoked = anasSeq > 1 && signed !== undefined && isGenuine(signed.cert);
  if (origin.account === ANA && isRevoked) broken("words under the name of a unit that was revoked");
}

/** Ana's, which is her first. */
function isGenuine(certificate: Uint8Array): boolean {
  return Buffer.compare(certificate, ana.sealer.certificate) === 0;
}
