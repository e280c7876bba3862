import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConfig, readConfig } from "#device/config.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const HUB = { name: "hub.example", mqttUrl: "mqtt://hub.example:1883", httpUrl: "http://hub.example:8080" };
const LEAST = { data: "ana", hub: HUB };

test("the least config has every default, a sound card among them, and its data folder beside the file", () => {
  expect(parseConfig(LEAST, "/etc/porter")).toEqual({
    ok: true,
    config: {
      data: "/etc/porter/ana",
      hub: HUB,
      board: { type: "sim" },
      audio: {
        io: { type: "alsa" },
        echoCanceller: "both",
        soundChannel: true,
        wakeWord: "computer",
        wakeSensitivity: "normal",
        earcons: true,
      },
      household: [],
      patience: 1,
      ringBackMs: 45_000,
      region: "GB",
    },
  });
});

test("every fault is named, not only the first", () => {
  const faulty = {
    hub: { ...HUB, mqttUrl: "telnet://hub", url: "x" },
    board: "abacus",
    audio: { io: { type: "gramophone" } },
    patience: 0.5,
    ringBackMs: -1,
    region: "uk",
    colour: "red",
    name: "",
  };
  const parsed = parseConfig(faulty, "/");
  const faults = parsed.ok ? [] : parsed.faults.map((fault) => fault.split(":")[0]);
  expect(faults.toSorted((a = "", b = "") => a.localeCompare(b))).toEqual([
    "audio.io.type",
    "board",
    "colour",
    "data",
    "hub.mqttUrl",
    "hub.url",
    "name",
    "patience",
    "region",
    "ringBackMs",
  ]);
});

test.each([[null], [[]], ["text"], [5]])("%j is refused as a whole", (value) => {
  expect(parseConfig(value, "/")).toMatchObject({ ok: false });
});

test("a file that is absent or no JSON is refused by name", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "unit.json");
  expect(readConfig(path)).toMatchObject({ ok: false, faults: [expect.stringContaining(`${path} cannot be read`)] });
  await writeFile(path, "{");
  expect(readConfig(path)).toMatchObject({ ok: false, faults: [expect.stringContaining(`${path} is not JSON`)] });
  await writeFile(path, JSON.stringify(LEAST));
  expect(readConfig(path)).toMatchObject({ ok: true, config: { data: join(folder.path, "ana") } });
});
