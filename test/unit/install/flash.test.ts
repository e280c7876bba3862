import { createHash } from "node:crypto";
import { arch } from "node:os";
import { expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { SerialService } from "#device/smp/serial.ts";
import type { Bundle } from "#install/bundle.ts";
import { SmpClient } from "#install/client.ts";
import { EXIT, Failure } from "#install/exit.ts";
import { flash } from "#install/flash.ts";
import type { Step } from "#install/journal.ts";
import { NullModem } from "#test/house/null-modem.ts";
import { SmpUnit } from "#test/house/smp-unit.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const CONTENT = new Uint8Array(Buffer.from("a bundle of bytes, and then more ".repeat(4_000)));

function bundleOf(content: Uint8Array, changes: Partial<Bundle> = {}): Bundle {
  return {
    version: "2.0.0",
    board: "sim",
    arch: arch(),
    bytes: content.length,
    sha256: new Uint8Array(createHash("sha256").update(content).digest()),
    readAt: (at, bytes) => Promise.resolve(content.subarray(at, at + bytes)),
    ...changes,
  };
}

/** A unit at one end of a cable; the other end is `modem.deskPort`. A restart runs what was to be tried. */
async function bench(folder: string, { isWell = true }: { isWell?: boolean } = {}) {
  const stack = new AsyncDisposableStack();
  const modem = stack.use(await NullModem.open(folder));
  const unit = new SmpUnit(folder);
  const commands = unit.commands.map((each) =>
    each.group === 0 && each.id === 5
      ? { ...each, run: () => ({ ok: true, body: {}, after: restart }) as const }
      : each,
  );
  function restart(): void {
    const { firmware } = unit;
    if (!firmware.other?.pending) return;
    if (!isWell) firmware.other = { ...firmware.other, pending: false };
    else {
      Object.assign(firmware.running, { ...firmware.other, active: true, confirmed: true, pending: false });
      firmware.other = null;
    }
  }
  const { rights } = unit;
  stack.use(
    new SerialService({ port: modem.unitPort, baudRate: 115_200, commands, rights, clock: systemClock, log: noLog }),
  );
  const steps: Step[] = [];
  const shares: number[] = [];
  const teller = { step: (step: Step) => void steps.push(step), progress: (share: number) => void shares.push(share) };
  const times = { patienceMs: 3_000, startMs: 4_000 };
  const options = { port: modem.deskPort, baudRate: 115_200, bundle: bundleOf(CONTENT), teller, ...times };
  return { unit, modem, steps, shares, options, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const failure = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof Failure) return failure;
  throw new Error("it did not fail as it should", { cause: failure });
}

test("a bundle is sent, tried by the unit, and confirmed by it", async () => {
  await using folder = await makeTempFolder();
  await using at = await bench(folder.path);
  await flash(at.options);
  expect(at.unit.firmware.running).toMatchObject({ version: "2.0.0", confirmed: true });
  expect(at.steps.map(({ outcome }) => outcome)).not.toContain("failed");
  expect(at.unit.firmware.written).toBe(CONTENT.length);
});

test("a cable that is pulled twice costs no byte that had arrived", async () => {
  await using folder = await makeTempFolder();
  await using at = await bench(folder.path);
  let packets = 0;
  at.modem.pass = (bytes, to) => {
    if (to === "desk" && [12, 30].includes(++packets)) at.modem.pull();
    return bytes;
  };
  await flash(at.options);
  expect(at.steps.filter(({ what }) => what === "line")).toHaveLength(2);
  expect(at.unit.firmware.running.version).toBe("2.0.0");
  expect(at.unit.firmware.written).toBe(CONTENT.length);
});

test("a console that talks in between, and one answer in ten damaged, only make it slower", async () => {
  await using folder = await makeTempFolder();
  await using at = await bench(folder.path);
  let packets = 0;
  at.modem.pass = (bytes, to) => {
    at.modem.say("[   42.0] brownout\n");
    const isBad = to === "desk" && ++packets % 60 === 0;
    return isBad ? Buffer.from(bytes.map((byte, index) => (index === 9 ? byte ^ 1 : byte))) : bytes;
  };
  await flash(at.options);
  expect(at.unit.firmware.running.version).toBe("2.0.0");
}, 60_000);

test("a bundle for another board or processor is refused before a byte of it is sent", async () => {
  await using folder = await makeTempFolder();
  await using at = await bench(folder.path);
  for (const changes of [{ board: "linux" }, { arch: "mips" }]) {
    const failure = await failureOf(flash({ ...at.options, bundle: bundleOf(CONTENT, changes) }));
    expect(failure).toMatchObject({ exitCode: EXIT.bundle, message: expect.stringMatching(/^wrong-(board|arch)/) });
  }
  expect(at.unit.firmware.opened).toBe(0);
});

test("what the unit throws away ends with its reason, and nothing is tried", async () => {
  await using folder = await makeTempFolder();
  await using at = await bench(folder.path);
  const bundle = bundleOf(new Uint8Array(Buffer.concat([Buffer.from("bad "), CONTENT])));
  const failure = await failureOf(flash({ ...at.options, bundle }));
  expect(failure).toMatchObject({ exitCode: EXIT.bundle, message: "wrong-key: take another one" });
  expect(at.unit.firmware.running.version).toBe("1.0.0");
});

test("a unit that goes back to its former firmware is told of as such", async () => {
  await using folder = await makeTempFolder();
  await using at = await bench(folder.path, { isWell: false });
  const failure = await failureOf(flash(at.options));
  expect(failure.exitCode).toBe(EXIT.rolledBack);
  expect(failure.message).toMatch(/1\.0\.0/);
});

test("a port that is not there, one where nobody answers, and one that talks nonsense each have their words", async () => {
  await using folder = await makeTempFolder();
  expect(await failureOf(SmpClient.open("/dev/ttyNone0", 115_200))).toMatchObject({
    exitCode: EXIT.silent,
    message: expect.stringMatching(/cable/),
  });
  await using modem = await NullModem.open(folder.path);
  await using client = await SmpClient.open(modem.deskPort, 115_200);
  const ask = () => client.request({ group: 0, id: 6, op: "read" }, { timeoutMs: 50, tries: 2 });
  expect(await ask()).toMatchObject({ why: "silent", rsn: expect.stringMatching(/switched on/) });
  modem.say("\u00f8\u0000x\u00ff\n".repeat(50));
  expect(await ask()).toMatchObject({ why: "silent", rsn: expect.stringMatching(/--baud/) });
  modem.pull();
  expect(await ask()).toMatchObject({ why: "line" });
});
