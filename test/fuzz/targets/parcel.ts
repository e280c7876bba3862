import { firstState, type State } from "#device/state.ts";
import { step } from "#device/step.ts";
import { isFresh } from "#device/wire/envelope.ts";
import { type Parcel, readParcel } from "#device/wire/parcel.ts";
import { ANA, BOOK, NOON_MS, zed } from "../cast.ts";
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
    const highestSeq = (account: string) => (account === ANA ? 1 : undefined);
    const sender = random.chance(0.05) ? ANA : content.signer.sealer.account;
    const opened = readParcel(content.plain, { sender, keyId, secret, nowMs: NOON_MS, highestSeq });
    if (!opened.ok) return opened.reason;
    if (opened.parcel.envelope.from !== sender) broken("a parcel that came by another's hand");
    const state = random.pick(STATES);
    const fresh = isFresh(opened.parcel.envelope, NOON_MS);
    const event = { type: "message-part", parcel: opened.parcel, replayed: false, fresh, receipt: null } as const;
    const [, effects] = step(state, event, CONTEXT);
    const kept = effects.find((effect) => effect.type === "keep-message");
    const act = kept?.act ?? "drop";
    assertOnlyTheSigner(content, opened.parcel.envelope, act, effects);
    if (kept && kept.pass.act !== (act === "hold" ? "request" : "message")) broken(`${act} by ${kept.pass.act}`);
    if (act !== "drop") assertSpeaker(content, opened.parcel, state.book?.unverifiedOrigin === "admit");
    return `${act} ${opened.parcel.envelope.signature}`;
  }),
};

/** What is passed on stands under the name of whoever signed it first, or under none; and what zed said is dropped. */
export function assertSpeaker({ spokenBy }: ParcelContent, { origin }: Parcel, isUnverifiedTaken: boolean): void {
  if (origin === null) return;
  if (origin.account !== null && origin.account !== spokenBy)
    broken("words under the name of somebody who never signed");
  if (origin.account === zed.sealer.account) broken("the words of somebody who is blocked");
  if (origin.account === null && !isUnverifiedTaken) broken("words of nobody knows whom");
}
