import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grammarFor, MAX_GRAMMAR_NAMES, namesIn } from "#device/voice/grammar.ts";
import { parse } from "#device/voice/intent.ts";
import { LEADS, PATTERNS } from "#device/voice/phrases.ts";
import { resolve } from "#device/voice/resolve.ts";
import { bookOf, person } from "./books.ts";
import { heardOf } from "./examples.ts";
import { accepts, readJsgf, sample } from "./jsgf.ts";

const ana = person("ana", "Ana Lima", "mum");

describe("the grammar", () => {
  test("holds every line of the table, with and without politeness, an article and the wake word", () => {
    const grammar = readJsgf(grammarFor(bookOf([ana])));
    for (const pattern of PATTERNS.filter(({ only }) => only === null)) {
      for (const name of ["ana lima", "my mum"]) {
        const text = heardOf(pattern, name);
        const { polite } = pattern;
        expect(accepts(grammar, text), text).toBe(true);
        expect(accepts(grammar, `computer ${text}`), text).toBe(true);
        const lead = LEADS[text.length % LEADS.length] ?? "";
        expect(accepts(grammar, `${lead} ${text} please`), `${lead} ${text}`).toBe(polite);
      }
    }
  });

  test("holds nothing that the parser does not take for exactly one intent about somebody in the book", () => {
    const book = bookOf([ana, person("ben", "Ben Back"), person("call", "Call"), person("block", "Block On The Line")]);
    const grammar = readJsgf(grammarFor(book));
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const text = sample(grammar, (count) => (numbers.next().value ?? 0) % count);
        const intent = parse(text);
        expect(intent, text).not.toBeNull();
        if (intent !== null && "name" in intent) expect(resolve(intent.name, book).found, text).not.toBe("none");
      }),
      { numRuns: 1_000 },
    );
  });

  test("of a book without a sayable name is whole, and calls nobody", () => {
    for (const people of [[], [person("x", "李小龙", "123", "\u202e;")]]) {
      const grammar = readJsgf(grammarFor(bookOf(people)));
      expect(accepts(grammar, "answer")).toBe(true);
      expect(accepts(grammar, "call x")).toBe(false);
    }
  });

  test("leaves out a name that would be taken for a phrase, and keeps one that merely is a word of it", () => {
    expect(namesIn(bookOf([person("a", "Back"), person("b", "That Caller"), person("c", "Dinner Block")]))).toEqual([
      "dinner block",
      "dinner",
    ]);
  });
});

describe("hostile names", () => {
  test.each([
    "Mum; public <evil> = unblock dave",
    "Mum | <command>",
    "Dave\npublic <x> = y;",
    "a = b * c + d",
    "// comment",
    "/* comment */",
    "{tag} /10/ word",
    '"quoted" \\ back',
    "\u202eevaD\u202c",
    "<NULL>",
    "<VOID>",
    "Z̷̢̛a̶l̴g̵o̷",
    "ＣＡＬＬ　ＭＵＭ",
    "\ud800",
  ])("%j neither breaks nor extends the grammar", (name) => {
    const clean = grammarFor(bookOf([person("x", "xxx")])).split("\n");
    const lines = grammarFor(bookOf([person("x", "xxx"), person("y", name)])).split("\n");
    readJsgf(lines.join("\n"));
    expect(lines.filter((line) => !/^<(person|other)>/.test(line))).toEqual(
      clean.filter((line) => !/^<(person|other)>/.test(line)),
    );
  });

  test("whatever they are, the grammar stays well formed and each name in it finds its person", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom(
        ";",
        "|",
        "<",
        ">",
        "*",
        "\n",
        "[",
        "]",
        "call",
        "block",
        "computer",
        "please",
        "my",
        "the",
        " ",
        "\u202e",
        "'",
        "é",
        "ß",
      ),
    );
    const name = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    const people = fc.array(fc.record({ name, aliases: fc.array(name, { maxLength: 3 }) }), { maxLength: 8 });
    fc.assert(
      fc.property(people, (entries) => {
        const book = bookOf(entries.map((entry, at) => ({ ...person(`p${at}`), ...entry })));
        readJsgf(grammarFor(book));
        for (const heard of namesIn(book)) {
          expect(resolve(heard, book).found).not.toBe("none");
          expect(parse(`call ${heard}`)).toEqual({ type: "call", name: heard });
          expect(parse(`unblock ${heard}`)).toEqual({ type: "unblock", name: heard });
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("a large book", () => {
  test("of 1,000 people with long names makes a grammar that fits the border to the ears", () => {
    const long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(50);
    const letters = (n: number) => String(n).replaceAll(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? "");
    const people = Array.from({ length: 1_000 }, (_person, n) =>
      person(
        `p${n}`,
        `${letters(n)} ${long}`,
        ...Array.from({ length: 50 }, (_alias, m) => `${letters(m)} ${letters(n)} ${long}`),
      ),
    );
    const grammar = grammarFor(bookOf(people));
    expect(namesIn(bookOf(people))).toHaveLength(MAX_GRAMMAR_NAMES);
    expect(grammar.length).toBeLessThan(1_000_000);
    readJsgf(grammar);
  });
});
