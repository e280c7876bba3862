import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askForReset, isResetAsked, resetIfAsked } from "#device/smp/factory-reset.ts";
import { fingerprintOf } from "#device/smp/fingerprint.ts";
import { GROUP } from "#device/smp/packet.ts";
import { readSettings } from "#device/smp/settings.ts";
import { UNIT_COMMAND as ID, type Provision } from "#device/smp/unit-messages.ts";
import { SmpUnit } from "#test/house/smp-unit.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const TOLD: Provision = {
  name: "Kitchen",
  region: "GB",
  timeZone: "Europe/London",
  hub: { name: "hub.example", mqttUrl: "mqtt://127.0.0.1:1", httpUrl: "http://127.0.0.1:2" },
};
const ask = (unit: SmpUnit, id: number, op: "read" | "write", body = {}) =>
  unit.ask({ group: GROUP.unit, id, op, body });

test("what an installer says is on the disk, for the unit alone to read, before it is answered", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  expect(await ask(unit, ID.status, "read")).toMatchObject({ stage: "new", board: "sim", running: false });
  expect(await ask(unit, ID.provision, "write", { ...TOLD, board: "sim" })).toEqual({});
  expect(readSettings(folder.path)).toMatchObject({ found: "settings", settings: { handedOver: false, told: TOLD } });
  expect(statSync(join(folder.path, "settings.json")).mode & 0o777).toBe(0o600);
  expect(new SmpUnit(folder.path).workbench.stage).toBe("provisioned");
  expect(await ask(unit, ID.handover, "write")).toEqual({});
  expect(new SmpUnit(folder.path).workbench.stage).toBe("handed-over");
});

test.each([
  ["an unknown key", { ...TOLD, keys: "mine" }, /keys/],
  ["a region that is none", { ...TOLD, region: "gb" }, /region.*GB/],
  ["a time zone that is none", { ...TOLD, timeZone: "Mars/Base" }, /timeZone/],
  ["a hub of another protocol", { ...TOLD, hub: { ...TOLD.hub, mqttUrl: "file:///etc" } }, /hub.mqttUrl/],
  ["a name too long", { ...TOLD, name: "x".repeat(65) }, /name/],
  ["another board", { ...TOLD, board: "linux" }, /^wrong-board/],
])("settings with %s are refused by name, and nothing is written", async (_, body, rsn) => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  expect(await ask(unit, ID.provision, "write", body)).toMatchObject({ rc: 3, rsn: expect.stringMatching(rsn) });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a unit that was told nothing cannot be handed over", async () => {
  await using folder = await makeTempFolder();
  expect(await ask(new SmpUnit(folder.path), ID.handover, "write")).toMatchObject({ rc: 6 });
});

test.each([
  ["no JSON", "{"],
  ["another shape", '{"v":1,"handedOver":false}'],
  ["a later version", '{"v":2}'],
])("settings that are damaged (%s) open nothing: the unit counts as handed over", async (_, text) => {
  await using folder = await makeTempFolder();
  writeFileSync(join(folder.path, "settings.json"), text);
  const unit = new SmpUnit(folder.path);
  expect(await ask(unit, ID.provision, "write", TOLD)).toMatchObject({ rc: 11 });
  expect(await ask(unit, ID.status, "read")).toMatchObject({ fault: expect.stringMatching(/factory reset/) });
});

test("while the unit runs its lights and sound card are its own", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  expect(await ask(unit, ID.lights, "write", { scene: "ringing" })).toEqual({});
  expect(unit.board.sceneChanges().at(-1)?.scene).toBe("ringing");
  unit.workbench.use(unit.board, true);
  expect(await ask(unit, ID.lights, "write", { scene: "muted" })).toMatchObject({ rc: 10 });
  expect(await ask(unit, ID.sound, "write")).toMatchObject({ rc: 10 });
});

test("the switches are read, and a press is counted", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  unit.board.press();
  unit.board.setMute(true);
  unit.board.hold();
  expect(await ask(unit, ID.inputs, "read")).toEqual({ held: true, presses: 1, muted: true });
});

function furnish(folder: string): void {
  mkdirSync(join(folder, "household", "ben"), { recursive: true });
  const names = [
    "keys",
    "keys.new",
    "porter.db",
    "porter.db-wal",
    "book-copy.db",
    "settings.json",
    "household/ben/keys",
  ];
  for (const name of names) writeFileSync(join(folder, name), `secret of ${name}`);
}

test("a factory reset leaves nothing in the folder at the next start, and nothing happens without one", async () => {
  await using folder = await makeTempFolder();
  furnish(folder.path);
  expect(resetIfAsked(folder.path)).toBe(false);
  expect(readdirSync(folder.path)).toHaveLength(7);
  const unit = new SmpUnit(folder.path);
  unit.hold(10_000);
  expect(await ask(unit, ID.reset, "write")).toEqual({});
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(unit.restarts).toBe(1);
  expect(resetIfAsked(folder.path)).toBe(true);
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a reset that was cut off at any point is finished by the next start", async () => {
  for (let left = 0; left <= 6; left += 1) {
    await using folder = await makeTempFolder();
    furnish(folder.path);
    askForReset(folder.path);
    // What a cut leaves: the request, and some of the rest.
    for (const name of readdirSync(folder.path)
      .filter((each) => each !== "reset")
      .slice(0, left)) {
      rmSync(join(folder.path, name), { recursive: true });
    }
    expect(isResetAsked(folder.path)).toBe(true);
    expect(resetIfAsked(folder.path)).toBe(true);
    expect(readdirSync(folder.path)).toEqual([]);
  }
});

test("a reset removes links and leaves what they lead to", async () => {
  await using folder = await makeTempFolder();
  await using elsewhere = await makeTempFolder();
  writeFileSync(join(elsewhere.path, "keys"), "not the unit's");
  symlinkSync(elsewhere.path, join(folder.path, "link"));
  symlinkSync(join(elsewhere.path, "keys"), join(folder.path, "keys"));
  askForReset(folder.path);
  expect(resetIfAsked(folder.path)).toBe(true);
  expect(existsSync(join(folder.path, "link"))).toBe(false);
  expect(readFileSync(join(elsewhere.path, "keys"), "utf8")).toBe("not the unit's");
});

test("a fingerprint is six groups of five digits, another for every account", () => {
  const prints = new Set(Array.from({ length: 500 }, (_, index) => fingerprintOf(`${index}`)));
  expect(prints.size).toBe(500);
  for (const print of prints) expect(print).toMatch(/^\d{5}( \d{5}){5}$/);
});
