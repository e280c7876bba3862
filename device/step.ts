import type { Report } from "#audio/protocol.ts";
import { type Shown, sceneFor } from "./call/lights.ts";
import type { Effect, Event, OutsideEvent, TimerName } from "./events.ts";
import type { AccountId } from "./gate/book.ts";
import { lookup } from "./gate/lookup.ts";
import { asOwner, everybody, judge, ownCall, whoseDialog } from "./house.ts";
import { isLooser } from "./looser.ts";
import { type Context, FIRST, type State, spokenTo } from "./state.ts";
import { onButton } from "./step-button.ts";
import { callStep, lineStep, type OutsideStep, type Step, withMissed } from "./step-call.ts";
import { arrive } from "./step-envelope.ts";
import { onDealtWith } from "./step-inbox.ts";
import { arriveMessage, onKept, onLost, turnAway } from "./step-message.ts";
import { interrupt, listen, onMessageReport, playAsked, record } from "./step-messages.ts";
import { settle } from "./step-settle.ts";
import { converse, hear, obey } from "./step-voice.ts";
import { quiet } from "./voice/outputs.ts";
import { withoutWish } from "./voice/pin.ts";
import { couldNotSave, notSaved, teaching, wordTaught } from "./voice/say.ts";

/** Event → next state and what is to be done. Pure: no clock, no I/O, no throw. */
export function step(state: State, event: Event, context: Context): Step {
  return settle(
    state,
    stepOn(state, event, context),
    { inboxChanged: event.type === "inbox-changed" || event.type === "message-kept" },
    context,
  );
}

function stepOn(state: State, event: Event, context: Context): Step {
  switch (event.type) {
    case "envelope":
    case "message-part":
    case "message-turned-away":
    case "message-kept":
      return stepFromOutside(state, event, context);
    case "message-lost":
      return onLost(state, event);
    case "report":
      return onReport(state, event.report, context);
    case "ears-died":
      return onEarsDied(state, context);
    case "ears-health":
      return [{ ...state, earsFail: event.failing }, []];
    case "button":
      return onButton(state, event.change, context);
    case "mute":
      return onMute(state, event.engaged, context);
    case "timer":
      return onTimer(state, event.name, context);
    case "owner":
      return callStep(state, { type: event.order === "answer" ? "answered" : "hung-up" });
    case "placed":
      return mayCall(state, event.peer) ? callStep(state, event) : [state, []];
    case "offer-sealed":
    case "renewal-sealed":
      return callStep(state, event);
    case "offer-lost":
      return callStep(state, { type: "leg-failed", id: event.id });
    case "book-changed":
      return onBook(state, event);
    case "book-saved":
      return onSaved(state, event, context);
    case "book-refused":
      // What was not done cannot be undone later.
      return [{ ...state, dialog: quiet }, [{ type: "say", sentence: couldNotSave() }]];
    case "pin-checked":
      return converse(state, event, "button", context);
    case "pin-set":
      return onPinSet(state, event.looser);
    case "calls-heard-of":
      return [{ ...state, missed: [] }, [{ type: "mark-heard" }]];
    case "voice-set":
      return [{ ...state, voice: event.voice }, [{ type: "set-voice", voice: event.voice, keep: true }]];
    case "take-asked":
      return [
        state,
        [
          { type: "say", sentence: teaching(event.say) },
          { type: "take", id: event.id },
        ],
      ];
    case "word-taught":
      return [state, [{ type: "say", sentence: wordTaught(event.taught) }]];
    case "play-asked":
      return playAsked(state, event, context);
    case "inbox-changed":
      return [state, []];
    case "messages-dealt-with":
      return onDealtWith(state, event);
    case "unplayable":
      return listen(state, event, context);
    case "draft-sent":
      return record(state, { type: "sent", draft: event.draft, ok: event.ok });
  }
}

