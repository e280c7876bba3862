import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandDecoder } from "#audio/engines/command-decoder.ts";
import { RATE_HZ } from "#audio/frame.ts";
import { readWav } from "#audio/wav.ts";
import { digitsIn } from "#device/voice/dictation.ts";
import { grammarFor, listenOnlyFor } from "#device/voice/grammar.ts";
import { parse } from "#device/voice/intent.ts";
import { bookOf, person } from "../unit/voice/books.ts";

const folder = mkdtempSync(join(tmpdir(), "porter-answers-"));
const quiet = new Int16Array(RATE_HZ / 2);
let decoder: CommandDecoder;
beforeAll(() => {
  decoder = new CommandDecoder();
  const names = ["Jon", "John", "Sam", "Sam Okafor", "Ann", "Anna", "Priya"];
  decoder.setGrammar(grammarFor(bookOf(names.map((name) => person(name)))));
});
afterAll(() => {
  decoder[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

/** What the real recogniser makes of a sentence in a synthetic voice; `only`: under this grammar. */
function hear(sentence: string, only: string | null = null): ReturnType<CommandDecoder["finish"]> {
  const path = join(folder, "said.wav");
  execFileSync("flite", ["-voice", "slt", "-t", sentence, "-o", path]);
  decoder.start(only);
  for (const sound of [quiet, readWav(readFileSync(path)), quiet]) decoder.feed(sound);
  return decoder.finish();
}

test("a name that sounds like another says so, whichever of them was written", () => {
  const { text, alike } = hear("call John");
  expect(text).toMatch(/^call joh?n$/);
  const [name] = alike.filter(({ word }) => word.startsWith("jo"));
  expect(name && [name.word, ...name.same]).toEqual(expect.arrayContaining(["jon", "john"]));
  expect(hear("call Ann").alike.flatMap(({ word, close }) => [word, ...close])).toEqual(
    expect.arrayContaining(["ann", "anna"]),
  );
  expect(hear("call Priya").alike.filter(({ word }) => word === "priya")).toEqual([]);
});

test("a possessive is heard for what it is", () => {
  expect(parse(hear("call Sam's mobile").text ?? "")).toEqual({ type: "call-at", name: "sam", place: "mobile" });
});

test("digits are heard where a number was asked for, and nowhere else", () => {
  const { jsgf } = listenOnlyFor({ type: "number" });
  const number = "zero seven seven zero zero nine zero zero one two three";
  expect(digitsIn((hear(number, jsgf).text ?? "").split(" "))).toBe("07700900123");
  expect(hear("never mind", jsgf).text).toBe("never mind");
  expect(digitsIn((hear(number).text ?? "").split(" "))).toBeNull();
});

test("of several people the one who was named is heard, and afterwards every command again", () => {
  const { jsgf } = listenOnlyFor({ type: "choice", names: ["Sam Okafor", "Sam Adeyemi"] });
  expect(hear("Sam Adeyemi", jsgf).text).toBe("sam adeyemi");
  expect(hear("the second one", jsgf).text).toBe("the second one");
  expect(parse(hear("do not disturb").text ?? "")).toEqual({ type: "quiet" });
});

test("a grammar for one answer that is none hears nothing, and leaves the other as it was", () => {
  expect(() => hear("cancel", "no grammar")).toThrow("not a usable grammar");
  expect(parse(hear("hang up").text ?? "")).toEqual({ type: "hang-up" });
});
