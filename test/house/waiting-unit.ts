import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ROOT_VARIABLE, SLOT_VARIABLE, type Slots } from "#device/update/slots.ts";
import { EXIT, type ExitCode, Failure } from "#install/exit.ts";
import { reopenUnit, UnitOnLine } from "#install/unit.ts";
import { upload } from "#install/upload.ts";
import { KNOWN_KEYS } from "./bad-bundles.ts";
import { end, openCable } from "./cable.ts";
import { makeFirmware } from "./firmware.ts";

export const BAUD = 115_200;
/** What `makeFirmware` puts into slot a. */
export const COUNTER = 5;
const MAIN = resolve(import.meta.dirname, "../../device/main.ts");

/** `root` is its firmware folder, `desk` the installer's end of its line. */
export type WaitingUnit = AsyncDisposable & Readonly<{ slots: Slots; root: string; desk: string }>;

/** A real unit that runs from slot a, counter 5, knows `KNOWN_KEYS`, and waits on its serial line. */
export async function openWaitingUnit(folder: string): Promise<WaitingUnit> {
  await using building = new AsyncDisposableStack();
  const cable = building.use(await openCable(folder));
  const root = join(folder, "firmware");
  const slots = await makeFirmware(root, null);
  slots.rememberKeys(KNOWN_KEYS);
  const config = join(folder, "unit.json");
  const audio = { io: { type: "room" } };
  await writeFile(config, JSON.stringify({ data: "data", serial: { port: cable.unit }, audio }));
  const env = { ...process.env, [ROOT_VARIABLE]: root, [SLOT_VARIABLE]: "a" };
  const child = spawn(process.execPath, [MAIN, "--config", config], { env, stdio: "ignore" });
  building.defer(() => end(child));
  await (await reopenUnit(cable.desk, BAUD, 60_000))[Symbol.asyncDispose]();
  const stack = building.move();
  return { slots, root, desk: cable.desk, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** How something ended that `porter-install` does. */
export type Said = Readonly<{ exitCode: ExitCode; words: string }>;

export async function saidBy(work: Promise<unknown>): Promise<Said> {
  try {
    await work;
    return { exitCode: EXIT.done, words: "" };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { exitCode: error.exitCode, words: error.message };
  }
}

/** What somebody does whose tool verifies nothing: the unit alone refuses. */
export async function sendUnseen(bytes: Uint8Array, port: string): Promise<void> {
  await using unit = await UnitOnLine.open(port, BAUD);
  const sha256 = new Uint8Array(createHash("sha256").update(bytes).digest());
  const readAt = (at: number, count: number) => Promise.resolve(bytes.subarray(at, at + count));
  const uploaded = await upload(unit.client, { bytes: bytes.length, sha256, readAt }, () => undefined);
  if (uploaded.end === "lost") throw new Failure(EXIT.lost, uploaded.why);
}
