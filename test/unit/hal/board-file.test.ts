import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseConfig } from "#device/config.ts";
import { gpioOf, parseBoard } from "#hal/board-file.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const SCENES = Object.fromEntries(
  ["listening", "calling", "ringing", "talking", "missed", "message", "calling-off", "muted", "fault"].map((scene) => [
    scene,
    ["red"],
  ]),
);
const LIGHTS = { type: "lines", leds: { red: { line: { chip: "gpiochip0", offset: 5 } } }, scenes: SCENES };
const BOARD = {
  button: { line: { chip: "gpiochip0", offset: 3 }, activeLow: true },
  mute: { line: { name: "MUTE" }, debounceMs: 10 },
  lights: LIGHTS,
  sound: { capture: "hw:CARD=Array", channel: 2 },
};

function faultsOf(value: unknown, type: "linux" | "mcu" = "linux"): readonly string[] {
  const parsed = parseBoard(type, value);
  return parsed.ok ? [] : parsed.faults;
}

describe("a board file", () => {
  test("has its defaults, and goes by gpiod unless its lines are numbers of sysfs", () => {
    const parsed = parseBoard("linux", BOARD);
    expect(parsed).toMatchObject({ ok: true, board: { button: { debounceMs: 20 }, mute: { activeLow: false } } });
    expect(parsed.ok && parsed.board.type === "linux" && gpioOf(parsed.board)).toBe("gpiod");
    const lights = { ...LIGHTS, type: "kernel", leds: { red: "porter:red" } };
    const sysfs = parseBoard("linux", { button: { line: { gpio: 17 } }, mute: { line: { gpio: 27 } }, lights });
    expect(sysfs.ok && sysfs.board.type === "linux" && gpioOf(sysfs.board)).toBe("onoff");
    expect(parseBoard("mcu", { mcu: { path: "/dev/ttyACM0" } })).toMatchObject({
      board: { mcu: { baudRate: 115_200 } },
    });
  });

  test("names every fault, not only the first", () => {
    const faulty = {
      button: { line: { chip: "gpiochip0" }, debounceMs: 0, colour: "red" },
      lights: { ...LIGHTS, scenes: { ...SCENES, ringing: undefined } },
      sound: { channel: 99 },
      serial: { console: { path: "COM3", baudRate: 123 } },
      extra: 1,
    };
    const keys = faultsOf(faulty).map((fault) => fault.split(":")[0]);
    for (const key of ["button.line", "button.debounceMs", "button.colour", "mute", "lights.scenes.ringing", "extra"])
      expect(keys).toContain(key);
    for (const key of ["sound.channel", "serial.console.path", "serial.console.baudRate"]) expect(keys).toContain(key);
  });

  test.each<[string, unknown, RegExp]>([
    ["one line for two", { ...BOARD, mute: { line: BOARD.button.line } }, /mute.line: is the line of button already/],
    [
      "sysfs and the character device",
      { ...BOARD, mute: { line: { gpio: 4 } } },
      /mute.line: gpiod knows lines by chip/,
    ],
    ["onoff with chips", { ...BOARD, gpio: "onoff" }, /button.line: onoff knows lines by/],
    [
      "an LED that is not there",
      { ...BOARD, lights: { ...LIGHTS, scenes: { ...SCENES, ringing: ["blue"] } } },
      /no LED called blue/,
    ],
    [
      "a microphone open in the dark",
      { ...BOARD, lights: { ...LIGHTS, scenes: { ...SCENES, talking: [] } } },
      /scenes.talking: must light/,
    ],
    [
      "a way out of /sys/class/leds",
      { ...BOARD, lights: { ...LIGHTS, type: "kernel", leds: { red: "../../etc" } } },
      /lights.leds.red/,
    ],
    ["nothing", null, /./],
  ])("is refused with %s", (_, value, fault) => {
    expect(faultsOf(value).join("\n")).toMatch(fault);
  });
});

describe("a config with a board", () => {
  const hub = { name: "hub.example", mqttUrl: "mqtt://hub.example:1883", httpUrl: "http://hub.example:8080" };
  const config = { data: "ana", hub, board: "linux", boardFile: "board.json" };

  test("takes the board's file from beside it, and its card unless it names one itself", async () => {
    await using folder = await makeTempFolder();
    await writeFile(join(folder.path, "board.json"), JSON.stringify(BOARD));
    expect(parseConfig(config, folder.path)).toMatchObject({
      ok: true,
      config: { board: { type: "linux" }, audio: { io: { type: "alsa", capture: "hw:CARD=Array", channel: 2 } } },
    });
    const own = parseConfig({ ...config, audio: { io: { type: "room" } } }, folder.path);
    expect(own).toMatchObject({ ok: true, config: { audio: { io: { type: "room" } } } });
  });

  test("is refused by the names of both files' faults", async () => {
    await using folder = await makeTempFolder();
    const refused = (value: unknown) => expect(parseConfig(value, folder.path));
    refused(config).toMatchObject({ faults: [expect.stringContaining("board.json: ")] });
    refused({ ...config, boardFile: undefined }).toMatchObject({
      faults: [expect.stringContaining("boardFile: is missing")],
    });
    refused({ ...config, board: "sim" }).toMatchObject({ faults: [expect.stringContaining('"sim" has none')] });
    await writeFile(join(folder.path, "board.json"), JSON.stringify({ ...BOARD, mute: 5 }));
    refused(config).toMatchObject({ faults: [expect.stringMatching(/^board\.json: mute: /)] });
  });
});
