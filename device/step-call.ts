import { step as stepCall } from "./call/call.ts";
import type { CallEvent } from "./call/states.ts";
import type { Effect } from "./events.ts";
import type { State } from "./state.ts";

export type Step = readonly [State, readonly Effect[]];

/** The lights stand for so many missed calls; the list of calls keeps them all. */
const MAX_MISSED = 8;

/** Runs the call and keeps what the rest of the state knows of it in step. */
export function callStep(state: State, event: CallEvent): Step {
  if (event.type === "offered" && event.incoming.peer === state.ignored && state.call.at === "idle") {
    const { id, pass, peer } = event.incoming;
    return withMissed(state, { type: "list-guest", pass, id, peer, kind: "missed" });
  }
  const [call, effects] = stepCall(state.call, event);
  let next: State = { ...state, call };
  const more: Effect[] = [];
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

type Listing = Extract<Effect, { type: "list-guest" }>;

/** A call that the gate lets be listed; a missed one shows until the owner asks. */
export function withMissed(state: State, listing: Listing): Step {
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
