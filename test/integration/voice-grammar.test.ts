import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandRecogniser } from "#audio/engines/recogniser.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { grammarFor } from "#device/voice/grammar.ts";
import { parse } from "#device/voice/intent.ts";
import { bookOf, person } from "../unit/voice/books.ts";

/** 44 bytes of RIFF header: flite writes no other chunk. */
const WAV_HEADER_BYTES = 44;
const HOSTILE = [
  "Mum; public <evil> = hack",
  "a | <b> * (c",
  "x\npublic <y> = z;",
  "\u202e{t} /9/",
  "Computer",
  "<VOID>",
  "李",
  "Qx'zvrt",
];

let recogniser: CommandRecogniser;
const folder = mkdtempSync(join(tmpdir(), "porter-voice-"));
beforeAll(async () => {
  recogniser = await CommandRecogniser.open();
});
afterAll(async () => {
  await recogniser[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** What the real ears make of a sentence in a synthetic voice. */
async function hear(sentence: string): Promise<string | null> {
  const path = join(folder, "said.wav");
  execFileSync("flite", ["-voice", "slt", "-t", sentence, "-o", path]);
  const wav = readFileSync(path);
  expect(wav.readUInt32LE(24)).toBe(RATE_HZ);
  const quiet = new Int16Array(RATE_HZ / 2);
  const said = new Int16Array(wav.buffer.slice(wav.byteOffset + WAV_HEADER_BYTES, wav.byteOffset + wav.length));
  recogniser.start();
  for (const sound of [quiet, said, quiet]) {
    for (let at = 0; at + FRAME_SAMPLES <= sound.length; at += FRAME_SAMPLES) {
      recogniser.push(sound.subarray(at, at + FRAME_SAMPLES));
    }
  }
  return (await recogniser.finish()).text;
}

test("the recogniser takes the grammar of a book full of hostile names, and hears a call in it", async () => {
  await recogniser.setGrammar(grammarFor(bookOf([...HOSTILE, "Mallory"].map((name) => person(name)))));
  expect(parse((await hear("block mallory")) ?? "")).toEqual({ type: "block", name: "mallory" });
});

test("the recogniser takes the grammar of an empty book, and hears no name in it", async () => {
  await recogniser.setGrammar(grammarFor(bookOf([])));
  expect(parse((await hear("turn calling off")) ?? "")).toEqual({ type: "calling-off" });
  expect(parse((await hear("block mallory")) ?? "")).not.toMatchObject({ name: "mallory" });
});

test("the recogniser takes the grammar of 1,000 people, and still hears one of them", async () => {
  const syllables = ["ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "tu"];
  const nameOf = (n: number) => String(n).replaceAll(/\d/g, (digit) => syllables[Number(digit)] ?? "");
  const people = Array.from({ length: 999 }, (_none, n) => person(`p${n}`, `${nameOf(n)} ${nameOf(998 - n)}`));
  await recogniser.setGrammar(grammarFor(bookOf([...people, person("mallory", "Mallory")])));
  expect(parse((await hear("block mallory")) ?? "")).toEqual({ type: "block", name: "mallory" });
});
