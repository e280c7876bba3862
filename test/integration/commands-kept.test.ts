import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import * as v from "valibot";
import { expect, onTestFinished, test } from "vitest";
import { readWav } from "#audio/wav.ts";
import { grammarFor } from "#device/voice/grammar.ts";
import { keepCases } from "#scripts/bench/commands/keep.ts";
import { readPeople } from "#scripts/bench/commands/people.ts";
import { VOICES } from "#scripts/bench/commands/spoken.ts";

const Kept = v.array(
  v.strictObject({
    file: v.string(),
    sentence: v.string(),
    intent: v.string(),
    person: v.nullable(v.string()),
    voice: v.string(),
    measured: v.boolean(),
  }),
);

test("sentences are kept as sound files, by every voice, with what is said and a unit's grammar", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "porter-kept-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  expect(await keepCases(folder, 400)).toBe(2 * VOICES.length);
  const kept = v.parse(Kept, JSON.parse(await readFile(path.join(folder, "cases.json"), "utf8")));
  expect(new Set(kept.map(({ sentence }) => sentence)).size).toBe(2);
  expect(kept.filter(({ measured }) => measured)).toHaveLength(2);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".wav"));
  expect(files.toSorted()).toEqual(kept.map(({ file }) => file).toSorted());
  for (const file of files) expect(readWav(await readFile(path.join(folder, file))).length).toBeGreaterThan(16_000);
  expect(await readFile(path.join(folder, "book.jsgf"), "utf8")).toBe(grammarFor(readPeople()));
});
