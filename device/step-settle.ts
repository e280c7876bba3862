import type { Effect } from "./events.ts";
import { asFirst } from "./house.ts";
import { judgeEntry } from "./judge-message.ts";
import type { Context, State } from "./state.ts";
import type { Step } from "./step-call.ts";
import { commitDeletion } from "./step-inbox.ts";
import { interrupt, isSame, listen, newestWaiting, record } from "./step-messages.ts";
import { converse } from "./step-voice.ts";
import * as say from "./voice/say.ts";

/** Runs after every step: what follows for messages from whatever has happened. */
export function settle(
  before: State,
  [after, effects]: Step,
  { inboxChanged }: { inboxChanged: boolean },
  context: Context,
): Step {
  let next = after;
  const first: Effect[] = [];
  const last: Effect[] = [];
  const run = (into: Effect[], [state, caused]: Step) => {
    next = state;
    into.push(...caused);
  };
  const isBookNew = next.book !== before.book;
  // Nothing plays into a call, and no ring into a recording: silence comes first.
  if (before.call.at === "idle" && next.call.at !== "idle") run(first, interrupt(next, context));
  if (isBookNew) run(first, turnAway(next, context));
  const own = asFirst(next, (firsts) => settleOwn(firsts, context));
  run(last, own);
  if (inboxChanged || isBookNew || !isSameOrNone(next.deleting, before.deleting)) {
    next = { ...next, waiting: newestWaiting(next, context) };
  }
  return [next, [...first, ...effects, ...last]];
}

/** What is deleted and recorded by voice is the first owner's, whatever happened to whom. */
function settleOwn(state: State, context: Context): Step {
  const [settled, removed] = isUndoable(state) ? [state, []] : commitDeletion(state);
  const [next, asked] = askAboutDraft(settled, context);
  return [next, [...removed, ...asked]];
}

/** A changed book is asked about what plays now: who was turned away falls silent at once. */
function turnAway(state: State, context: Context): Step {
  const { inbox, resident, listener } = state;
  if (resident !== listener.of || inbox.at === "idle" || inbox.current === null) return [state, []];
  const { current, pile } = inbox;
  const entry = context.inbox(resident).find((each) => isSame(each, current));
  const act = entry ? judgeEntry(entry, state.book, context.now(resident)).act : "drop";
  const isStillIn = act !== "drop" && (act === "hold") === (pile === "requests");
  return isStillIn ? [state, []] : listen(state, { type: "taken-away" }, context);
}

function isUndoable({ deleting, dialog }: State): boolean {
  return dialog.undo?.type === "delete" && isSame(dialog.undo.message, deleting);
}

function isSameOrNone(one: State["deleting"], other: State["deleting"]): boolean {
  return one === null ? other === null : isSame(one, other);
}

/** What was recorded is asked about as soon as nobody speaks and nothing else is asked. A call goes before it. */
function askAboutDraft(state: State, context: Context): Step {
  const { recorder, call, dialog, listening } = state;
  const draft = recorder.drafts.at(-1);
  if (!recorder.due || draft === undefined) return [state, []];
  if (call.at === "idle" && (listening || dialog.question !== null)) return [state, []];
  const [asked] = record(state, { type: "asked" });
  if (call.at === "idle") return converse(asked, { type: "draft-waits" }, "voice", context);
  const name = state.book?.people.find(({ id }) => id === draft.person)?.name ?? "";
  return [asked, [{ type: "say", sentence: say.messageKept(name) }]];
}
