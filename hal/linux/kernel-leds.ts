import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HalError } from "../hal-error.ts";

/** Lights or darkens one LED that the kernel knows; rejects where it refuses. `folder` is /sys/class/leds. */
export async function setKernelLed(folder: string, name: string, isLit: boolean): Promise<void> {
  const led = join(folder, name);
  try {
    // A trigger of the kernel's (heartbeat, network) would write over it.
    if (!(await readFile(join(led, "trigger"), "utf8")).includes("[none]"))
      await writeFile(join(led, "trigger"), "none");
    const brightest = Number.parseInt(await readFile(join(led, "max_brightness"), "utf8"), 10);
    await writeFile(join(led, "brightness"), isLit ? String(brightest || 1) : "0");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const hint = `ls ${folder} lists the LEDs; the unit's user must be allowed to write to its brightness and trigger`;
    throw new HalError("board-failed", `the LED ${name} cannot be set: ${why} (${hint})`, { name }, cause);
  }
}
