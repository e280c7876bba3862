import type { Report } from "#audio/protocol.ts";
import type { Effect, Event } from "./events.ts";
import type { Book } from "./gate/book.ts";
import type { Verdict } from "./gate/decide.ts";
import { lookup } from "./gate/lookup.ts";
import { asOwner } from "./house.ts";
import { step as stepInbox } from "./inbox/inbox.ts";
import { step as stepRecorder } from "./inbox/recorder.ts";
import type { InboxEvent, InboxOutput, MessageRef, Pile, RecorderEvent, RecorderOutput } from "./inbox/states.ts";
import { judgeEntry } from "./judge-message.ts";
import { draftSoundId, messageSoundId, textId } from "./sound-ids.ts";
import type { Context, State } from "./state.ts";
import type { Step } from "./step-call.ts";
import type { InboxEntry } from "./store/inbox.ts";
import * as say from "./voice/say.ts";

type Admitted = Readonly<{
  entry: InboxEntry;
  pass: Extract<Verdict, { act: "admit" | "take-message" | "hold" }>["pass"];
}>;

/** What the gate lets the owner hear of now, oldest first. What is being deleted is not among it. */
export function admitted(state: State, pile: Pile, context: Context): readonly Admitted[] {
  const now = context.now(state.resident);
  return context.inbox(state.resident).flatMap((entry): Admitted[] => {
    if (isOutOfReach(entry, state)) return [];
    const verdict = judgeEntry(entry, state.book, now);
    if (verdict.act === "drop" || (verdict.act === "hold") !== (pile === "requests")) return [];
    return [{ entry, pass: verdict.pass }];
  });
}

/** Evidence lies where no word reaches it; what is deleted is as good as gone. */
function isOutOfReach(entry: InboxEntry, { deleting }: State): boolean {
  return entry.shelf === "evidence" || isSame(entry, deleting);
}

/** The newest of those that the light stands for. */
export function newestWaiting(state: State, context: Context): State["waiting"] {
  const now = context.now(state.resident);
  const entry = context.inbox(state.resident).findLast((each) => {
    if (each.standing !== "new" || isOutOfReach(each, state)) return false;
    const { act } = judgeEntry(each, state.book, now);
    return act === "admit" || act === "take-message";
  });
  const verdict = entry && judgeEntry(entry, state.book, now);
  return entry && verdict && verdict.act !== "drop" ? { id: entry.id, pass: verdict.pass } : null;
}

/** Runs the listening, for whoever listens. The gate is asked anew just before each message is played. */
export function listen(state: State, event: InboxEvent, context: Context): Step {
  if (event.type === "asked") {
    return listenOn({ ...state, listener: { of: state.resident, by: "voice" } }, event, context);
  }
  return asOwner(state, state.listener.of, (theirs) => listenOn(theirs, event, context));
}

type PlayAsked = Extract<Event, { type: "play-asked" }>;

/** Only a voice is told that there is nothing to play: whoever asks by the socket reads it in the answer. */
export function playAsked(state: State, { pile, messages }: PlayAsked, context: Context): Step {
  if (state.call.at !== "idle" || state.listening) return [state, []];
  const [silent, stopped] = interrupt(state, context);
  const listener = { of: state.resident, by: "cli" } as const;
  const [next, effects] = listenOn({ ...silent, listener }, { type: "asked", pile, messages }, context);
  return [next, [...stopped, ...effects]];
}

function listenOn(state: State, event: InboxEvent, context: Context): Step {
  let next = state;
  const effects: Effect[] = [];
  const events: InboxEvent[] = [event];
  for (let one = events.shift(); one; one = events.shift()) {
    const [inbox, outputs] = stepInbox(next.inbox, one);
    next = { ...next, inbox };
    for (const output of outputs) {
      if (output.type !== "play") {
        effects.push(...effectsOf(next, output));
        continue;
      }
      const { message, turn, pile } = output;
      const found = admitted(next, pile, {
        ...context,
        inbox: (of) => context.inbox(of).filter((each) => isSame(each, message)),
      });
      const [play] = found;
      if (!play) events.push({ type: "refused" });
      else {
        const type = pile === "requests" ? "play-request" : "play-message";
        effects.push({ type, pass: play.pass, id: message.id, from: message.from, turn });
      }
    }
  }
  return [next, effects];
}

function effectsOf(state: State, output: Exclude<InboxOutput, { type: "play" }>): Effect[] {
  switch (output.type) {
    case "stop":
      return [{ type: "stop-message", turn: output.turn }];
    case "heard":
      return [
        { type: "mark-heard-message", message: output.message },
        noted(state, output.message, "played", state.listener.by),
      ];
    case "tell":
      return [{ type: "say", sentence: toTell(output.what) }];
    case "start-timer":
      return [{ type: "start-dialog-timer", name: output.name, afterMs: output.afterMs }];
    case "stop-timer":
      return [{ type: "stop-dialog-timer", name: output.name }];
  }
}

