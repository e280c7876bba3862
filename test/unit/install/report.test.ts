import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listPorts } from "#install/ports.ts";
import { settingsOf } from "#install/provision.ts";
import { writeReport } from "#install/report.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const SOUND = {
  verdict: "fine",
  says: "Sound works.",
  next: null,
  tones: 3,
  delayMs: 62,
  levelTenthsDbfs: -310,
  noiseTenthsDbfs: -602,
  peakTenthsDbfs: -120,
};

test("a unit's report is a page with a picture of its sound, and the same as JSON; what a unit says stays text", async () => {
  await using folder = await makeTempFolder();
  const steps = [{ what: "<script>alert(1)</script>", outcome: "failed", detail: 'a "b" & c' }] as const;
  const report = {
    command: "check",
    port: "/dev/ttyUSB0",
    at: "2026-11-23T09:00:00Z",
    exitCode: 5,
    failure: null,
  } as const;
  const page = readFileSync(writeReport(folder.path, { ...report, steps, sound: SOUND }), "utf8");
  expect(page).toContain("<svg");
  expect(page).toContain("tones heard: 3 of 3, after 62 ms");
  expect(page).not.toContain("<script>");
  expect(page).toContain("&lt;script&gt;");
  expect(JSON.parse(readFileSync(join(folder.path, "dev-ttyUSB0.json"), "utf8"))).toMatchObject({ exitCode: 5, steps });
});

test("ports are found without udev, and what was plugged in comes first", async () => {
  await using folder = await makeTempFolder();
  const [tty, dev] = [join(folder.path, "tty"), join(folder.path, "dev")];
  mkdirSync(dev);
  const make = (name: string, driver: string | null, type: string) => {
    mkdirSync(join(tty, name, "device"), { recursive: true });
    if (driver !== null) symlinkSync(`/sys/bus/drivers/${driver}`, join(tty, name, "device", "driver"));
    writeFileSync(join(tty, name, "type"), type);
  };
  make("ttyS0", "serial8250", "0");
  make("ttyS1", "serial8250", "4");
  make("ttyUSB0", "cp210x", "");
  make("tty1", null, "");
  writeFileSync(join(tty, "ttyUSB0", "device", "product"), "Console \u001b[31mof a unit");
  writeFileSync(join(dev, "ttyACM3"), "");
  expect(listPorts({ tty, dev })).toEqual([
    { path: join(dev, "ttyACM3"), what: "nothing more is known of it", likely: true },
    { path: join(dev, "ttyUSB0"), what: "Console ?[31mof a unit", likely: true },
    { path: join(dev, "ttyS1"), what: "serial8250", likely: false },
  ]);
  expect(listPorts({ tty: join(folder.path, "none"), dev: join(folder.path, "none") })).toEqual([]);
});

test("settings come from a file and the command line, which counts more, and every fault is named", async () => {
  await using folder = await makeTempFolder();
  const file = join(folder.path, "all.json");
  const hub = { name: "hub.example", mqttUrl: "mqtts://hub.example", httpUrl: "https://hub.example" };
  writeFileSync(file, JSON.stringify({ name: "Room {n}", region: "GB", timeZone: "Europe/London", hub }));
  expect(settingsOf({ settings: file, region: "DE" }, 7)).toMatchObject({ name: "Room 7", region: "DE", hub });
  expect(() => settingsOf({ settings: file, region: "x", hubName: "" }, 1)).toThrow(
    /region.*\n.*hub.name|hub.name.*\n.*region/s,
  );
  expect(() => settingsOf({ settings: join(folder.path, "none") }, 1)).toThrow(/cannot be read/);
});