/** By its type: nothing of this is heard, seen or listed without a pass. */
function stepFromOutside(state: State, event: OutsideEvent, context: Context): OutsideStep {
  switch (event.type) {
    case "envelope":
      return arrive(state, event, context);
    case "message-part":
      return arriveMessage(state, event, context);
    case "message-turned-away":
      return turnAway(state, event);
    case "message-kept":
      return onKept(state, event);
  }
}

function onEarsDied(state: State, context: Context): Step {
  const [silent] = listen(state, { type: "interrupted" }, context);
  const [stopped, told] = record(silent, { type: "audio-died" });
  const [next, effects] = lineStep({ ...stopped, listening: false }, { type: "audio-died" });
  return [next, [...told, ...effects]];
}

function onMute(state: State, engaged: boolean, context: Context): Step {
  const [stopped, effects] = engaged ? interrupt(state, context) : [state, []];
  return [{ ...stopped, muted: engaged, listening: false }, [...effects, { type: "set-mute", engaged }]];
}

/** What was being entered was for the one before. */
function onPinSet(state: State, looser: boolean): Step {
  const next: State = { ...state, dialog: withoutWish(state.dialog) };
  if (!looser) return [next, []];
  const loosened = state.loosened + 1;
  return [{ ...next, loosened }, [{ type: "keep-loosened", count: loosened }]];
}

/** Out goes nothing to whom nothing may come in from. */
function mayCall({ book }: State, peer: AccountId): boolean {
  return book !== null && book.calling === "on" && !lookup(book).blocked(peer);
}

function onTimer(state: State, name: TimerName, context: Context): Step {
  switch (name) {
    case "held":
      if (!state.buttonDown) return [state, []];
      return asOwner(state, whoseDialog(state).resident, (theirs) =>
        converse(theirs, { type: "held" }, "button", context),
      );
    case "undo":
    case "answer":
    case "hold":
    case "digit":
    case "pin-rest":
      return asOwner(state, whoseDialog(state).resident, (theirs) =>
        converse(theirs, { type: "timer", timer: name }, "button", context),
      );
    case "between":
    case "attention":
      return listen(state, { type: "timer", name }, context);
    case "ignored":
      return [{ ...state, ignored: null, others: state.others.map((other) => ({ ...other, ignored: null })) }, []];
    case "ring-back":
    case "ring":
    case "rival":
    case "join":
    case "renew":
    case "lost":
    case "rest":
      return lineStep(state, { type: "timer", name });
  }
}

function onReport(state: State, report: Report, context: Context): Step {
  switch (report.type) {
    case "ready": {
      const [next, effects] = lineStep(state, { type: "audio-ready" });
      const { muted, voice } = state;
      return [
        next,
        [
          { type: "set-mute", engaged: muted },
          { type: "set-voice", voice, keep: false },
          { type: "set-grammar", anew: true },
          ...effects,
        ],
      ];
    }
    case "wake": {
      const [stopped, effects] = interrupt(state, context);
      return [spokenTo(stopped), [...effects, { type: "tone", tone: "chirp" }]];
    }
    case "heard":
      return hear({ ...state, listening: false }, report, context);
    case "leg-offer":
    case "leg-answer":
      return lineStep(state, {
        type: report.type,
        id: report.leg,
        side: { sdp: report.sdp, fingerprint: report.fingerprint },
      });
    case "leg-renewal":
    case "leg-renewed": {
      const side = { sdp: report.sdp, fingerprint: report.fingerprint };
      return lineStep(state, { type: report.type, id: report.leg, round: report.round, side });
    }
    case "leg-connected":
    case "leg-failed":
    case "leg-silent":
    case "leg-alive":
      return lineStep(state, { type: report.type, id: report.leg });
    case "recording-part":
    case "recorded":
    case "played":
    case "said":
      return onMessageReport(state, report, context);
    case "leg-sound":
    case "beat":
    case "sound":
    case "room-done":
    case "trouble":
    case "taken":
      return [state, []];
  }
}

