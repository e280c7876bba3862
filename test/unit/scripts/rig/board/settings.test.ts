import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readBoardSettings } from "#scripts/rig/targets/board/settings.ts";
import { switchPower } from "#scripts/rig/targets/board/supply.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

describe("how a board is wired", () => {
  test("is said in a file, on the command line, or both: then what was said counts", async () => {
    await using folder = await makeTempFolder();
    const file = join(folder.path, "board.json");
    await writeFile(file, JSON.stringify({ port: "/dev/ttyUSB0", play: "plughw:CARD=Loop", quietDbfs: -70 }));
    expect(readBoardSettings(file, { port: "/dev/ttyUSB1", play: undefined })).toMatchObject({
      ok: true,
      settings: { port: "/dev/ttyUSB1", play: "plughw:CARD=Loop", quietDbfs: -70, address: "127.0.0.1" },
    });
    expect(readBoardSettings(undefined, { port: "unix:/a" })).toMatchObject({ ok: true });
  });

  test.each<[string, Record<string, string | number | undefined>, RegExp]>([
    ["no port", {}, /port: is missing/],
    ["a rate that is no number", { port: "/a", baudRate: Number("fast") }, /baudRate/],
    ["a name in place of an address", { port: "/a", address: "rig.local" }, /address: must be an IP address/],
    ["a loop that hums as loud as the unit speaks", { port: "/a", quietDbfs: -20 }, /quietDbfs/],
    ["what there is not", { port: "/a", speed: 5 }, /speed: no such setting/],
  ])("is refused with a word where it is %s", (_, said, fault) => {
    const read = readBoardSettings(undefined, said);
    expect(read.ok ? "" : read.faults.join()).toMatch(fault);
  });

  test.each(["not JSON", "[]", "null", ""])("is refused where the file holds %j", async (text) => {
    await using folder = await makeTempFolder();
    const file = join(folder.path, "board.json");
    await writeFile(file, text);
    expect(readBoardSettings(file, { port: "/a" })).toMatchObject({ ok: false });
    expect(readBoardSettings(`${file}.gone`, { port: "/a" })).toMatchObject({ ok: false });
  });
});

describe("a board's supply", () => {
  test("is switched by the owner's command, with on or off after it", async () => {
    await expect(switchPower({ powerCommand: "test on =" }, "on")).resolves.toBeUndefined();
    await expect(switchPower({ powerCommand: "test on =" }, "off")).rejects.toThrow('"test on = off"');
    await expect(switchPower({}, "off")).resolves.toBeUndefined();
  });

  test("that refuses is told in the command's own words", async () => {
    await expect(switchPower({ powerCommand: "echo no such socket >&2; false" }, "on")).rejects.toThrow(
      /no such socket/,
    );
  });
});
