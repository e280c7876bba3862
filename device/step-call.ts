import { step as stepCall } from "./call/call.ts";
import { heedOutside } from "./call/outside.ts";
import type { CallEffect, CallEvent, CallStep, OutsideCallEvent, SilentCallEffect } from "./call/states.ts";
import type { Effect, OutsideEffect } from "./events.ts";
import type { State } from "./state.ts";

export type Step<E extends Effect = Effect> = readonly [State, readonly E[]];
/** By its type: nothing that reaches the owner without a pass. */
export type OutsideStep = Step<OutsideEffect>;

/** The lights stand for so many missed calls; the list of calls keeps them all. */
const MAX_MISSED = 8;

/** Runs the call and keeps what the rest of the state knows of it in step. */
export function callStep(state: State, event: Exclude<CallEvent, OutsideCallEvent>): Step {
  return follow(state, stepCall(state.call, event));
}

/** What came from outside, through the gate. */
export function outsideStep(state: State, event: OutsideCallEvent): OutsideStep {
  return event.type === "offered" ? offerStep(state, event) : follow(state, heedOutside(state.call, event));
}

function offerStep(state: State, event: Extract<OutsideCallEvent, { type: "offered" }>): OutsideStep {
  const { id, pass, peer } = event.incoming;
  if (peer === state.ignored && state.call.at === "idle")
    return withMissed(state, { type: "list-guest", pass, id, peer, kind: "missed" });
  return follow(state, heedOutside(state.call, event));
}

function follow<E extends CallEffect>(state: State, [call, effects]: CallStep<E>): Step<E | SilentCallEffect> {
  let next: State = { ...state, call };
  const more: (E | SilentCallEffect)[] = [];
  for (const effect of effects) {
    more.push(effect);
    // An undo is for what the owner just said: nobody from outside shall put a ring under that press.
    if (effect.type === "ring") next = { ...next, lastCaller: effect.peer, dialog: { ...next.dialog, undo: null } };
    if (effect.type === "list-own") next = { ...next, unanswered: null };
    if (effect.type === "tell" && effect.what === "no-answer") next = { ...next, unanswered: effect.peer };
    if (effect.type !== "list-guest") continue;
    [next] = withMissed({ ...next, lastCaller: effect.peer }, effect);
    if (effect.kind !== "declined") continue;
    next = { ...next, ignored: effect.peer };
    more.push({ type: "start-timer", name: "ignored" });
  }
  return [withoutFallen(next), more];
}

type Listing = Extract<OutsideEffect, { type: "list-guest" }>;

/** A call that the gate lets be listed; a missed one shows until the owner asks. */
export function withMissed(state: State, listing: Listing): OutsideStep {
  const { id, pass, kind, peer } = listing;
  const missed = kind === "missed" ? [...state.missed, { id, pass }].slice(-MAX_MISSED) : state.missed;
  return [withoutFallen({ ...state, missed, lastCaller: peer }), [listing]];
}

/** Forgets the requests whose passes nothing stands on any more. */
function withoutFallen(state: State): State {
  const { call, missed } = state;
  const alive = new Set(missed.map(({ id }) => id));
  if (call.at === "ringing") alive.add(call.incoming.id);
  else if (call.at === "calling") alive.add(call.rival?.id ?? "");
  else if (call.at !== "idle") alive.add(call.id);
  if ([...state.standing.keys()].every((id) => alive.has(id))) return state;
  return { ...state, standing: new Map([...state.standing].filter(([id]) => alive.has(id))) };
}
