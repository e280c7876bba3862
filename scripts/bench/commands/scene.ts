import type { Book } from "#device/gate/book.ts";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { quiet, step } from "#device/voice/dialog.ts";
import type { Intent } from "#device/voice/intent.ts";
import { DEFAULT_VOICE } from "#device/voice/set-voice.ts";
import type { Dialog, DialogInput, Situation } from "#device/voice/states.ts";

/** What goes on around an utterance, and what was said before it. */
export type Scene = Readonly<{ dialog: Dialog; now: Situation }>;

/** Somebody said something when nothing went on. */
export function stillScene(book: Book): Scene {
  const now: Situation = {
    book,
    call: { at: "idle" },
    lastCaller: accountOf(book, 0),
    missed: [],
    isListening: false,
    message: null,
    recording: false,
    draft: null,
    draftsFull: false,
    unanswered: accountOf(book, 1),
    lastCalled: accountOf(book, 2),
    atMs: Date.parse("2026-11-23T21:00:00Z"),
    minuteOfDay: 21 * 60,
    voice: DEFAULT_VOICE,
    pin: { at: "none" },
  };
  return { dialog: quiet, now };
}

/** One in which an owner may well say this. */
export function sceneFor(intent: Intent["type"], book: Book): Scene {
  const still = stillScene(book);
  const { now } = still;
  const peer = accountOf(book, 3);
  switch (intent) {
    case "answer":
    case "ignore":
    case "who-is-it":
    case "block-caller":
      return { ...still, now: { ...now, call: { at: "ringing", peer } } };
    case "hang-up":
      return { ...still, now: { ...now, call: { at: "talking", peer } } };
    case "next":
    case "repeat":
    case "delete":
    case "reply":
    case "save":
    case "evidence":
    case "stop":
      return { ...still, now: { ...now, isListening: true, message: { id: "message", from: peer } } };
    case "again":
    case "send":
    case "play-it":
    case "discard":
      return askedToSend(now, book);
    case "yes":
    case "no":
    case "not-that-one":
    case "cancel":
      return askedWhetherToCall(now);
    case "the-other":
      return justCalled(now);
    default:
      return still;
  }
}

function askedToSend(now: Situation, book: Book): Scene {
  const person = book.people[3]?.id ?? "";
  const draft = { id: "draft", person, to: accountOf(book, 3), durationMs: 5_000 };
  const recorded: Situation = { ...now, draft };
  return { dialog: step(quiet, { type: "draft-waits" }, recorded)[0], now: recorded };
}

/** Not heard for sure, so it waits for a yes. */
function askedWhetherToCall(now: Situation): Scene {
  return { dialog: step(quiet, calling(now, CONFIDENCE.accept), now)[0], now };
}

function justCalled(now: Situation): Scene {
  return { dialog: step(quiet, calling(now, 0), now)[0], now };
}

function calling({ book }: Situation, score: number): DialogInput {
  const [person] = book?.people ?? [];
  return { type: "heard", text: `call ${person?.name ?? ""}`, score, spoke: true, buttonHeld: false };
}

function accountOf(book: Book, at: number): string {
  return book.people[at]?.accounts[0] ?? "";
}
