import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { NODE } from "#device/update/manifest.ts";
import { collect } from "#scripts/bundle/collect.ts";
import { AudioProcess, speakToFile } from "../house/audio-process.ts";
import { makeTempFolder } from "../house/temp-folder.ts";

const CHECKOUT = resolve(import.meta.dirname, "../..");
const TARGET = { arch: process.arch === "arm64" ? "arm64" : "x64" } as const;
const GRAMMAR = "#JSGF V1.0;\ngrammar commands;\npublic <command> = call (ben | ana) | hang up | answer | ignore;\n";
/** What a hub or a rig needs, and no unit. */
const NOT_FOR_UNITS = ["aedes", "aedes-persistence-level", "level", "yaml"];

test("what goes into a bundle hears a command: nothing that the ears need stays behind", async () => {
  await using folder = await makeTempFolder();
  const { files, packages } = collect(CHECKOUT, CHECKOUT, TARGET, () => undefined);
  expect(packages).toEqual(expect.arrayContaining(needed()));
  for (const { path, mode, read } of files) {
    const to = join(folder.path, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, read(), { mode: Number.parseInt(mode, 8) });
  }
  const program = { main: join(folder.path, "app/audio/main.ts"), node: join(folder.path, NODE) };
  await using unit = await AudioProcess.start({}, {}, true, program);
  unit.send({ type: "set-grammar", jsgf: GRAMMAR });
  await unit.hears(await speakToFile("computer", folder.path));
  await unit.next("wake", 3_000);
  await unit.hears(await speakToFile("hang up", folder.path));
  expect(await unit.next("heard")).toMatchObject({ text: "hang up", spoke: true });
});

/** Every package that the project needs to run, but for those of others. */
function needed(): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8"));
  return Object.keys(dependencies).filter((name) => !NOT_FOR_UNITS.includes(name));
}
