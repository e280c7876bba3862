import type { Call } from "#device/call/states.ts";
import type { Effect } from "#device/events.ts";
import { decide } from "#device/gate/decide.ts";
import { type Context, firstState, type State } from "#device/state.ts";
import { step } from "#device/step.ts";
import { type Envelope, isFresh, readContent } from "#device/wire/envelope.ts";
import { ANA, BOOK, NOON_MS, OWNER } from "../cast.ts";
import { type Content, wildContent } from "../content.ts";
import { OFFER } from "../grammar.ts";
import type { Random } from "../random.ts";
import { broken, stateless, type Target } from "../target.ts";

export const CONTEXT: Context = {
  unheard: () => [],
  inbox: () => [],
  now: () => ({ atMs: NOON_MS, clockTrusted: true }),
  journal: () => [],
  pin: () => ({ at: "none" }),
};
const HASH = "ab".repeat(32);

/** What may go on when an envelope comes. */
const CALLS: readonly Call[] = [
  { at: "idle" },
  { at: "calling", id: OFFER, peer: ANA, hash: HASH, rival: null },
  ringing(),
];

function ringing(): Call {
  const request = {
    envelope: OFFER,
    kind: "call",
    from: ANA,
    to: OWNER,
    signature: "valid",
    replayed: false,
    fresh: true,
  } as const;
  const verdict = decide(request, BOOK, CONTEXT.now(0));
  if (verdict.act !== "admit") throw new Error("the gate should let Ana ring");
  return {
    at: "ringing",
    incoming: { id: OFFER, peer: ANA, hash: HASH, side: { sdp: "v=0", fingerprint: "" }, pass: verdict.pass },
  };
}

const STATES: readonly State[] = CALLS.map((call) => ({ ...firstState(BOOK, false, null), call }));

/** Bytes from inside a seal, to what the whole brain makes of them. */
export const envelope: Target = {
  name: "envelope",
  meets: ["bad content", "bad times", "bad message", "drop invalid", "drop valid", "hold valid", "admit valid"],
  open: stateless((random) => {
    const content = wildContent(random);
    const highestSeq = (account: string) => (account === ANA ? 1 : undefined);
    const opened = readContent(content.plain, { nowMs: NOON_MS, highestSeq });
    if (!opened.ok) return opened.reason;
    const [act, effects] = arrive(random, opened.envelope);
    assertOnlyTheSigner(content, opened.envelope, act, effects);
    return `${act} ${opened.envelope.signature}`;
  }),
};

function arrive(random: Random, opened: Envelope): [act: string, effects: readonly Effect[]] {
  const event = { type: "envelope", envelope: opened, replayed: false, fresh: isFresh(opened, NOON_MS) } as const;
  const [, effects] = step(random.pick(STATES), event, CONTEXT);
  for (const effect of effects) if (effect.type === "journal") return [effect.line.act ?? "none", effects];
  return broken("an envelope without a line in the journal");
}

/** Whoever gets anything is who signed just these bytes; whoever is let in has the grant. */
export function assertOnlyTheSigner(
  { signer, hash }: Pick<Content, "signer" | "hash">,
  opened: Pick<Envelope, "from" | "hash" | "to">,
  act: string,
  effects: readonly Pick<Effect, "type">[],
): void {
  const guests = effects.filter((effect) => "pass" in effect);
  if (act === "drop" && guests.length > 0) broken("something was dropped, and yet did something");
  if (act === "drop") return;
  if (opened.hash !== hash || opened.from !== signer.sealer.account) broken(`${act} for what nobody signed`);
  if (opened.to !== OWNER) broken(`${act} for what was addressed to another`);
  const isList = act === "hold" && guests.every(({ type }) => type === "list-request" || type === "keep-message");
  if (opened.from !== ANA && !isList) broken(`${act} for somebody without a grant`);
}
