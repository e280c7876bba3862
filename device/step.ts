import type { Report } from "#audio/protocol.ts";
import type { ButtonChange } from "#hal/hal.ts";
import { type Shown, sceneFor } from "./call/lights.ts";
import type { Effect, Event, TimerName } from "./events.ts";
import type { AccountId } from "./gate/book.ts";
import { decide } from "./gate/decide.ts";
import { lookup } from "./gate/lookup.ts";
import { type Context, type State, spokenTo } from "./state.ts";
import { callStep, type Step, withMissed } from "./step-call.ts";
import { arrive } from "./step-envelope.ts";
import { arriveMessage, onKept, onLost, turnAway } from "./step-message.ts";
import { converse, hear, obey } from "./step-voice.ts";
import { quiet } from "./voice/dialog.ts";
import { couldNotSave, notSaved } from "./voice/say.ts";

/** Event → next state and what is to be done. Pure: no clock, no I/O, no throw. */
export function step(state: State, event: Event, context: Context): Step {
  switch (event.type) {
    case "envelope":
      return arrive(state, event, context);
    case "message-part":
      return arriveMessage(state, event, context);
    case "message-turned-away":
      return turnAway(state, event);
    case "message-kept":
      return onKept(state, event);
    case "message-lost":
      return onLost(state, event);
    case "report":
      return onReport(state, event.report, context);
    case "ears-died":
      return callStep({ ...state, listening: false }, { type: "audio-died" });
    case "button":
      return onButton(state, event.change, context);
    case "mute":
      return [{ ...state, muted: event.engaged, listening: false }, [{ type: "set-mute", engaged: event.engaged }]];
    case "timer":
      return onTimer(state, event.name, context);
    case "owner":
      return callStep(state, { type: event.order === "answer" ? "answered" : "hung-up" });
    case "placed":
      return mayCall(state, event.peer) ? callStep(state, event) : [state, []];
    case "offer-sealed":
      return callStep(state, event);
    case "offer-lost":
      return callStep(state, { type: "leg-failed", id: event.id });
    case "book-changed":
      return onBook(state, event);
    case "book-refused":
      // What was not done cannot be undone later.
      return [{ ...state, dialog: quiet }, [{ type: "say", sentence: couldNotSave() }]];
  }
}

/** Out goes nothing to whom nothing may come in from. */
function mayCall({ book }: State, peer: AccountId): boolean {
  return book !== null && book.calling === "on" && !lookup(book).blocked(peer);
}

function onTimer(state: State, name: TimerName, context: Context): Step {
  switch (name) {
    case "undo":
    case "answer":
      return converse(state, { type: "timer", timer: name }, "button", context);
    case "ignored":
      return [{ ...state, ignored: null }, []];
    case "ring-back":
    case "ring":
    case "rival":
    case "join":
      return callStep(state, { type: "timer", name });
  }
}

function onReport(state: State, report: Report, context: Context): Step {
  switch (report.type) {
    case "ready": {
      const [next, effects] = callStep(state, { type: "audio-ready" });
      return [next, [{ type: "set-mute", engaged: state.muted }, { type: "set-grammar", anew: true }, ...effects]];
    }
    case "wake":
      return [spokenTo(state), [{ type: "tone", tone: "chirp" }]];
    case "heard":
      return hear({ ...state, listening: false }, report, context);
    case "leg-offer":
    case "leg-answer":
      return callStep(state, {
        type: report.type,
        id: report.leg,
        side: { sdp: report.sdp, fingerprint: report.fingerprint },
      });
    case "leg-connected":
    case "leg-failed":
      return callStep(state, { type: report.type, id: report.leg });
    case "leg-sound":
    case "said":
    case "recording-part":
    case "recorded":
    case "played":
    case "pong":
    case "room-done":
    case "trouble":
      return [state, []];
  }
}

/** A short press answers what rings; else it undoes or cancels what was just said, or hangs up. */
function onButton(state: State, change: ButtonChange, context: Context): Step {
  switch (change.type) {
    case "down":
      return [{ ...state, buttonDown: true }, []];
    case "up":
      return [{ ...state, buttonDown: false, heldThrough: false }, []];
    case "press":
      if (state.call.at === "ringing") return callStep(state, { type: "answered" });
      if (state.dialog.undo || state.dialog.question) return converse(state, { type: "pressed" }, "button", context);
      return callStep(state, { type: "hung-up" });
  }
}

/** Changes bite at once: whoever is on the line stands before the gate again, under the book as it is now. */
function onBook(state: State, { book, unsaved, by, afterwards }: Extract<Event, { type: "book-changed" }>): Step {
  let next: State = { ...state, book };
  const effects: Effect[] = [];
  const run = ([after, caused]: Step) => {
    next = after;
    effects.push(...caused);
  };
  for (const [id, asked] of state.standing) {
    const verdict = decide(asked.request, book, asked.now);
    const pass = verdict.act === "admit" || verdict.act === "take-message" ? verdict.pass : null;
    const missed = next.missed.flatMap((one) => (one.id !== id ? [one] : pass ? [{ id, pass }] : []));
    next = { ...next, missed };
    const ringing = next.call.at === "ringing" && next.call.incoming.id === id ? next.call.incoming.peer : null;
    // What may only be listed from now on sounds no longer.
    const isAdmitted = verdict.act === "admit";
    run(callStep(next, isAdmitted ? { type: "pass-renewed", id, pass: verdict.pass } : { type: "pass-revoked", id }));
    if (ringing === null || isAdmitted || pass === null) continue;
    const listed: State = { ...next, standing: new Map(next.standing).set(id, asked) };
    run(withMissed(listed, { type: "list-guest", pass, id, peer: ringing, kind: "missed" }));
  }
  if (next.call.at === "calling" && !mayCall(next, next.call.peer)) run(callStep(next, { type: "hung-up" }));
  effects.push({ type: "set-grammar", anew: false });
  run(obey(next, afterwards, by));
  if (unsaved) effects.push({ type: "say", sentence: notSaved() });
  return [next, effects];
}

export function shownFor(state: State): Shown {
  const { book, muted, listening, call, missed } = state;
  return sceneFor({ fault: book === null, muted, listening, callingOff: book?.calling === "off", call, missed });
}

/** The effect that shows a scene. */
export function showing(shown: Shown): Effect {
  if ("pass" in shown) return { type: "show-guest", scene: shown.scene, id: shown.id, pass: shown.pass };
  return { type: "show", scene: shown.scene };
}
