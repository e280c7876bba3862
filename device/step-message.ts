import type { Effect, Event, OutsideEffect } from "./events.ts";
import type { Verdict } from "./gate/decide.ts";
import { lookup } from "./gate/lookup.ts";
import type { Pass } from "./gate/pass.ts";
import { judge } from "./house.ts";
import { requestOfParcel } from "./judge-message.ts";
import { type Context, FIRST, type State } from "./state.ts";
import type { OutsideStep, Step } from "./step-call.ts";
import { messageNotDelivered } from "./voice/say.ts";
import type { Parcel } from "./wire/parcel.ts";

type Arrival = Extract<Event, { type: "message-part" }>;
type KeptEvent = Extract<Event, { type: "message-kept" }>;
type Line = Extract<Effect, { type: "journal" }>["line"];

/** So many messages are remembered of which a part was dropped. */
const MAX_DROPPED = 256;

/** A part of a message came: the gate decides on the first and on each other, and only then does anything look at it. */
export function arriveMessage(state: State, arrival: Arrival, context: Context): OutsideStep {
  const { parcel, receipt } = arrival;
  const verdict = judge(state, requestOfParcel(arrival), context.now(state.resident));
  const pass = verdict.act === "drop" ? verdict.evidence : verdict.pass;
  const name = nameOf(parcel);
  // Of a message whose other part was dropped, the rest is of no use, whatever the book says by now.
  if (!pass || (verdict.act !== "drop" && state.dropped.includes(name))) return dropped(state, arrival, verdict);
  return [state, [keeping(parcel, pass, receipt, verdict)]];
}

function keeping(parcel: Parcel, pass: Pass, receipt: number | null, { act, because }: Verdict): OutsideEffect {
  return { type: "keep-message", pass, id: parcel.envelope.id, parcel, receipt, act, because };
}

function dropped(state: State, { parcel, receipt }: Arrival, verdict: Verdict): OutsideStep {
  const settle: OutsideEffect = { type: "settle", receipt };
  // The hub delivers again what it has no settlement of: that is no news. Nor is another part of the same message.
  const name = nameOf(parcel);
  if (verdict.because === "replayed" || state.dropped.includes(name)) return [state, [settle]];
  const { from, message } = parcel.envelope;
  const next = { ...state, dropped: [...state.dropped, name].slice(-MAX_DROPPED) };
  return [next, [settle, journal(state, { ...verdict, from, detail: message.kind })]];
}

/** Nothing was opened: the gate would drop whatever this sender leaves. */
export function turnAway(state: State, event: Extract<Event, { type: "message-turned-away" }>): OutsideStep {
  const { from, because, receipt } = event;
  const line = journal(state, { act: "drop", because, from, detail: "message" });
  return [state, [{ type: "settle", receipt }, line]];
}

/** What became of a part that the gate let be kept. */
export function onKept(state: State, { kept, pass, id, from, act, because, detail }: KeptEvent): OutsideStep {
  switch (kept) {
    case "waiting-for-parts":
    case "again":
      return [state, []];
    case "kept":
      return [{ ...state, toldNotSaved: false }, [journal(state, { act, because, from, detail })]];
    case "no-room":
    case "spoiled":
      return [state, [journal(state, { act: "drop", because: kept, from, detail })]];
    case "not-saved": {
      // Once, and not in quiet hours: the hub delivers it again.
      if (state.toldNotSaved || act !== "admit") return [state, []];
      return [{ ...state, toldNotSaved: true }, [{ type: "tell-not-saved", pass, id }]];
    }
  }
}

/**
 * What the owner sent never left: no pass stands behind that, for nobody outside had a part in it. Whoever is blocked by
 * now is not named; to whom another owner writes is for their journal.
 */
export function onLost(state: State, { to }: Extract<Event, { type: "message-lost" }>): Step {
  if (state.resident !== FIRST) {
    return [state, [{ type: "journal", line: { what: "message", account: to, detail: "not delivered" } }]];
  }
  const known = state.book && lookup(state.book);
  const name = (known?.blocked(to) ? null : known?.person(to)?.name) ?? null;
  return [state, [{ type: "say", sentence: messageNotDelivered(name) }]];
}

function nameOf({ envelope: { from, hash } }: Parcel): string {
  return `${from} ${hash}`;
}

type Told = Readonly<{ act: string; because: string; from: string; detail: string }>;

function journal({ book }: State, { act, because, from, detail }: Told): OutsideEffect {
  const person = book ? lookup(book).person(from)?.id : undefined;
  const line: Line = { what: "verdict", account: from, person, act, because, by: "gate", detail };
  return { type: "journal", line };
}
