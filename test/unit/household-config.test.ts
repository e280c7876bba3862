import { describe, expect, test } from "vitest";
import { type ConfigResult, parseConfig } from "#device/config.ts";
import { folderNamed, foldersOf } from "#device/household.ts";

const HUB = { name: "hub.example", mqttUrl: "mqtt://hub.example:1883", httpUrl: "http://hub.example:8080" };
const LEAST = { data: "unit", hub: HUB, audio: { io: { type: "room" } } };

function read(owner: string | undefined, ...names: string[]): ConfigResult {
  const household = names.map((name) => ({ name }));
  return parseConfig({ ...LEAST, ...(owner !== undefined && { owner }), household }, "/home");
}

function configOf(result: ConfigResult) {
  if (!result.ok) throw new Error(result.faults.join());
  return result.config;
}

describe("the owners of a unit", () => {
  test("have a folder each, the first owner's as it is where there is nobody else", () => {
    expect(foldersOf(configOf(parseConfig(LEAST, "/home")))).toEqual([{ name: null, folder: "/home/unit" }]);
    expect(foldersOf(configOf(read("Ben", "Ana María", "O'Hara")))).toEqual([
      { name: "Ben", folder: "/home/unit" },
      { name: "Ana María", folder: "/home/unit/household/ana-maría" },
      { name: "O'Hara", folder: "/home/unit/household/o-hara" },
    ]);
  });

  test("are found by their names, however they are written; nobody is found by another's", () => {
    const config = configOf(read("Ben", "Zoë"));
    for (const name of [undefined, "Ben", " ben"]) expect(folderNamed(config, name)).toBe("/home/unit");
    for (const name of ["Zoë", "ZOË", "Zoe\u0308"]) expect(folderNamed(config, name)).toBe("/home/unit/household/zoë");
    for (const name of ["", "Zoe", "../unit", "household"]) expect(folderNamed(config, name)).toBeNull();
    expect(folderNamed(configOf(parseConfig(LEAST, "/home")), "Ben")).toBeNull();
  });

  test.each([
    ["Ana", "ana"],
    ["Zoë", "ZOE\u0308"],
    ["Ana Maria", "ana-maria"],
    ["Ben", "Ana"],
  ])("are never two of one name: %s and %s", (one, other) => {
    expect(read("Ben", one, other)).toEqual({ ok: false, faults: ["household: two owners have one name"] });
  });

  test.each([
    "..",
    ".",
    "../Ana",
    "a/b",
    "/etc",
    "a\\b",
    "Ana\0",
    "~",
    "-rf",
    "1st",
    "",
    " ",
    "Ana\u202e",
    "A".repeat(33),
    "%2e%2e",
    "Ana.",
    "🙂",
  ])("have names that mean nothing in a path: not %j", (name) => {
    const result = read("Ben", name);
    expect(result.ok ? [] : result.faults.map((fault) => fault.split(":")[0])).toContain("household.0.name");
  });

  test("are all named where there are several, and seven at most beside the first", () => {
    expect(read(undefined, "Ana")).toEqual({ ok: false, faults: [expect.stringMatching(/^owner: is missing/)] });
    const eight = ["A", "B", "C", "D", "E", "F", "G", "H"];
    expect(read("Ben", ...eight).ok).toBe(false);
    expect(read("Ben", ...eight.slice(1)).ok).toBe(true);
  });

  test("have nothing else in the config but an invitation", () => {
    const household = [{ name: "Ana", invitation: "x", data: "/etc" }];
    expect(parseConfig({ ...LEAST, owner: "Ben", household }, "/")).toEqual({
      ok: false,
      faults: ["household.0.data: no such setting"],
    });
  });
});
