import fc from "fast-check";
import { expect, test } from "vitest";
import { AudioError } from "#audio/audio-error.ts";
import { readGrammar } from "#audio/engines/jsgf.ts";
import { afterWakeWord, wakeTails, withoutWakeTail } from "#audio/engines/spoken-grammar.ts";

const HEADER = "#JSGF V1.0;\ngrammar g;\n";

test("the words of a grammar are its words alone: no rule, weight, tag, comment or operator", () => {
  const jsgf = `${HEADER}// call nobody
    public <cmd> = /0.7/ call [my] <who> {tag \\} one} | /0.3/ ( Hang up )*; /* never; this */
    <who> = mum | "o'neill" | siobhán+;`;
  const grammar = readGrammar(jsgf);
  expect([...grammar.words]).toEqual(["call", "my", "hang", "up", "mum", "o'neill", "siobhán"]);
  expect(grammar.publicRules).toEqual(["cmd"]);
});

test("every public rule may follow the wake word, and none of them is public by itself any more", () => {
  const text = afterWakeWord(readGrammar(`${HEADER}public <a> = yes;\npublic <b> = no;`));
  expect(text.match(/public/g)).toHaveLength(1);
  expect(text).toContain("( <a> | <b> )");
});

test("the tail of the wake word is taken out of what was heard", () => {
  expect(withoutWakeTail("porter.wake call mum")).toBe("call mum");
  expect(withoutWakeTail("call mum")).toBe("call mum");
  expect(withoutWakeTail("porter.wake")).toBeNull();
});

test("of any wake word, whole or cut into, each end that can be heard may stand before a command", () => {
  expect(wakeTails(["JH AA R V AH S"])).toEqual(["JH AA R V AH S", "AA R V AH S", "R V AH S", "V AH S", "AH S"]);
  const tails = wakeTails(["K AH M P Y UW T ER"]);
  expect(tails).toContain("ER");
  expect(tails).toContain("P Y UW T ER");
  // Two ways to say it share their end.
  expect(wakeTails(["T UW", "D UW"])).toEqual(["T UW", "UW", "D UW"]);
  expect(wakeTails(Array.from({ length: 50 }, (_, at) => `AA ${"B ".repeat(at)}IY`)).length).toBeLessThanOrEqual(48);
});

test("the words of its rules for people are names, and no others", () => {
  const rules = "<person> = my ( ana | ben back ); <other> = ana | lee; <lead> = please;";
  const { names } = readGrammar(`${HEADER}public <a> = <lead> call <person> | stop <other>; ${rules}`);
  expect([...names].toSorted()).toEqual(["ana", "back", "ben", "lee", "my"]);
});

test("what is no grammar is refused with a reason", () => {
  const wrong = [
    "",
    "hello",
    HEADER,
    `${HEADER}<a> = yes;`,
    `${HEADER}public <a> = yes`,
    `${HEADER}public a = yes;`,
    `${HEADER}public <a> = \u0000;`,
    `${HEADER}import <x.y>; public <a> = yes;`,
    `${HEADER}public <a> = -o;`,
    `${HEADER}public <a> = <b>;`,
  ];
  for (const jsgf of wrong) expect(() => readGrammar(jsgf), jsgf).toThrow(AudioError);
});

test("no text at all makes the reader do anything but answer or refuse", () => {
  const piece = fc.constantFrom("public", "<a>", "=", ";", "|", "(", "]", '"', "/", "{", "}", "\\", "é", "#JSGF", "\n");
  const text = fc.array(fc.oneof(piece, fc.string())).map((pieces) => HEADER + pieces.join(" "));
  fc.assert(
    fc.property(text, (jsgf) => {
      try {
        readGrammar(jsgf);
      } catch (error) {
        expect(error).toBeInstanceOf(AudioError);
      }
    }),
  );
});
