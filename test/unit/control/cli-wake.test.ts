import { chmod, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { runPorter } from "./fixtures.ts";

const HUB = { name: "hub", mqttUrl: "mqtt://127.0.0.1:1", httpUrl: "http://127.0.0.1:2" };
const CONFIG = { data: "unit", hub: HUB, audio: { soundChannel: false }, region: "GB" };

async function makeConfig(value: unknown) {
  const folder = await makeTempFolder();
  const path = join(folder.path, "ana.json");
  await writeFile(path, JSON.stringify(value));
  const wake = (...args: string[]) => runPorter(["--config", path, "wake", ...args]);
  const held = async (): Promise<unknown> => JSON.parse(await readFile(path, "utf8"));
  return { folder, path, wake, held, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test("the owner chooses what the unit is called and how easily it is woken, and all else in the config stays", async () => {
  await using unit = await makeConfig(CONFIG);
  await chmod(unit.path, 0o640);
  expect(await unit.wake("word")).toMatchObject({ exit: 0, out: "computer\n" });
  expect(await unit.wake("word", "jarvis")).toMatchObject({
    exit: 0,
    out: 'It is "jarvis" from the unit\'s next start on.\n',
  });
  expect(await unit.wake("sensitivity", "high")).toMatchObject({ exit: 0, err: "" });
  expect(await unit.wake("word", "jarvis")).toMatchObject({ exit: 0, out: 'It was "jarvis" already.\n' });
  expect(await unit.held()).toEqual({
    ...CONFIG,
    audio: { soundChannel: false, wakeWord: "jarvis", wakeSensitivity: "high" },
  });
  expect((await stat(unit.path)).mode & 0o777).toBe(0o640);
}, 30_000);

test("a config that is reached by a link is changed where it lies", async () => {
  await using unit = await makeConfig({ data: "unit", hub: HUB });
  const link = join(unit.folder.path, "link.json");
  await symlink(unit.path, link);
  expect(await runPorter(["--config", link, "wake", "word", "jarvis"])).toMatchObject({ exit: 0 });
  expect(await unit.held()).toEqual({ data: "unit", hub: HUB, audio: { wakeWord: "jarvis" } });
}, 30_000);

test("what it cannot be called, and a config that is not valid, change nothing", async () => {
  await using unit = await makeConfig(CONFIG);
  const refused = await unit.wake("word", "alexa");
  expect(refused).toMatchObject({ exit: 2 });
  expect(refused.err).toContain("computer, jarvis");
  expect(await unit.held()).toEqual(CONFIG);
  await writeFile(unit.path, JSON.stringify({ ...CONFIG, audio: { wakeWord: "alexa" } }));
  const invalid = await unit.wake("word", "jarvis");
  expect(invalid).toMatchObject({ exit: 2 });
  expect(invalid.err).toContain("audio.wakeWord");
  expect(await unit.held()).toMatchObject({ audio: { wakeWord: "alexa" } });
}, 30_000);
