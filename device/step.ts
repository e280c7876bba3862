import type { Report } from "#audio/protocol.ts";
import type { ButtonChange } from "#hal/hal.ts";
import { type Shown, sceneFor } from "./call/lights.ts";
import type { Effect, Event, OwnEffect } from "./events.ts";
import type { Book } from "./gate/book.ts";
import { decide } from "./gate/decide.ts";
import type { Context, State } from "./state.ts";
import { callStep, type Step } from "./step-call.ts";
import { arrive } from "./step-envelope.ts";
import { converse, hear } from "./step-voice.ts";

/** Event → next state and what is to be done. Pure: no clock, no I/O, no throw. */
export function step(state: State, event: Event, context: Context): Step {
  const [next, effects] = stepWithoutLights(state, event, context);
  const shown = shownFor(next);
  return shown.scene === shownFor(state).scene ? [next, effects] : [next, [...effects, showing(shown)]];
}

function stepWithoutLights(state: State, event: Event, context: Context): Step {
  switch (event.type) {
    case "envelope":
      return arrive(state, event);
    case "report":
      return onReport(state, event.report, context);
    case "ears-died":
      return callStep({ ...state, listening: false }, { type: "audio-died" });
    case "button":
      return onButton(state, event.change, context);
    case "mute":
      return [{ ...state, muted: event.engaged, listening: false }, [{ type: "set-mute", engaged: event.engaged }]];
    case "timer":
      return event.name === "undo" || event.name === "answer"
        ? converse(state, { type: "timer", timer: event.name }, "button", context)
        : callStep(state, { type: "timer", name: event.name });
    case "owner":
      return callStep(state, { type: event.order === "answer" ? "answered" : "hung-up" });
    case "placed":
    case "offer-sealed":
      return callStep(state, event);
    case "offer-lost":
      return callStep(state, { type: "leg-failed", id: event.id });
    case "book-changed":
      return onBook(state, event.book, event.afterwards);
    case "book-refused":
      return [state, [{ type: "say", sentence: "Sorry, I could not save that." }]];
  }
}

function onReport(state: State, report: Report, context: Context): Step {
  switch (report.type) {
    case "ready": {
      const [next, effects] = callStep(state, { type: "audio-ready" });
      return [next, [{ type: "set-mute", engaged: state.muted }, { type: "set-grammar", anew: true }, ...effects]];
    }
    case "wake":
      return [{ ...state, listening: true, heldThrough: state.buttonDown }, [{ type: "tone", tone: "chirp" }]];
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
    case "pong":
    case "room-done":
    case "trouble":
      return [state, []];
  }
}

/** A short press undoes or cancels what was just said; else it answers what rings and hangs up what talks. */
function onButton(state: State, change: ButtonChange, context: Context): Step {
  switch (change.type) {
    case "down":
      return [{ ...state, buttonDown: true }, []];
    case "up":
      return [{ ...state, buttonDown: false, heldThrough: false }, []];
    case "press":
      if (state.dialog.undo || state.dialog.question) return converse(state, { type: "pressed" }, "button", context);
      return callStep(state, { type: state.call.at === "ringing" ? "answered" : "hung-up" });
  }
}

/** Changes bite at once: whoever is on the line stands before the gate again, under the book as it is now. */
function onBook(state: State, book: Book, afterwards: readonly OwnEffect[]): Step {
  let next: State = { ...state, book };
  const effects: Effect[] = [];
  for (const [id, request] of state.standing) {
    const verdict = decide(request, book);
    const pass = verdict.act === "admit" || verdict.act === "take-message" ? verdict.pass : null;
    if (next.missed?.id === id) next = { ...next, missed: pass && { id, pass } };
    const [after, caused] = callStep(next, pass ? { type: "pass-renewed", id, pass } : { type: "pass-revoked", id });
    next = after;
    effects.push(...caused);
  }
  return [next, [...effects, { type: "set-grammar", anew: false }, ...afterwards]];
}

export function shownFor(state: State): Shown {
  const { book, muted, listening, call, missed } = state;
  return sceneFor({ fault: book === null, muted, listening, callingOff: book?.calling === "off", call, missed });
}

function showing(shown: Shown): Effect {
  if ("pass" in shown) return { type: "show-guest", scene: shown.scene, id: shown.id, pass: shown.pass };
  return { type: "show", scene: shown.scene };
}