function toTell(what: Extract<InboxOutput, { type: "tell" }>["what"]): say.Sentence {
  switch (what) {
    case "no-more":
      return say.noMoreMessages();
    case "was-last":
      return say.wasLastMessage();
    case "unplayable":
      return say.cannotBePlayed();
  }
}

/** Runs the recorder. */
export function record(state: State, event: RecorderEvent): Step {
  const [recorder, outputs] = stepRecorder(state.recorder, event);
  return [{ ...state, recorder }, outputs.flatMap((output) => effectsOfRecorder(state, output))];
}

function effectsOfRecorder(state: State, output: RecorderOutput): Effect[] {
  switch (output.type) {
    case "record":
      return [{ type: "record", draft: output.id }];
    case "stop-recording":
      return [{ type: "stop-recording", draft: output.id, keep: output.keep }];
    case "play-draft": {
      const draft = state.recorder.drafts.find(({ id }) => id === output.draft);
      return draft ? [{ type: "play-draft", draft, turn: output.turn }] : [];
    }
    case "stop-draft":
    case "discard-draft":
      return [output];
    case "tell":
      return tellOf(state, output);
  }
}

function tellOf({ book }: State, { what, draft }: Extract<RecorderOutput, { type: "tell" }>): Effect[] {
  const name = book?.people.find(({ id }) => id === draft.person)?.name ?? "";
  switch (what) {
    case "heard-nothing":
      return [{ type: "say", sentence: say.heardNothing() }];
    case "recording-lost":
      return [{ type: "say", sentence: say.recordingLost() }];
    case "kept":
      return [{ type: "say", sentence: say.messageKept(name) }];
    case "not-sent":
      return [{ type: "say", sentence: say.draftNotSaved(name) }];
    case "sent":
      return [
        {
          type: "journal",
          line: { what: "message", account: draft.to, person: draft.person, by: "voice", detail: "sent" },
        },
        { type: "say", sentence: say.messageGoesOut(name) },
      ];
  }
}

/** A line in the owner's journal about a message. */
export function noted(
  { book }: State,
  { from }: MessageRef,
  what: "played" | "deleted" | "evidence",
  by: "voice" | "cli" = "voice",
): Effect {
  const person = book ? lookup(book).person(from)?.id : undefined;
  return { type: "journal", line: { what: "message", account: from, person, by, detail: what } };
}

/** Whatever sounds or is recorded for the owner stops at once: somebody speaks, rings, or muted the unit. */
export function interrupt(state: State, context: Context): Step {
  const [listening, stopped] = listen(state, { type: "interrupted" }, context);
  const [next, ended] = record(listening, { type: "interrupted" });
  return [next, [...stopped, ...ended]];
}

type MessageReport = Extract<Report, { type: "recording-part" | "recorded" | "played" | "said" }>;

/** What the audio process says of a recording or a playing. What speaks of none of ours is dropped. */
export function onMessageReport(state: State, report: MessageReport, context: Context): Step {
  switch (report.type) {
    case "recording-part":
      return [state, report.id === state.recorder.current?.id ? [{ type: "keep-part", part: report }] : []];
    case "recorded": {
      const why = report.why === "deaf" ? "deaf" : "other";
      if (report.why === "broken") return record(state, { type: "audio-died" });
      return record(state, { type: "recorded", id: report.id, durationMs: report.durationMs, why });
    }
    case "played":
      return onPlayed(state, report, context);
    case "said": {
      const { inbox } = state;
      const isText = inbox.at === "playing" && report.id === textId(inbox.turn);
      return isText ? listen(state, { type: "over", turn: inbox.turn, whole: null }, context) : [state, []];
    }
  }
}

function onPlayed(state: State, { id, how }: Extract<Report, { type: "played" }>, context: Context): Step {
  const { inbox, recorder } = state;
  // By the wake word, which is about to be told of, or by something that was known here first.
  if (how === "stopped") return [state, []];
  if (recorder.playing && id === draftSoundId(recorder.playing.turn)) {
    return record(state, { type: "played", turn: recorder.playing.turn });
  }
  if (inbox.at !== "playing" || id !== messageSoundId(inbox.turn)) return [state, []];
  const { turn } = inbox;
  switch (how) {
    case "whole":
      return listen(state, { type: "over", turn, whole: true }, context);
    case "broken":
      return listen(state, { type: "unplayable", turn }, context);
  }
}

export function isSame(one: MessageRef, other: MessageRef | null): boolean {
  return other !== null && one.id === other.id && one.from === other.from;
}

/** All accounts that stand for a person of the book. */
export function accountsOf(person: string, book: Book | null): readonly string[] {
  return book?.people.find(({ id }) => id === person)?.accounts ?? [];
}
