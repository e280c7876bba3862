import type { Event } from "./events.ts";
import { lookup } from "./gate/lookup.ts";
import type { MessageRef, Pile } from "./inbox/states.ts";
import type { Context, State } from "./state.ts";
import type { Step } from "./step-call.ts";
import { accountsOf, admitted, listen, noted, record } from "./step-messages.ts";
import * as say from "./voice/say.ts";
import type { MessageOrder } from "./voice/states.ts";

/** Does what the owner wants done with messages, theirs and others'. */
export function obeyOnMessages(state: State, order: MessageOrder, context: Context): Step {
  switch (order.type) {
    case "record":
      return record(state, { type: "record", person: order.person, to: order.to });
    case "play-draft":
      return record(state, { type: "play", draft: order.draft });
    case "discard-draft":
      return record(state, { type: "discard", draft: order.draft });
    case "discard-recording": {
      const draft = state.recorder.current ?? state.recorder.drafts.at(-1);
      return draft ? record(state, { type: "discard", draft: draft.id }) : [state, []];
    }
    case "send-draft": {
      const draft = state.recorder.drafts.find(({ id }) => id === order.draft);
      return [state, draft ? [{ type: "send-draft", draft }] : []];
    }
    case "count-messages":
      return [state, [{ type: "say", sentence: countMessages(state, context) }]];
    case "count-requests":
      return [state, [{ type: "say", sentence: countRequests(state, context) }]];
    case "play-messages":
      return playMessages(state, order.from, context);
    case "play-requests":
      return playThese(state, "requests", refsOf(admitted(state, "requests", context)), say.noRequests(), context);
    case "next":
    case "repeat":
    case "stop":
      return listen(state, order, context);
    case "save":
    case "evidence":
    case "delete":
    case "undo-delete":
      return dealWith(state, order.type, order.message, context);
    case "delete-all":
      return deleteAll(state, order.from, context);
  }
}

type Admitted = ReturnType<typeof admitted>;

function refsOf(some: Admitted): readonly MessageRef[] {
  return some.map(({ entry: { id, from } }) => ({ id, from }));
}

function newOnes(state: State, pile: Pile, context: Context): Admitted {
  return admitted(state, pile, context).filter(({ entry }) => entry.standing === "new");
}

function playMessages(state: State, person: string | null, context: Context): Step {
  if (person === null) {
    return playThese(state, "messages", refsOf(newOnes(state, "messages", context)), say.noNewMessages(), context);
  }
  const accounts = accountsOf(person, state.book);
  const theirs = admitted(state, "messages", context).filter(({ entry }) => accounts.includes(entry.from));
  const name = state.book?.people.find(({ id }) => id === person)?.name ?? "";
  return playThese(state, "messages", refsOf(theirs), say.noMessagesFrom(name), context);
}

function playThese(
  state: State,
  pile: Pile,
  messages: readonly MessageRef[],
  otherwise: say.Sentence,
  context: Context,
): Step {
  if (messages.length === 0) return [state, [{ type: "say", sentence: otherwise }]];
  return listen(state, { type: "asked", pile, messages }, context);
}

function countMessages(state: State, context: Context): say.Sentence {
  if (state.book?.calling === "off") return say.messagesAreOff();
  const some = newOnes(state, "messages", context);
  const names = namesOf(state, some).map((name) => name ?? "");
  return some.length === 0 ? say.noNewMessages() : say.newMessages(names, some.length);
}

function countRequests(state: State, context: Context): say.Sentence {
  if (state.book?.calling === "off") return say.messagesAreOff();
  const some = admitted(state, "requests", context);
  return some.length === 0 ? say.noRequests() : say.requestsWait(namesOf(state, some), some.length);
}

/** Each once, in the order in which they first wrote. */
function namesOf({ book }: State, some: Admitted): readonly (string | null)[] {
  return [...new Set(some.map(({ entry }) => (book && lookup(book).person(entry.from)?.name) ?? null))];
}

function dealWith(
  state: State,
  what: "save" | "evidence" | "delete" | "undo-delete",
  message: MessageRef,
  context: Context,
): Step {
  switch (what) {
    case "save":
      return [state, [{ type: "save-message", message }]];
    case "evidence": {
      const [next, effects] = listen(state, { type: "taken-away" }, context);
      return [next, [...effects, { type: "keep-as-evidence", message }]];
    }
    case "delete": {
      const [committed, removed] = commitDeletion(state);
      const [next, effects] = listen({ ...committed, deleting: message }, { type: "taken-away" }, context);
      return [next, [...effects, ...removed]];
    }
    case "undo-delete":
      return listen({ ...state, deleting: null }, { type: "brought-back", message }, context);
  }
}

/** Not what the owner saved, nor what is evidence, nor what the gate keeps out of sight. */
function deleteAll(state: State, person: string, context: Context): Step {
  const accounts = accountsOf(person, state.book);
  const messages = refsOf(
    admitted(state, "messages", context).filter(
      ({ entry }) => accounts.includes(entry.from) && entry.standing !== "saved",
    ),
  );
  const [next, effects] = listen(state, { type: "taken-away" }, context);
  return [next, [...effects, { type: "remove-messages", messages, aloud: true }]];
}

/** What was deleted cannot be brought back any more. */
export function commitDeletion(state: State): Step {
  const { deleting } = state;
  if (deleting === null) return [state, []];
  return [{ ...state, deleting: null }, [{ type: "remove-messages", messages: [deleting], aloud: false }]];
}

type DealtWith = Extract<Event, { type: "messages-dealt-with" }>;

/** What the owner wanted done is told, and noted, as far as it was done. */
export function onDealtWith(state: State, { what, done, refused, aloud }: DealtWith): Step {
  const senders = what === "saved" ? [] : [...new Set(done.map(({ from }) => from))];
  const lines = senders.map((from) => noted(state, { id: "", from }, what === "evidence" ? "evidence" : "deleted"));
  const sentence = refused ? refusalOf(what) : aloud ? toTell(what, done.length) : null;
  return [state, [...lines, ...(sentence === null ? [] : [{ type: "say", sentence } as const])]];
}

function refusalOf(what: DealtWith["what"]): say.Sentence {
  return what === "deleted" ? say.couldNotDelete() : say.couldNotSave();
}

function toTell(what: DealtWith["what"], count: number): say.Sentence {
  switch (what) {
    case "saved":
      return say.messageSaved();
    case "evidence":
      return say.savedAsEvidence();
    case "deleted":
      return say.messagesDeleted(count);
  }
}
