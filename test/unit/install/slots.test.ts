import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { imageGroup } from "#device/smp/group-image.ts";
import { osGroup } from "#device/smp/group-os.ts";
import { unitGroup } from "#device/smp/group-unit.ts";
import { SerialService } from "#device/smp/serial.ts";
import { openFirmware } from "#device/smp/updates-firmware.ts";
import type { Slots } from "#device/update/slots.ts";
import { openBundle } from "#install/bundle.ts";
import { EXIT } from "#install/exit.ts";
import { flash } from "#install/flash.ts";
import { makeBundle, ROOT, tinyTree } from "#test/house/bundle.ts";
import { makeFirmware } from "#test/house/firmware.ts";
import { NullModem } from "#test/house/null-modem.ts";
import { SmpUnit } from "#test/house/smp-unit.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const NEW = { files: tinyTree("new"), about: { counter: 6, version: "1.1.0" } };

/** A unit with real slots in `folder`/fw at one end of a cable. A restart chooses the slot as the launcher does. */
async function bench(folder: string, { isWell = true }: { isWell?: boolean } = {}) {
  const stack = new AsyncDisposableStack();
  const root = join(folder, "fw");
  const slots: Slots = await makeFirmware(root, null);
  const modem = stack.use(await NullModem.open(folder));
  const unit = new SmpUnit(folder);
  const firmware = openFirmware(root);
  if (!firmware) throw new Error("no firmware");
  stack.defer(() => {
    delete process.env.PORTER_SLOT;
  });
  const restart = () => {
    const starts = Array.from({ length: isWell ? 1 : 4 }, () => slots.chooseStart());
    const choice = starts.at(-1);
    process.env.PORTER_SLOT = choice?.slot;
    if (choice?.trial) slots.confirm(choice.slot);
  };
  const commands = [
    ...osGroup({ board: "sim", version: "1", packetBytes: 2_048, restart }),
    ...imageGroup(firmware),
    ...unitGroup(unit.workbench),
  ];
  const { rights } = unit;
  stack.use(
    new SerialService({ port: modem.unitPort, baudRate: 115_200, commands, rights, clock: systemClock, log: noLog }),
  );
  const teller = { step: () => undefined, progress: () => undefined };
  const options = { port: modem.deskPort, baudRate: 115_200, teller, patienceMs: 3_000, startMs: 5_000 };
  const send = async (bytes: Buffer) => {
    const path = join(folder, "bundle");
    writeFileSync(path, bytes);
    await using bundle = await openBundle(path, { root: ROOT, development: true });
    await flash({ ...options, bundle });
  };
  return { slots, modem, send, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test("a signed bundle goes through a cable that is pulled into the other slot, and is confirmed there", async () => {
  await using folder = await makeTempFolder();
  await using at = await bench(folder.path);
  let answers = 0;
  at.modem.pass = (bytes, to) => {
    if (to === "desk" && ++answers === 5) at.modem.pull();
    return bytes;
  };
  await at.send(await makeBundle(NEW));
  expect(at.slots.state()).toMatchObject({ confirmed: "b", counter: 6, trial: null });
  expect(at.slots.manifestIn("b")?.version).toBe("1.1.0");
});

test("firmware that does not find itself well gives way, and the installer is told", async () => {
  await using folder = await makeTempFolder();
  await using at = await bench(folder.path, { isWell: false });
  await expect(at.send(await makeBundle(NEW))).rejects.toMatchObject({ exitCode: EXIT.rolledBack });
  expect(at.slots.state()).toMatchObject({ confirmed: "a", trial: null, gaveWay: { version: "1.1.0" } });
});

test.each([
  ["an older one", { about: { counter: 4 } }, /^older-counter/],
  ["one signed by a development key", { ...NEW, by: "development" }, /^development-key/],
] as const)(
  "a bundle that this unit refuses (%s) is told of with its reason, and nothing is tried",
  async (_, made, why) => {
    await using folder = await makeTempFolder();
    await using at = await bench(folder.path);
    await expect(at.send(await makeBundle(made))).rejects.toMatchObject({
      exitCode: EXIT.bundle,
      message: expect.stringMatching(why),
    });
    expect(at.slots.state()).toMatchObject({ confirmed: "a", trial: null, slots: { b: null } });
  },
);

test("a damaged bundle is refused on the installer's machine, before anything is sent", async () => {
  await using folder = await makeTempFolder();
  await using at = await bench(folder.path);
  const bytes = await makeBundle(NEW);
  bytes[bytes.length - 200] = (bytes[bytes.length - 200] ?? 0) ^ 1;
  await expect(at.send(bytes)).rejects.toMatchObject({ exitCode: EXIT.bundle });
});