/** Changes bite at once, also on whoever calls another owner: only less, as far as one book may speak for the house. */
function onBook(state: State, { book, saving }: Extract<Event, { type: "book-changed" }>): Step {
  const loosened = state.loosened + (isLooser(state.book, book) ? 1 : 0);
  let next: State = { ...state, book, loosened };
  const effects: Effect[] = loosened === state.loosened ? [] : [{ type: "keep-loosened", count: loosened }];
  const run = ([after, caused]: Step) => {
    next = after;
    effects.push(...caused);
  };
  for (const { resident } of everybody(next)) run(asOwner(next, resident, reconsider));
  const call = ownCall(next);
  if (call.at === "calling" && !mayCall(next, call.peer)) run(callStep(next, { type: "hung-up" }));
  return [next, [...effects, { type: "save-book", saving }]];
}

/** Whoever is on the line stands before the gate again, under the books as they are now. */
function reconsider(state: State): Step {
  let next = state;
  const effects: Effect[] = [];
  const run = ([after, caused]: Step) => {
    next = after;
    effects.push(...caused);
  };
  for (const [id, asked] of state.standing) {
    const verdict = judge(state, asked.request, asked.now);
    const pass = verdict.act === "admit" || verdict.act === "take-message" ? verdict.pass : null;
    const missed = next.missed.flatMap((one) => (one.id !== id ? [one] : pass ? [{ id, pass }] : []));
    next = { ...next, missed };
    const call = ownCall(next);
    const ringing = call.at === "ringing" && call.incoming.id === id ? call.incoming.peer : null;
    // What may only be listed from now on sounds no longer.
    const isAdmitted = verdict.act === "admit";
    run(callStep(next, isAdmitted ? { type: "pass-renewed", id, pass: verdict.pass } : { type: "pass-revoked", id }));
    if (ringing === null || isAdmitted || pass === null) continue;
    const listed: State = { ...next, standing: new Map(next.standing).set(id, asked) };
    run(withMissed(listed, { type: "list-guest", pass, id, peer: ringing, kind: "missed" }));
  }
  return [next, effects];
}

/** What a change was confirmed with waits until it is on the disk, or is known not to be. */
function onSaved(state: State, event: Extract<Event, { type: "book-saved" }>, context: Context): Step {
  const { unsaved, saving } = event;
  const [next, effects] = obey(state, saving.afterwards, saving.by, context);
  const told: Effect[] = unsaved ? [{ type: "say", sentence: notSaved() }] : [];
  // What can be said is of the first owner's book.
  const grammar: Effect[] = state.resident === FIRST ? [{ type: "set-grammar", anew: false }] : [];
  return [next, [...effects, ...told, ...grammar]];
}

/** One light for all owners. A fault of one of them shows while nothing else does: the others' calls are to be seen. */
export function shownFor(state: State): Shown {
  const { muted, earsFail, listening, call } = state;
  const owners = everybody(state).toSorted((one, other) => one.resident - other.resident);
  const isReadable = ({ book }: (typeof owners)[number]) => book !== null;
  const [first] = owners;
  return sceneFor({
    fault: !owners.some(isReadable),
    trouble: first?.restored === true || !owners.every(isReadable) || earsFail,
    muted,
    listening,
    callingOff: first?.book?.calling === "off",
    call,
    missed: owners.flatMap(({ missed }) => missed),
    waiting: owners.find(({ waiting }) => waiting !== null)?.waiting ?? null,
  });
}

/** The effect that shows a scene. */
export function showing(shown: Shown, state: State): Effect {
  if (!("pass" in shown)) return { type: "show", scene: shown.scene };
  const { scene, id, pass } = shown;
  const { resident } = everybody(state).find(({ book }) => book?.owner === pass.owner) ?? state;
  return { type: "show-guest", scene, id, pass, resident };
}
