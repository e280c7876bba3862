import { describe, expect, test } from "vitest";
import { parse } from "#device/voice/intent.ts";

/** What owners say, line by line, and what each is understood as; `|` separates ways of saying the same. */
const UTTERANCES: readonly (readonly [string, unknown])[] = [
  ["call Mum | ring Mum | phone my mum | get Mum on the line", { type: "call", name: "mum" }],
  ["can you please call Mum | could you ring Mum please | um, I'd like to call Mum", { type: "call", name: "mum" }],
  ["call Sam's mobile", { type: "call-at", name: "sam", place: "mobile" }],
  ["call Sam at work | could you call Sam at work please", { type: "call-at", name: "sam", place: "work" }],
  ["call 555 0134 | call five double five oh one three four", { type: "call-digits", digits: "5550134" }],
  ["call a number", { type: "call-number" }],
  ["call back | call whoever just rang", { type: "call-back" }],
  ["redial", { type: "redial" }],
  ["no, the other Sam | the other Sam", { type: "the-other", name: "sam" }],
  ["not that one", { type: "not-that-one" }],
  ["cancel | never mind | don't call", { type: "cancel" }],
  ["call Mum and Dad together", { type: "call-together", name: "mum", other: "dad" }],
  ["add Priya to the call", { type: "add-to-call", name: "priya" }],
  ["answer | pick up | accept", { type: "answer" }],
  ["who is it? | who’s calling", { type: "who-is-it" }],
  ["ignore it | decline | not now", { type: "ignore" }],
  ["hang up | end the call | we're done", { type: "hang-up" }],
  ["mute me", { type: "mute-me" }],
  ["unmute", { type: "unmute-me" }],
  ["louder", { type: "louder" }],
  ["quieter", { type: "quieter" }],
  ["volume three", { type: "volume", level: 3 }],
  ["move this call to the kitchen", { type: "move-call", room: "kitchen" }],
  ["message Ana | send Ana a message | tell Ana something", { type: "message", name: "ana" }],
  ["any messages?", { type: "any-messages" }],
  ["play my messages | read my new messages", { type: "play-messages" }],
  ["messages from Ana", { type: "messages-from", name: "ana" }],
  ["next | skip", { type: "next" }],
  ["repeat", { type: "repeat" }],
  ["again", { type: "again" }],
  ["delete it", { type: "delete" }],
  ["delete all from Ana", { type: "delete-all", name: "ana" }],
  ["reply", { type: "reply" }],
  ["save that as evidence", { type: "evidence" }],
  ["don't delete that one", { type: "save" }],
  ["stop", { type: "stop" }],
  ["announce dinner | tell everyone dinner's ready", { type: "announce" }],
  ["drop in on the nursery", { type: "drop-in", room: "nursery" }],
  ["talk to the kitchen", { type: "drop-in", room: "kitchen" }],
  ["who can drop in here?", { type: "who-drops-in" }],
  ["turn off drop in", { type: "drop-in-off" }],
  [
    "block Dave | never let Dave ring here | stop Dave calling | I don't want to hear from Dave",
    { type: "block", name: "dave" },
  ],
  ["block that caller | block the last number | I don't want to hear from him", { type: "block-caller" }],
  ["block unknown callers | only let my contacts ring", { type: "block-unknown" }],
  ["no withheld numbers", { type: "block-withheld" }],
  ["only family can call", { type: "only-group" }],
  ["is Dave blocked?", { type: "is-blocked", name: "dave" }],
  ["who's blocked?", { type: "who-is-blocked" }],
  ["unblock Dave", { type: "unblock", name: "dave" }],
  ["let Dave message but not ring", { type: "message-only", name: "dave" }],
  ["allow the plumber until six", { type: "allow-until", name: "plumber", till: { minute: 360, half: null } }],
  ["allow Dave | let Dave ring", { type: "allow", name: "dave" }],
  ["do not disturb", { type: "quiet" }],
  ["leave me alone for an hour", { type: "quiet-for", span: 3_600_000 }],
  [
    "quiet from ten till seven",
    { type: "quiet-hours", from: { minute: 600, half: null }, till: { minute: 420, half: null } },
  ],
  ["only Mum can get through tonight", { type: "quiet-but", name: "mum" }],
  ["turn calling off | switch off calls completely", { type: "calling-off" }],
  ["turn calls back on", { type: "calling-on" }],
  ["add Priya", { type: "add-person", name: "priya" }],
  ["delete Dave | forget Dave completely", { type: "delete-person", name: "dave" }],
  ["who's in my contacts?", { type: "who-is-there" }],
  ["call her Nan from now on", { type: "rename-them", kin: "nan" }],
  ["call Ana Nan from now on", { type: "rename", name: "ana", kin: "nan" }],
  ["call for help | I need help | call my emergency contact", { type: "call-help" }],
  ["call 999 | call 911 | dial nine nine nine | call an ambulance", { type: "emergency-number" }],
  ["who called today? | did anyone try to reach me?", { type: "who-called" }],
  ["did anyone change my settings?", { type: "any-changes" }],
  ["why didn't it ring?", { type: "why-no-ring" }],
  ["let Ella call only Grandma", { type: "let-call-only", name: "ella", other: "grandma" }],
  ["what can I say?", { type: "help" }],
  ["what can I say about blocking?", { type: "help-about", topic: "blocking" }],
];

describe("what owners say", () => {
  test.each(
    UTTERANCES.flatMap(([ways, intent]) => ways.split("|").map((way): [string, unknown] => [way.trim(), intent])),
  )("%s", (text, intent) => {
    expect(parse(text)).toEqual(intent);
  });
});

describe("what nobody says to a unit", () => {
  test.each([
    "turn the lights off",
    "quiet from green till seven",
    "volume eleven",
    "call",
    "block",
    "the other",
    "call five five",
    "call one two three four five six seven eight nine one two three four five six seven",
    "call mum five five five from now on",
    "leave me alone for a year",
    "is blocked",
  ])("%s is no order about anybody who is known", (text) => {
    const intent = parse(text);
    expect(intent === null || ("name" in intent && intent.name.split(" ").length > 1)).toBe(true);
  });
});
