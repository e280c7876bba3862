import { step as stepCall } from "./call/call.ts";
import { heedOutside } from "./call/outside.ts";
import type { CallEffect, CallEvent, CallStep, OutsideCallEvent, SilentCallEffect } from "./call/states.ts";
import type { Effect, OutsideEffect } from "./events.ts";
import { asOwner, isElsewhere, ownCall } from "./house.ts";
import { FIRST, type State } from "./state.ts";

export type Step<E extends Effect = Effect> = readonly [State, readonly E[]];
/** By its type: nothing that reaches the owner without a pass. */
export type OutsideStep = Step<OutsideEffect>;

/** The lights stand for so many missed calls; the list of calls keeps them all. */
const MAX_MISSED = 8;

/** The same for whoever has the line: what the button, a voice or the legs do is about the one call that there is. */
export function lineStep(state: State, event: OwnCallEvent): Step {
  return asOwner(state, state.call.at === "idle" ? state.resident : state.lineOf, (theirs) => callStep(theirs, event));
}

type OwnCallEvent = Exclude<CallEvent, OutsideCallEvent>;

/** Runs the call and keeps what the rest of the state knows of it in step. Only whoever has the line can change it. */
export function callStep(state: State, event: OwnCallEvent): Step {
  return isElsewhere(state) ? [state, []] : follow(state, stepCall(state.call, event));
}

/** What came from outside, through the gate. */
export function outsideStep(state: State, event: OutsideCallEvent): OutsideStep {
  if (event.type === "offered") return offerStep(state, event);
  return isElsewhere(state) ? [state, []] : follow(state, heedOutside(state.call, event));
}

/** The unit has one line: to whoever calls another owner meanwhile it is busy, which nobody tells them. */
function offerStep(state: State, event: Extract<OutsideCallEvent, { type: "offered" }>): OutsideStep {
  const { id, pass, peer } = event.incoming;
  if (isElsewhere(state) || (peer === state.ignored && state.call.at === "idle"))
    return withMissed(state, { type: "list-guest", pass, id, peer, kind: "missed" });
  return follow(state, heedOutside(state.call, event));
}

function follow<E extends CallEffect>(state: State, [call, effects]: CallStep<E>): Step<E | SilentCallEffect> {
  let next: State = { ...state, call, lineOf: call === state.call ? state.lineOf : state.resident };
  const more: (E | SilentCallEffect)[] = [];
  for (const effect of effects) {
    more.push(effect);
    if (effect.type === "ring") next = ringing(next, effect.peer);
    if (effect.type === "list-own") next = { ...next, unanswered: null, lastCalled: effect.peer };
    if (effect.type === "tell" && effect.what === "no-answer") next = { ...next, unanswered: effect.peer };
    if (effect.type !== "list-guest") continue;
    [next] = withMissed({ ...next, lastCaller: effect.peer }, effect);
    if (effect.kind !== "declined") continue;
    next = { ...next, ignored: effect.peer };
    more.push({ type: "start-timer", name: "ignored" });
  }
  return [withoutFallen(next), more];
}

/** An undo is for what was just said: nobody from outside shall put a ring under that press. */
function ringing(state: State, peer: string): State {
  const others = state.others.map((other) => ({ ...other, dialog: { ...other.dialog, undo: null } }));
  const rang = { of: state.resident, peer };
  return { ...state, lastCaller: peer, rang, dialog: { ...state.dialog, undo: null }, others };
}

type Listing = Extract<OutsideEffect, { type: "list-guest" }>;

/** A call that the gate lets be listed; a missed one shows until the owner asks. */
export function withMissed(state: State, listing: Listing): OutsideStep {
  const { id, pass, kind, peer } = listing;
  const missed = kind === "missed" ? [...state.missed, { id, pass }].slice(-MAX_MISSED) : state.missed;
  // Of what another owner missed, nothing was heard in the room.
  const rang = state.resident === FIRST ? { of: FIRST, peer } : state.rang;
  return [withoutFallen({ ...state, missed, lastCaller: peer, rang }), [listing]];
}

/** Forgets the requests whose passes nothing stands on any more. */
function withoutFallen(state: State): State {
  const { missed } = state;
  const call = ownCall(state);
  const alive = new Set(missed.map(({ id }) => id));
  if (call.at === "ringing") alive.add(call.incoming.id);
  else if (call.at === "calling") alive.add(call.rival?.id ?? "");
  else if (call.at !== "idle") alive.add(call.id);
  if ([...state.standing.keys()].every((id) => alive.has(id))) return state;
  return { ...state, standing: new Map([...state.standing].filter(([id]) => alive.has(id))) };
}
