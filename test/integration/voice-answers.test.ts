import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandDecoder, type CommandHeard } from "#audio/engines/command-decoder.ts";
import { RATE_HZ } from "#audio/frame.ts";
import { readWav } from "#audio/wav.ts";
import { digitsIn } from "#device/voice/dictation.ts";
import { grammarFor, listenOnlyFor } from "#device/voice/grammar.ts";
import { parse } from "#device/voice/intent.ts";
import { bookOf, person } from "../unit/voice/books.ts";

const folder = mkdtempSync(join(tmpdir(), "porter-answers-"));
const quiet = new Int16Array(RATE_HZ / 2);
let decoder: CommandDecoder;
beforeAll(async () => {
  decoder = await CommandDecoder.open();
  const names = ["Jon", "John", "Sam", "Sam Okafor", "Ann", "Anna", "Priya"];
  decoder.setGrammar(grammarFor(bookOf(names.map((name) => person(name)))));
});
afterAll(async () => {
  await decoder[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** What the real recogniser makes of a sentence in a synthetic voice; `only`: under this grammar. */
async function hear(sentence: string, only: string | null = null): Promise<CommandHeard> {
  const path = join(folder, "said.wav");
  execFileSync("flite", ["-voice", "slt", "-t", sentence, "-o", path]);
  decoder.start(only);
  for (const sound of [quiet, readWav(readFileSync(path)), quiet]) decoder.feed(sound);
  return decoder.finish();
}

test("a name that sounds like another says so, whichever of them was written", async () => {
  const { text, alike } = await hear("call John");
  expect(text).toMatch(/^call joh?n$/);
  const [name] = alike.filter(({ word }) => word.startsWith("jo"));
  expect(name && [name.word, ...name.same]).toEqual(expect.arrayContaining(["jon", "john"]));
  expect((await hear("call Ann")).alike.flatMap(({ word, close }) => [word, ...close])).toEqual(
    expect.arrayContaining(["ann", "anna"]),
  );
  expect((await hear("call Priya")).alike.filter(({ word }) => word === "priya")).toEqual([]);
});

test("what is said to nobody scores far below what is a command", async () => {
  const [command, talk] = [await hear("call Priya"), await hear("the weather will be fine tomorrow afternoon")];
  expect(command.score).toBeGreaterThan(-1.3);
  expect(talk.score).toBeLessThan(-1.8);
});

test("a possessive is heard for what it is", async () => {
  expect(parse((await hear("call Sam's mobile")).text ?? "")).toEqual({
    type: "call-at",
    name: "sam",
    place: "mobile",
  });
});

test("digits are heard where a number was asked for, and nowhere else", async () => {
  const { jsgf } = listenOnlyFor({ type: "number" });
  const number = "zero seven seven zero zero nine zero zero one two three";
  expect(digitsIn(((await hear(number, jsgf)).text ?? "").split(" "))).toBe("07700900123");
  expect((await hear("never mind", jsgf)).text).toBe("never mind");
  expect(digitsIn(((await hear(number)).text ?? "").split(" "))).toBeNull();
});

test("of several people the one who was named is heard, and afterwards every command again", async () => {
  const { jsgf } = listenOnlyFor({ type: "choice", names: ["Sam Okafor", "Sam Adeyemi"] });
  expect((await hear("Sam Adeyemi", jsgf)).text).toBe("sam adeyemi");
  expect((await hear("the second one", jsgf)).text).toBe("the second one");
  expect(parse((await hear("do not disturb")).text ?? "")).toEqual({ type: "quiet" });
});

test("a grammar for one answer that is none hears nothing, and leaves the other as it was", async () => {
  await expect(hear("cancel", "no grammar")).rejects.toThrow("not a usable grammar");
  expect(parse((await hear("hang up")).text ?? "")).toEqual({ type: "hang-up" });
});
