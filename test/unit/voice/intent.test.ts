import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "#device/voice/intent.ts";
import { FILLERS, LEADS, PATTERNS, type Pattern, PHRASES } from "#device/voice/phrases.ts";

const textOf = ({ before, behind, takes }: Pattern, name = "mum") =>
  [...before, ...(takes === null ? [] : [name]), ...behind].join(" ");
const intentOf = (pattern: Pattern, name = "mum") =>
  pattern.takes === null ? { type: pattern.intent } : { type: pattern.intent, name };

describe("the table", () => {
  test("every line of every row is understood as that row's intent", () => {
    for (const pattern of PATTERNS) expect(parse(textOf(pattern)), textOf(pattern)).toEqual(intentOf(pattern));
  });

  test("every polite line is understood with every politeness around it, and the wake word before it", () => {
    for (const pattern of PATTERNS.filter(({ polite }) => polite)) {
      for (const lead of ["", ...LEADS]) {
        for (const text of [`computer ${lead} ${textOf(pattern)}`, `${lead} ${textOf(pattern)} please`]) {
          expect(parse(text), text).toEqual(intentOf(pattern));
        }
      }
    }
  });

  test("each line stands once, in sayable words, and rows that take a person have one in each", () => {
    const lines = PHRASES.flatMap((row) => row.say.map((line): [string, boolean] => [line, row.takes === "person"]));
    expect(new Set(lines.map(([line]) => line)).size).toBe(lines.length);
    for (const [line, takesPerson] of lines) {
      expect(line).toMatch(/^[a-z]+('[a-z]+)?( (<person>|\[[a-z]+\]|[a-z]+('[a-z]+)?))*$/);
      expect(line.split("<person>")).toHaveLength(takesPerson ? 2 : 1);
    }
  });

  test("no text stands for two intents", () => {
    const seen = new Map<string, string>();
    for (const pattern of PATTERNS) {
      expect(seen.get(textOf(pattern)) ?? pattern.intent).toBe(pattern.intent);
      seen.set(textOf(pattern), pattern.intent);
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
      ...new Set(PATTERNS.flatMap((p) => [...p.before, ...p.behind])),
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
      { numRuns: 3_000 },
    );
  });

  test("a huge text is cut, quickly", () => {
    expect(parse(`call ${"mum ".repeat(1_000_000)}`)).toBeNull();
    expect(parse("\u0344".repeat(1_000_000))).toBeNull();
  });
});
