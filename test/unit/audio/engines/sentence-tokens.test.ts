import { expect, test } from "vitest";
import { ENDS, tokensOf, written } from "#audio/engines/sentence-tokens.ts";

const NAMES = new Set(["ben", "siobhán", "lee"]);

test.each([
  ["call ben", "Call Ben"],
  ["call siobhán 's mobile please", "Call Siobhán's mobile please"],
  ["please i don't want to hear from lee", "Please I don't want to hear from Lee"],
  ["could you call ben and i'd", "Could you call Ben and I'd"],
  ["", ""],
])("%j is written %j", (words, sentence) => {
  expect(written(words.split(" "), NAMES)).toBe(sentence);
});

test("a sentence begins with the token for that, and no mark is that of another", () => {
  expect(tokensOf("Call Ben")[0]).toBe(1);
  expect(tokensOf("Call Ben")).not.toEqual(tokensOf("call ben"));
  expect(new Set(ENDS).size).toBe(ENDS.length);
  expect(Math.max(...tokensOf("Call 山田, Siobhán"))).toBeLessThan(32_768);
});
