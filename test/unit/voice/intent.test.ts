import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "#device/voice/intent.ts";
import { FILLERS, LEADS, PATTERNS, PHRASES } from "#device/voice/phrases.ts";
import { SLOTS } from "#device/voice/slots.ts";
import { exampleOf, meaningOf } from "./examples.ts";

describe("the table", () => {
  test("every line of every row is understood as that row's intent, whatever its slots hold", () => {
    for (const pattern of PATTERNS) {
      for (let at = 0; at < 12; at += 1) {
        const text = exampleOf(pattern, "mum", at);
        expect(parse(text), text).toEqual(meaningOf(pattern, "mum", at));
      }
    }
  });

  test("every polite line is understood with every politeness around it, and the wake word before it", () => {
    for (const pattern of PATTERNS.filter(({ polite }) => polite)) {
      for (const lead of ["", ...LEADS]) {
        const text = exampleOf(pattern);
        for (const whole of [`computer ${lead} ${text}`, `${lead} ${text} please`, `um ${lead} uh ${text}`]) {
          expect(parse(whole), whole).toEqual(meaningOf(pattern));
        }
      }
    }
  });

  test("each line stands once, in sayable words and known slots, and none begins with a slot", () => {
    const lines = PHRASES.flatMap((row): string[] => [...row.say]);
    expect(new Set(lines).size).toBe(lines.length);
    const slots = ["person", "other", "number", ...Object.keys(SLOTS)].join("|");
    const line = new RegExp(`^[a-z]+('[a-z]+)?( (<(${slots})>|'s|\\[[a-z]+( [a-z]+)*\\]|[a-z]+('[a-z]+)?))*$`);
    for (const each of lines) expect(each).toMatch(line);
  });

  test("all lines of a row have the same slots", () => {
    for (const row of PHRASES) {
      const slots = new Set(row.say.map((line) => (line.match(/<[a-z]+>/g) ?? []).toSorted().join(" ")));
      expect(slots.size, row.intent).toBe(1);
    }
  });

  test("no text stands for two intents", () => {
    const seen = new Map<string, string>();
    for (const pattern of PATTERNS) {
      const text = exampleOf(pattern);
      expect(seen.get(text) ?? pattern.intent, text).toBe(pattern.intent);
      seen.set(text, pattern.intent);
    }
  });
});

describe("what owners say", () => {
  test.each([
    ["call Mum", { type: "call", name: "mum" }],
    ["phone my mum", { type: "call", name: "mum" }],
    ["get Mum on the line", { type: "call", name: "mum" }],
    ["Could you please, um, call the plumber?", { type: "call", name: "plumber" }],
    ["computer computer call Zoë O’Brien!", { type: "call", name: "zoe obrien" }],
    ["jarvis, call Zoë O’Brien!", { type: "call", name: "zoe obrien" }],
    ["never let Dave ring here", { type: "block", name: "dave" }],
    ["stop Dave calling", { type: "block", name: "dave" }],
    ["we’re done", { type: "hang-up" }],
    ["call back", { type: "call-back" }],
    ["call whoever just rang", { type: "call-back" }],
    ["block the last number", { type: "block-caller" }],
    ["switch off calls completely", { type: "calling-off" }],
    ["turn calls back on", { type: "calling-on" }],
    ["let Dave ring again", { type: "unblock", name: "dave" }],
    ["What can I say?", { type: "help" }],
    ["yes please", { type: "yes" }],
  ])("%s", (text, intent) => {
    expect(parse(text)).toEqual(intent);
  });

  test.each([
    "",
    " ",
    "computer",
    "please",
    "call",
    "block",
    "unblock",
    "mum",
    "call call-",
    "can you who called",
    "<person>",
    "calling",
  ])("%j means nothing, or at least calls nobody in particular", (text) => {
    const intent = parse(text);
    expect(intent !== null && "name" in intent && intent.name !== "call").toBe(false);
  });
});

test("politeness stands only where it is sensible", () => {
  expect([parse("can you who called"), parse("who called please")]).toEqual([null, null]);
});

describe("anything at all", () => {
  test("never throws, and gives an intent of the table with a clean name, or null", () => {
    const known = new Set(PHRASES.map((row) => row.intent as string));
    const vocabulary = [
      ...new Set(PATTERNS.flatMap(({ items }) => items.flatMap((item) => ("word" in item ? [item.word] : [])))),
      ...FILLERS,
      "computer",
      "mum",
      "\u202e",
      "<",
    ];
    const anything = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.array(fc.constantFrom(...vocabulary), { maxLength: 30 }).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const intent = parse(text);
        if (intent === null) return;
        expect(known.has(intent.type)).toBe(true);
        if ("name" in intent) expect(intent.name).toMatch(/^[a-z]{1,20}( [a-z]{1,20}){0,4}$/);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a huge text is cut, quickly", () => {
    expect(parse(`call ${"mum ".repeat(1_000_000)}`)).toBeNull();
    expect(parse("\u0344".repeat(1_000_000))).toBeNull();
  });
});

test("a name that is also a hesitation is a name where nothing else can be meant", () => {
  expect(parse("call er")).toEqual({ type: "call", name: "er" });
  expect(parse("unblock er")).toEqual({ type: "unblock", name: "er" });
  expect(parse("um call er mum")).toEqual({ type: "call", name: "mum" });
});
