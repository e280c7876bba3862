import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Book } from "#device/gate/book.ts";
import { judgeEntry } from "#device/judge-message.ts";
import type { BookChange } from "#device/store/change.ts";
import { parse } from "#device/voice/intent.ts";
import { ANA, accountOf, ana, bookWith, MALLORY, mallory, STRANGER } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";

/** Random walks over everything that can happen around messages; what must never happen is looked for after each step. */
const MUM = accountOf("mum");
const mum = { ...ana, id: "mum", name: "Mum", accounts: [MUM], numbers: [] };
const FAMILY: Book = bookWith({ people: [ana, mum, mallory], blocks: [{ person: "mallory" }] });
const SENDERS = [ANA, MUM, MALLORY, STRANGER];
const IDS = ["aa", "bb", "cc"].map((pair) => pair.repeat(16));
const SECRET = "xyzzy";

const CHANGES: readonly BookChange[] = [
  { type: "block", block: { person: "ana" } },
  { type: "unblock", block: { person: "ana" } },
  { type: "revoke", person: "mum", grants: ["message"] },
  { type: "grant", person: "mum", grants: ["message"] },
  { type: "calling", calling: "off" },
  { type: "calling", calling: "on" },
  { type: "calling", calling: "on" },
  { type: "unblock", block: { person: "ana" } },
  { type: "unknown", unknown: "drop" },
  { type: "remove-person", person: "mum", atMs: 0 },
];
const WORDS = [
  "any messages",
  "play my messages",
  "messages from ana",
  "play my requests",
  "any requests",
  "next",
  "repeat",
  "delete it",
  "delete all from mum",
  "save that",
  "save that as evidence",
  "reply",
  "stop",
  "message ana",
  "message mum",
  "leave a message",
  "send it",
  "play it",
  "again",
  "discard it",
  "yes",
  "no",
  "block ana",
  "who called",
  "hang up",
  "hang up",
  "gibberish",
];

type Move = Readonly<
  | { do: "leave"; from: string; id: string; origin: string | null; kind: "voice" | "text" }
  | { do: "command" | "answer"; text: string; score: number }
  | { do: "silence" | "press" | "die" | "mute" | "unmute" | "wake" }
  | { do: "over"; how: "whole" | "stopped" | "broken" }
  | { do: "recorded"; durationMs: number; missing: boolean }
  | { do: "pass"; ms: number }
  | { do: "offer"; from: string }
  | { do: "change"; change: BookChange }
>;

/** Half of the time what leads somewhere. */
const text = fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom("play my messages", "next", "message ana", "yes"));
const score = fc.constantFrom(0, 0, 0, -2, -3, -5);
const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("leave" as const),
      from: fc.constantFrom(ANA, ...SENDERS),
      id: fc.constantFrom(...IDS),
      origin: fc.constantFrom(null, null, null, ...SENDERS),
      kind: fc.constantFrom("voice" as const, "text" as const),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("command" as const), text, score }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const), text, score }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("silence" as const, "press" as const, "die" as const, "mute" as const, "unmute" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wake" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("over" as const), how: fc.constantFrom("whole", "stopped", "broken") }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("recorded" as const),
      durationMs: fc.constantFrom(0, 3_000, 3_000),
      missing: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(1_000, 11_000, 70_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("offer" as const), from: fc.constantFrom(...SENDERS) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("change" as const), change: fc.constantFrom(...CHANGES) }) },
);

/** What the audio process would report of what it was last told to play, or to record. */
function report(brain: Brain, move: Extract<Move, { do: "over" | "recorded" }>): void {
  if (move.do === "over") {
    const last = brain.commands.findLast(({ type }) => type === "play-part" || type === "say");
    if (last?.type === "play-part") brain.hear({ type: "played", id: last.id, how: move.how });
    if (last?.type === "say") brain.hear({ type: "said", id: last.id });
    return;
  }
  const asked = brain.sent("record").at(-1);
  if (asked?.type !== "record") return;
  const data = Buffer.from(`own ${asked.id}`).toString("base64");
  brain.hear({ type: "recording-part", id: asked.id, index: move.missing ? 1 : 0, last: true, data });
  brain.hear({ type: "recorded", id: asked.id, durationMs: move.durationMs, why: "silence" });
}

function make(brain: Brain, move: Move): void {
  const heard = (said: string | null, sure: number) =>
    brain.hear({ type: "heard", text: said, score: sure, spoke: said !== null, endOfSpeechMs: 0 });
  switch (move.do) {
    case "leave": {
      const { from, id, origin, kind } = move;
      if (brain.inbox.entries().some((entry) => entry.id === id && entry.from === from)) return;
      const words = [MALLORY, STRANGER].includes(from) ? SECRET : "hello";
      brain.left(from, { id, origin: origin === from ? null : origin, kind, text: kind === "text" ? words : null });
      break;
    }
    case "command":
      brain.command(move.text, move.score);
      break;
    case "answer":
      heard(move.text, move.score);
      break;
    case "silence":
      heard(null, 0);
      break;
    case "press":
      brain.press();
      break;
    case "die":
      brain.daemon.dispatch({ type: "ears-died" });
      brain.hear({ type: "ready" });
      break;
    case "mute":
    case "unmute":
      brain.daemon.dispatch({ type: "mute", engaged: move.do === "mute" });
      break;
    case "wake":
      brain.hear({ type: "wake", score: 1, atMs: 0 });
      break;
    case "over":
    case "recorded":
      report(brain, move);
      break;
    case "pass":
      brain.clock.advance(move.ms);
      break;
    case "offer":
      brain.offer(move.from);
      break;
    case "change":
      brain.daemon.change(move.change, "cli", []);
      break;
    default:
      move satisfies never;
  }
}

