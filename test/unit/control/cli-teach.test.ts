import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wavHeader } from "#audio/wav.ts";
import { keepTaught } from "#device/store/taught-words.ts";
import { taughtWord } from "#test/house/taught-word.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { makeSocketUnit, runPorter } from "./fixtures.ts";

const HUB = { name: "hub", mqttUrl: "mqtt://127.0.0.1:1", httpUrl: "http://127.0.0.1:2" };

async function makeUnit(audio: Readonly<Record<string, unknown>> = {}) {
  const folder = await makeTempFolder();
  const data = join(folder.path, "unit");
  await mkdir(data, { mode: 0o700 });
  const config = join(folder.path, "ana.json");
  await writeFile(config, JSON.stringify({ data, hub: HUB, audio }));
  const wake = (...args: string[]) => runPorter(["--config", config, "wake", ...args]);
  const wakeBy = (socket: string, ...args: string[]) =>
    runPorter(["--config", config, "--socket", socket, "wake", ...args]);
  const held = async (): Promise<unknown> => JSON.parse(await readFile(config, "utf8")).audio;
  /** A recording in which nobody says anything. */
  const silence = async (name: string, ms: number): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, Buffer.concat([wavHeader(ms * 16), Buffer.alloc(ms * 32)]));
    return path;
  };
  return { folder, data, wake, wakeBy, held, silence, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test("a taught word is listed, chosen and forgotten, and then the unit has the name again that it had", async () => {
  await using unit = await makeUnit({ wakeWord: "jarvis" });
  keepTaught(unit.data, taughtWord("marmalade"));
  expect((await unit.wake()).out).toBe("  computer\n* jarvis\n  marmalade: taught on 2026-11-23 from 6 recordings\n");
  expect(await unit.wake("word", "marmalade")).toMatchObject({
    exit: 0,
    out: 'It is "marmalade" from the unit\'s next start on.\n',
  });
  expect(await unit.held()).toEqual({ wakeWord: "jarvis", taughtWord: "marmalade" });
  expect((await unit.wake("word")).out).toBe("marmalade\n");
  expect((await unit.wake("forget", "marmalade")).out).toBe(
    '"marmalade" is forgotten.\nIt is "jarvis" from the unit\'s next start on.\n',
  );
  expect(await unit.held()).toEqual({ wakeWord: "jarvis" });
  expect(await unit.wake("forget", "marmalade")).toMatchObject({ exit: 1 });
}, 30_000);

test("a chosen word that cannot be used is told of, with what is listened for in its place", async () => {
  await using unit = await makeUnit({ taughtWord: "marmalade" });
  keepTaught(unit.data, taughtWord("marmalade"));
  await writeFile(join(unit.data, "wake/marmalade.json"), "broken");
  const { out, exit } = await unit.wake();
  expect(exit).toBe(0);
  expect(out).toContain("damaged");
  expect(out).toContain('"marmalade" is chosen and cannot be used: "computer" is listened for in its place.');
  // What is broken is not chosen again, and the choice of another one still works.
  expect(await unit.wake("word", "jarvis")).toMatchObject({ exit: 0 });
  expect(await unit.wake("word", "marmalade")).toMatchObject({ exit: 1 });
  expect(await unit.held()).toEqual({ wakeWord: "jarvis" });
}, 30_000);

test.each([
  ["computer", /knows computer and jarvis already/],
  ["cat", /four letters or more/],
  ["Marmalade!", /plain small letters/],
  ["a word that is much too long", /plain small letters/],
])(
  "%s cannot be taught, and it is said why",
  async (word, why) => {
    await using unit = await makeUnit();
    const { exit, err } = await unit.wake("teach", word);
    expect(exit).toBe(2);
    expect(err).toMatch(why);
  },
  30_000,
);

test("too few recordings, and such as are of no use, teach nothing: each is named with its fault", async () => {
  await using unit = await makeUnit();
  const quiet = await unit.silence("quiet.wav", 3_000);
  const few = await unit.wake("teach", "marmalade", "--from", quiet);
  expect(few).toMatchObject({ exit: 2 });
  expect(few.err).toContain("5 to 8 recordings");
  const long = await unit.silence("long.wav", 11_000);
  const text = join(unit.folder.path, "text.wav");
  await writeFile(text, "no sound at all");
  const missing = join(unit.folder.path, "missing.wav");
  const bad = await unit.wake("teach", "marmalade", "--from", quiet, long, text, missing, unit.folder.path);
  expect(bad.exit).toBe(1);
  expect(bad.err).toMatch(/quiet\.wav: nothing was heard/);
  expect(bad.err).toMatch(/long\.wav: it cannot be read: it is longer than ten seconds/);
  expect(bad.err).toMatch(/text\.wav: it cannot be read: not a WAV file; sox/);
  expect(bad.err).toMatch(/missing\.wav: it cannot be read: ENOENT/);
  expect(bad.err).toMatch(/it is no file/);
  await expect(stat(join(unit.data, "wake"))).rejects.toThrow("ENOENT");
}, 60_000);

test("without a unit there is no microphone to teach by; while it is busy or muted, it says so", async () => {
  await using unit = await makeUnit();
  expect(await unit.wake("teach", "marmalade")).toMatchObject({ exit: 3 });
  const refuse = (code: string) => () => ({ ok: false, error: { code, message: `not now: ${code}` } }) as const;
  for (const [code, overrides] of [
    ["busy", { "wake-rest": refuse("busy") }],
    ["muted", { "wake-rest": () => ({ ok: true, answer: {} }) as const, "wake-take": refuse("muted") }],
  ] as const) {
    await using running = await makeSocketUnit(overrides);
    const asked = await unit.wakeBy(running.path, "teach", "marmalade");
    expect(asked).toMatchObject({ exit: 1 });
    expect(asked.err).toContain(`not now: ${code}`);
  }
}, 60_000);

test("recordings of no use are asked for again, and after four in a row it is given up with what was wrong", async () => {
  await using unit = await makeUnit();
  const said: string[] = [];
  await using running = await makeSocketUnit({
    "wake-rest": () => ({ ok: true, answer: {} }),
    "wake-take": ({ say }) => {
      said.push(say);
      return { ok: true, answer: { sound: Buffer.alloc(96_000).toString("base64") } };
    },
  });
  const asked = await unit.wakeBy(running.path, "teach", "marmalade");
  expect(asked.exit).toBe(1);
  expect(said).toEqual(["first", "again", "again", "again"]);
  expect(asked.out).toContain("not used: nothing was heard");
  expect(asked.out).toContain("It misses more");
  expect(asked.err).toMatch(/4 recordings were of no use/);
}, 60_000);
