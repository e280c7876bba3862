import { expect, test } from "vitest";
import { type BootState, encodeState, firstState } from "#device/update/boot-state.ts";
import { FirmwareLedger } from "#scripts/rig/power/firmware-ledger.ts";
import type { Deed, FoundFirmware } from "#scripts/rig/power/messages.ts";
import { BAD_VERSION } from "#scripts/rig/power/unit-disk.ts";

const FIRST = firstState("a", { version: "1.0.0", counter: 1 });
const content = (version: string) => ({ version, counter: 1 });
const filled = (version: string): BootState => ({ ...FIRST, slots: { ...FIRST.slots, b: content(version) } });
const onTrial = (version: string, triesLeft: number): BootState => ({
  ...filled(version),
  trial: { slot: "b", triesLeft },
});
const confirmed = (version: string): BootState => ({ ...filled(version), confirmed: "b" });
const gaveWay = (version: string): BootState => ({ ...FIRST, gaveWay: content(version) });

function found(state: BootState, fields: Partial<FoundFirmware> = {}): FoundFirmware {
  const whole = { a: state.slots.a && [], b: state.slots.b && [] };
  const link = `slots/${state.confirmed}`;
  return {
    slot: state.trial?.slot ?? state.confirmed,
    state: Buffer.from(encodeState(state)).toString(),
    link,
    wrong: whole,
    ...fields,
  };
}

function after(...deeds: readonly Parameters<FirmwareLedger["done"]>[0][]): FirmwareLedger {
  const ledger = new FirmwareLedger();
  expect(ledger.judge(found(FIRST), [])).toEqual([]);
  for (const deed of deeds) ledger.done(deed);
  return ledger;
}

const INSTALL = { do: "install", version: "1.0.1" } as const;
const ACTIVATE = { do: "activate", version: "1.0.1" } as const;
const CONFIRM = { do: "confirm", slot: "b" } as const;
const BAD = [
  { do: "install", version: BAD_VERSION },
  { do: "activate", version: BAD_VERSION },
] as const;

test.each<[string, FirmwareLedger, FoundFirmware, readonly Deed[]]>([
  ["what was installed is there", after(INSTALL), found(filled("1.0.1")), []],
  ["what was being installed is not there", after(), found(FIRST), [INSTALL]],
  ["what was being installed is there", after(), found(filled("1.0.1")), [INSTALL]],
  ["what was to be tried is tried", after(INSTALL, ACTIVATE), found(onTrial("1.0.1", 2)), []],
  ["what was being asked for is tried", after(INSTALL), found(onTrial("1.0.1", 2)), [ACTIVATE]],
  ["what was confirmed stays", after(INSTALL, ACTIVATE, CONFIRM), found(confirmed("1.0.1")), []],
  ["what was being confirmed is confirmed", after(INSTALL, ACTIVATE), found(confirmed("1.0.1")), [CONFIRM]],
  ["what is not well gave way", after(...BAD), found(gaveWay(BAD_VERSION)), []],
])("it is well where %s", (_, ledger, firmware, underWay) => {
  expect(ledger.judge(firmware, underWay)).toEqual([]);
});

test.each<[string, FirmwareLedger, FoundFirmware]>([
  ["what was installed is gone", after(INSTALL), found(FIRST)],
  ["another is there than was installed", after(INSTALL), found(filled("1.0.2"))],
  ["what was to be tried is not", after(INSTALL, ACTIVATE), found(filled("1.0.1"))],
  ["a trial began that nobody asked for", after(INSTALL), found(onTrial("1.0.1", 2))],
  ["what was confirmed is not any more", after(INSTALL, ACTIVATE, CONFIRM), found(filled("1.0.1"))],
  ["what was not confirmed is", after(INSTALL, ACTIVATE), found(confirmed("1.0.1"))],
  ["what is well gave way", after(INSTALL, ACTIVATE), found(gaveWay("1.0.1"))],
  ["the slot that started is not whole", after(), found(FIRST, { wrong: { a: ["node"], b: null } })],
  ["the other slot is not whole", after(INSTALL), found(filled("1.0.1"), { wrong: { a: [], b: ["app/x"] } })],
  ["the link leads elsewhere", after(), found(FIRST, { link: "slots/b" })],
  ["another slot started", after(INSTALL), found(filled("1.0.1"), { slot: "b" })],
  ["the state is damaged", after(), found(FIRST, { state: "{" })],
])("it is seen where %s", (_, ledger, firmware) => {
  expect(ledger.judge(firmware, []).map(({ what }) => what)).toContain("firmware");
});

test("firmware that is well may give way where each of its starts was cut short", () => {
  const ledger = after(INSTALL, ACTIVATE);
  for (let start = 0; start < 4; start += 1) ledger.started();
  expect(ledger.judge(found(gaveWay("1.0.1")), [])).toEqual([]);
  expect(ledger.gaveWay).toBe(1);
});

test("a transfer that goes on before what was promised is seen", () => {
  const receive = (offset: number) => ({ do: "receive", version: "1.0.1", offset }) as const;
  const mebibyte = 1_048_576;
  expect(after(receive(2 * mebibyte)).resume("1.0.1", mebibyte)).toEqual([]);
  expect(after(receive(2 * mebibyte)).resume("1.0.1", 0)).toHaveLength(1);
  expect(after(receive(2 * mebibyte)).resume("1.0.2", 0)).toEqual([]);
});
