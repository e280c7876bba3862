import { expect, test } from "vitest";
import { GROUP } from "#device/smp/packet.ts";
import { UNIT_COMMAND as ID, type Provision } from "#device/smp/unit-messages.ts";
import { SmpUnit } from "#test/house/smp-unit.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const TOLD: Provision = {
  name: "Kitchen",
  region: "GB",
  timeZone: "Europe/London",
  hub: { name: "hub.example", mqttUrl: "mqtt://127.0.0.1:1", httpUrl: "http://127.0.0.1:2" },
};
const unitAsk = (id: number, op: "read" | "write", body = {}) => ({ group: GROUP.unit, id, op, body }) as const;
const IDENTITY = unitAsk(ID.identity, "read");
const RESET = unitAsk(ID.reset, "write");
const DENIED = { rc: 11 };

async function handedOver(folder: string): Promise<SmpUnit> {
  const unit = new SmpUnit(folder);
  expect(await unit.ask(unitAsk(ID.provision, "write", TOLD))).toEqual({});
  expect(await unit.ask(unitAsk(ID.handover, "write"))).toEqual({});
  return unit;
}

test("every command stands in the table of what is left after handover (README)", async () => {
  await using folder = await makeTempFolder();
  const { commands } = new SmpUnit(folder.path);
  const table = Object.fromEntries(commands.map(({ group, id, op, need }) => [`${group}/${id} ${op}`, need]));
  expect(table).toEqual({
    "0/0 read": "open",
    "0/0 write": "open",
    "0/5 write": "update",
    "0/6 read": "open",
    "0/7 read": "open",
    "1/0 read": "open",
    "1/0 write": "update",
    "1/1 write": "update",
    "1/5 write": "update",
    "2/0 read": "open",
    "2/1 read": "open",
    "64/0 read": "open",
    "64/1 read": "owner",
    "64/2 write": "installer",
    "64/3 write": "installer",
    "64/4 write": "owner",
    "64/5 write": "installer",
    "64/6 read": "installer",
    "64/7 write": "installer",
    "64/8 write": "installer",
  });
});

test("after handover every command that is not open is denied without the button, and nothing happens", async () => {
  await using folder = await makeTempFolder();
  const unit = await handedOver(folder.path);
  for (const { group, id, op, need } of unit.commands) {
    const body = await unit.ask({ group, id, op });
    if (need === "open") expect(body).not.toMatchObject(DENIED);
    else expect(body, `${group}/${id}`).toMatchObject(DENIED);
  }
  expect(unit.restarts).toBe(0);
  expect(unit.firmware.opened).toBe(0);
  expect(unit.workbench.status().resetting).toBe(false);
});

test("a hold of ten seconds is good for one command of the owner's, within ten seconds", async () => {
  await using folder = await makeTempFolder();
  const unit = await handedOver(folder.path);
  unit.hold(9_900);
  expect(await unit.ask(IDENTITY)).toMatchObject(DENIED);
  unit.hold(10_000);
  expect(await unit.ask(IDENTITY)).toHaveProperty("fingerprint");
  expect(await unit.ask(RESET)).toMatchObject(DENIED);
  unit.hold(10_000);
  unit.clock.advance(10_001);
  expect(await unit.ask(RESET)).toMatchObject(DENIED);
  expect(unit.restarts).toBe(0);
});

test("a hold counts while it lasts, and not once more when it ends", async () => {
  await using folder = await makeTempFolder();
  const unit = await handedOver(folder.path);
  unit.board.hold();
  unit.clock.advance(10_000);
  expect(await unit.ask(IDENTITY)).toHaveProperty("fingerprint");
  unit.clock.advance(30_000);
  expect(await unit.ask(RESET)).toMatchObject(DENIED);
  unit.board.release();
  expect(await unit.ask(RESET)).toMatchObject(DENIED);
});

test("what is the installer's alone cannot be had by the button", async () => {
  await using folder = await makeTempFolder();
  const unit = await handedOver(folder.path);
  for (const id of [ID.provision, ID.handover, ID.lights, ID.sound, ID.network]) {
    unit.hold(10_000);
    expect(await unit.ask(unitAsk(id, "write", TOLD))).toMatchObject(DENIED);
  }
  expect(unit.workbench.stage).toBe("handed-over");
});

test("one hold is good for one update as long as it goes on, and for nothing else", async () => {
  await using folder = await makeTempFolder();
  const unit = await handedOver(folder.path);
  const erase = { group: GROUP.image, id: 5, op: "write" } as const;
  unit.hold(10_000);
  for (let count = 0; count < 5; count += 1) {
    expect(await unit.ask(erase)).toEqual({});
    unit.clock.advance(59_000);
  }
  expect(await unit.ask(IDENTITY)).toMatchObject(DENIED);
  unit.clock.advance(2_000);
  expect(await unit.ask(erase)).toMatchObject(DENIED);
});

test("a unit whose file names the hub is its owner's from the first start", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path, { isToldByFile: true });
  expect(await unit.ask(unitAsk(ID.provision, "write", TOLD))).toMatchObject(DENIED);
  expect(await unit.ask(unitAsk(ID.status, "read"))).toMatchObject({ stage: "handed-over" });
});
