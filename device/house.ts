import type { Call } from "./call/states.ts";
import type { Effect } from "./events.ts";
import type { Book } from "./gate/book.ts";
import { decide, inHouse, type Now, type Request, type Verdict } from "./gate/decide.ts";
import { FIRST, type Resident, type ResidentId, type State } from "./state.ts";
import type { Step } from "./step-call.ts";
import { quiet } from "./voice/outputs.ts";

/** The same, as another of the owners sees it. An owner that there is not sees what was seen. */
export function turnTo(state: State, to: ResidentId): State {
  if (to === state.resident) return state;
  const other = state.others.find(({ resident }) => resident === to);
  if (other === undefined) return state;
  return { ...state, ...other, others: [residentOf(state), ...state.others.filter((each) => each !== other)] };
}

/** Takes a step as another of the owners, and hands it back to the one in front: its effects say whose they are. */
export function asOwner(state: State, of: ResidentId, take: (theirs: State) => Step): Step {
  if (of === state.resident) return take(state);
  const theirs = turnTo(state, of);
  if (theirs === state) return [state, []];
  const [next, effects] = take(theirs);
  return [turnTo(next, state.resident), effects.map((effect): Effect => ({ resident: of, ...effect }))];
}

/** What is spoken to the unit, recorded, deleted or played back for it, is the first owner's. */
export function asFirst(state: State, take: (firsts: State) => Step): Step {
  return asOwner(state, FIRST, take);
}

export function everybody(state: State): readonly Resident[] {
  return [state, ...state.others];
}

/** Does what the dialog of one of them is left with end what the others' left open? It does: there is one voice. */
export function alone(state: State): State {
  if (!isOpen(state.dialog)) return state;
  if (state.others.every(({ dialog }) => dialog === quiet)) return state;
  return { ...state, others: state.others.map((other) => ({ ...other, dialog: quiet })) };
}

function isOpen({ question, undo, wish }: State["dialog"]): boolean {
  return question !== null || undo !== null || wish !== null;
}

/** Whose dialog waits for a word or a press; the first owner's where none does. */
export function whoseDialog(state: State): Resident {
  const open = everybody(state).find(({ dialog }) => isOpen(dialog));
  return open ?? turnTo(state, FIRST);
}

/** The call as far as it is theirs: of another owner's they know nothing. */
export function ownCall(state: State): Call {
  return isElsewhere(state) ? { at: "idle" } : state.call;
}

/** Does another owner use the unit's one line? */
export function isElsewhere({ call, lineOf, resident }: State): boolean {
  return call.at !== "idle" && lineOf !== resident;
}

/** The gate, under the book of whoever is in front, with what the others' books may say. One that cannot be read says nothing. */
export function judge(state: State, request: Request, now: Now): Verdict {
  const { book, others } = state;
  const verdict = decide(request, book, now);
  if (book === null || others.length === 0) return verdict;
  const books = others.flatMap((other): Book[] => (other.book === null ? [] : [other.book]));
  return inHouse(verdict, request, book, books, now);
}

function residentOf(state: State): Resident {
  const { resident, book, dialog, standing, missed, waiting, deleting } = state;
  const { lastCaller, unanswered, ignored, dropped, toldNotSaved, restored } = state;
  const { lastCalled, loosened } = state;
  const heard = { lastCaller, lastCalled, loosened, unanswered, ignored, dropped, toldNotSaved, restored };
  return { resident, book, dialog, standing, missed, waiting, deleting, ...heard };
}
