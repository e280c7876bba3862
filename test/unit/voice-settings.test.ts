import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_VOICE } from "#device/voice/set-voice.ts";
import { keepVoice, readVoice } from "#device/voice-settings.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const LOUD = { volume: 9, wordsPerMinute: 140, waitMs: 1_500 };

test("how the unit speaks is the same after the next start", async () => {
  await using place = await makeTempFolder();
  expect(readVoice(place.path)).toEqual(DEFAULT_VOICE);
  expect(keepVoice(place.path, LOUD)).toBe(true);
  expect(readVoice(place.path)).toEqual(LOUD);
});

test("a file that nobody can read, or that asks for what cannot be, counts as none", async () => {
  await using place = await makeTempFolder();
  for (const text of ["", "{", "null", '{"volume":0}', JSON.stringify({ ...LOUD, volume: 99 })]) {
    writeFileSync(join(place.path, "voice.json"), text);
    expect(readVoice(place.path)).toEqual(DEFAULT_VOICE);
  }
});

test("a disk that refuses it is said, and nothing breaks", async () => {
  await using place = await makeTempFolder();
  mkdirSync(join(place.path, "voice.json.new"));
  expect(keepVoice(place.path, LOUD)).toBe(false);
  expect(keepVoice(join(place.path, "nowhere"), LOUD)).toBe(false);
});
