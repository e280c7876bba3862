import * as v from "valibot";
import { expect, test } from "vitest";
import { WAKE_HEADS } from "#audio/engines/wake-embedding.ts";
import { AudioConfig } from "#audio/protocol.ts";
import { WAKE_WORDS } from "#audio/wake-word.ts";
import { UNIT_NAMES } from "#device/voice/phrases.ts";

test("a unit is called computer and is as sensitive as usual unless its owner chooses otherwise", () => {
  expect(v.parse(AudioConfig, {})).toMatchObject({ wakeWord: "computer", wakeSensitivity: "normal" });
  const chosen = { wakeWord: "jarvis", wakeSensitivity: "high" };
  expect(v.parse(AudioConfig, chosen)).toMatchObject(chosen);
});

test.each([
  { wakeWord: "alexa" },
  { wakeWord: "Computer" },
  { wakeWord: null },
  { wakeSensitivity: "played" },
  { wakeSensitivity: 1 },
  { sensitivity: "high" },
])("%j is refused: no unit starts with a name that it does not know", (config) => {
  expect(v.safeParse(AudioConfig, config).success).toBe(false);
});

test("each word has a head, and the grammar lets each stand before a command", () => {
  expect(Object.keys(WAKE_HEADS).toSorted()).toEqual([...WAKE_WORDS].toSorted());
  expect([...UNIT_NAMES].toSorted()).toEqual([...WAKE_WORDS].toSorted());
});