const SOUNDING = new Set(["play-messages", "play-requests", "messages-from", "next", "repeat", "again", "play-it"]);
/** What silences whatever plays, so that it needs another word. */
const INTERRUPTING: ReadonlySet<Move["do"]> = new Set(["command", "wake", "mute", "die", "press"]);
const isSaid = (move: Move): move is Extract<Move, { do: "command" | "answer" }> =>
  move.do === "command" || move.do === "answer";

const leftAtFirst = (from: string): Move => ({ do: "leave", from, id: "dd".repeat(16), origin: null, kind: "voice" });

/** What is being walked, and what the owner asked for so far. */
type Walk = { brain: Brain; wanted: boolean; requestsWanted: boolean; seen: number; sent: number; question: string };

/** Looks at all that came out of one move. */
function check(walk: Walk, move: Move): void {
  const { brain } = walk;
  const book = brain.stores?.book.book ?? null;
  const now = { atMs: brain.clock.nowMs(), clockTrusted: true };
  const actOf = (from: string, id: string) => {
    const entry = brain.inbox.entries().find((each) => each.from === from && each.id === id);
    return entry ? judgeEntry(entry, book, now).act : "drop";
  };
  const intent = isSaid(move) ? (parse(move.text)?.type ?? null) : null;
  if (intent !== null && SOUNDING.has(intent)) walk.wanted = true;
  else if (INTERRUPTING.has(move.do) || brain.daemon.state.call.at !== "idle") walk.wanted = false;
  if (intent === "play-requests") walk.requestsWanted = true;
  const { inbox } = brain.daemon.state;
  const isRequest = walk.requestsWanted && inbox.at !== "idle" && inbox.pile === "requests";
  for (const command of brain.commands.slice(walk.seen)) {
    if (command.type === "say") {
      if (command.text.endsWith("Shall I send it?")) walk.question = command.text;
      const isNamed = isSaid(move) && move.text.includes("mallory");
      if (!isNamed && book?.blocks.some((block) => "person" in block && block.person === "mallory")) {
        expect(command.text).not.toContain("Mallory");
      }
      if (command.text.includes(SECRET)) expect([walk.wanted, isRequest]).toEqual([true, true]);
      if (command.text === "hello.") expect(walk.wanted).toBe(true);
    }
    if (command.type !== "play-part") continue;
    const [from = "", id = ""] = Buffer.from(command.data, "base64").toString().split(" ");
    expect(walk.wanted, `${move.do} plays`).toBe(true);
    if (from === "own") continue;
    expect(isRequest ? ["hold"] : ["admit", "take-message"]).toContain(actOf(from, id));
  }
  walk.seen = brain.commands.length;
  for (const message of brain.sentMessages.slice(walk.sent)) {
    expect(intent === "yes" || intent === "send").toBe(true);
    const name = book?.people.find(({ accounts }) => accounts.includes(message.to))?.name;
    expect(walk.question).toBe(`Message for ${name}. Shall I send it?`);
  }
  if (brain.sentMessages.length > walk.sent) walk.question = "";
  walk.sent = brain.sentMessages.length;
  if (brain.scenes.at(-1) === "message") {
    const isDue = brain.inbox
      .entries()
      .some(({ id, from, standing }) => standing === "new" && ["admit", "take-message"].includes(actOf(from, id)));
    expect(isDue).toBe(true);
  }
  expect(brain.timeline.filter(({ event }) => event === "refused")).toEqual([]);
}

describe("wherever messages, words, calls and changes of the book lead", () => {
  test("nothing of anybody's is said, played or lit that the gate does not let in just then, nothing plays unasked, and nothing goes out without a yes to its name", () => {
    let [plays, sends] = [0, 0];
    fc.assert(
      fc.property(fc.array(moves, { minLength: 10, maxLength: 50, size: "max" }), (path) => {
        const walk: Walk = {
          brain: new Brain(FAMILY),
          wanted: false,
          requestsWanted: false,
          seen: 0,
          sent: 0,
          question: "",
        };
        for (const move of [...SENDERS.map(leftAtFirst), ...path]) {
          make(walk.brain, move);
          check(walk, move);
        }
        plays += walk.brain.sent("play-part").length;
        sends += walk.sent;
      }),
      { numRuns: 1_000 },
    );
    // The walks get somewhere.
    expect(plays).toBeGreaterThan(300);
    expect(sends).toBeGreaterThan(0);
  }, 60_000);
});
