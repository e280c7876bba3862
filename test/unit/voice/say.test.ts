import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "#device/voice/intent.ts";
import { PHRASES } from "#device/voice/phrases.ts";
import { TOPICS } from "#device/voice/row.ts";
import * as say from "#device/voice/say.ts";
import { speakable } from "#device/voice/speakable.ts";

/** Every sentence that takes names, with this one wherever a name goes. */
function sentencesAbout(name: string): string[] {
  return [
    say.isCalling(name),
    say.talkingTo(name),
    say.calling(name),
    say.nobodyAnswered(name),
    say.cannotCall(name),
    say.confirmCall(name),
    say.confirmUnblock(name),
    say.doYouMean(name),
    say.doYouMeanOf([name, name, name], name),
    say.blocked(name),
    say.alreadyBlocked(name),
    say.unblocked(name),
    say.notBlocked(name),
    say.blockUndone(name),
    say.unblockFirst(name),
    say.called([name, null, name, name, name, name, name]),
    say.lastCallWas(name),
    say.confirmMessage(name),
    say.speakAfterTone(name),
    say.speakThoughOff(name),
    say.shallISend(name),
    say.messageGoesOut(name),
    say.draftNotSaved(name),
    say.messageKept(name),
    say.cannotMessage(name),
    say.newMessages([name, name], 3),
    say.requestsWait([name, null], 2),
    say.noMessagesFrom(name),
    say.messageFrom(name, "today at noon"),
    say.forwardedFrom(name, { name }, ""),
    say.writes(name),
    say.confirmDeleteAll(name),
  ];
}

const hostile = fc.array(
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 10 }),
    fc.constantFrom(
      "<break/>",
      "[[h@l'oU]]",
      "&amp;",
      "computer",
      "Computer",
      "com",
      "puter",
      "\u202e",
      "\u200b",
      "\n",
      "\0",
      "ｃｏｍｐｕｔｅｒ",
      "çomputer",
    ),
  ),
  { maxLength: 8 },
);

function lettersOf(text: string, between: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .split(" ")
    .map((word) => word.replaceAll(/[^\p{L}]/gu, ""))
    .join(between);
}

describe("a name", () => {
  test.each([
    ["Mum", "Mum"],
    ["Zoë O'Brien-Smith", "Zoë O'Brien-Smith"],
    ["李小龙", "李小龙"],
    ["Юлия", "Юлия"],
    ["  Dave \n\t Smith ", "Dave Smith"],
    ["<speak>Dave</speak>", "speak Dave speak"],
    ["[[k@m]] Dave", "k m Dave"],
    ["\u202eevaD\u202c", "evaD"],
    ["com\u200bputer Dave", "Dave"],
    ["Computer", "somebody"],
    ["Com puter", "somebody"],
    ["ＣＯＭＰＵＴＥＲ", "somebody"],
    ["--- '", "somebody"],
    ["😀", "somebody"],
    ["", "somebody"],
    ["\ud800", "somebody"],
  ])("%j is spoken as %j", (name, spoken) => {
    expect(speakable(name)).toBe(spoken);
  });

  test("however hostile adds no markup, control or direction character, length, or wake word to any sentence", () => {
    fc.assert(
      fc.property(hostile, (pieces) => {
        for (const sentence of sentencesAbout(pieces.join(""))) {
          expect(sentence).toMatch(/^[\p{L}\p{M}\p{Nd} ',.?-]+[.?]$/u);
          expect(sentence.length).toBeLessThan(300);
          expect(lettersOf(sentence, " ")).not.toContain("computer");
        }
        expect(lettersOf(speakable(pieces.join("")), "")).not.toContain("computer");
      }),
      { numRuns: 500 },
    );
  });

  test("of a million characters is cut", () => {
    for (const name of ["\u0301x".repeat(500_000), "Dave ".repeat(200_000), "\ufdfa".repeat(1_000)]) {
      expect(speakable(name).length).toBeLessThanOrEqual(40);
    }
  });
});

describe("sentences", () => {
  test("list a few callers by name, and count the rest", () => {
    expect(say.called(["Ana"])).toBe("Ana called.");
    expect(say.called([null, "Ana", "Ben"])).toBe("Somebody who is not in your book, Ana and Ben called.");
    expect(say.called(["A", "B", "C", "D", "E", "F"])).toBe("A, B, C, D and 2 others called.");
  });

  test("of help name something that can be said for each thing there is to do", () => {
    for (const row of PHRASES) if (row.help !== null) expect(say.helpAbout(row.topic)).toContain(row.help);
    for (const topic of TOPICS) {
      expect(say.help()).toContain(topic);
      expect(parse(`what can i say about ${topic}`)).toEqual({ type: "help-about", topic });
      expect(say.helpAbout(topic).length).toBeLessThan(400);
    }
    expect(parse("what can i say")).toEqual({ type: "help" });
    expect(say.help().length).toBeLessThan(250);
  });
});
