import { step as stepCall } from "./call/call.ts";
import type { CallEvent } from "./call/states.ts";
import type { Effect } from "./events.ts";
import type { State } from "./state.ts";

export type Step = readonly [State, readonly Effect[]];

/** Runs the call and keeps what the rest of the state knows of it in step. */
export function callStep(state: State, event: CallEvent): Step {
  const [call, effects] = stepCall(state.call, event);
  let { missed, lastCaller } = state;
  for (const effect of effects) {
    if (effect.type === "ring") lastCaller = effect.peer;
    if (effect.type !== "list-guest") continue;
    lastCaller = effect.peer;
    if (effect.kind === "missed") missed = { id: effect.id, pass: effect.pass };
  }
  return [withoutFallen({ ...state, call, missed, lastCaller }), effects];
}

/** Forgets the requests whose passes nothing stands on any more. */
function withoutFallen(state: State): State {
  const { call, missed } = state;
  const alive = new Set<string>();
  if (missed) alive.add(missed.id);
  if (call.at === "ringing") alive.add(call.incoming.id);
  else if (call.at === "calling") alive.add(call.rival?.id ?? "");
  else if (call.at !== "idle") alive.add(call.id);
  if ([...state.standing.keys()].every((id) => alive.has(id))) return state;
  return { ...state, standing: new Map([...state.standing].filter(([id]) => alive.has(id))) };
}
