import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { parseBoard } from "#hal/board-file.ts";
import { SCENES } from "#hal/hal.ts";
import { openBoard } from "#hal/open.ts";
import { describeBoard } from "#test/contract/board.ts";

/**
 * The boards' contract on lines of the kernel's own, through gpiod's tools or onoff as they are installed. Needs a
 * kernel with gpio-sim and root: test/contract/gpio-sim makes the chip, sets PORTER_GPIO_SIM, and runs this.
 */
const chipFolder = process.env.PORTER_GPIO_SIM;
/** The chip's first line in sysfs: the same by onoff. */
const base = process.env.PORTER_GPIO_BASE;
const [BUTTON, MUTE, FIRST_LED] = [3, 4, 8];
/** Scene n is shown as n in binary. */
const LEDS = ["bit0", "bit1", "bit2", "bit3"] as const;

if (chipFolder === undefined) describe.skip("no gpio-sim here", () => test("nothing"));
else {
  const level = (offset: number, file: string) => join(chipFolder, `sim_gpio${offset}`, file);
  const pull = (offset: number, high: boolean) => writeFileSync(level(offset, "pull"), high ? "pull-up" : "pull-down");
  const make = async (way: "gpiod" | "onoff") => {
    pull(BUTTON, true);
    pull(MUTE, false);
    const line = (offset: number) =>
      way === "gpiod" ? { chip: process.env.PORTER_GPIO_CHIP ?? "gpiochip0", offset } : { gpio: Number(base) + offset };
    const bits = (scene: number) => LEDS.filter((_, bit) => ((scene >> bit) & 1) === 1);
    const parsed = parseBoard("linux", {
      gpio: way,
      button: { line: line(BUTTON), activeLow: true },
      mute: { line: line(MUTE) },
      lights: {
        type: "lines",
        leds: Object.fromEntries(LEDS.map((led, bit) => [led, { line: line(FIRST_LED + bit) }])),
        scenes: Object.fromEntries(SCENES.slice(1).map((scene, index) => [scene, bits(index + 1)])),
      },
    });
    if (!parsed.ok) throw new Error(parsed.faults.join());
    const { hal } = await openBoard(parsed.board, { clock, log });
    const isLit = (bit: number) => readFileSync(level(FIRST_LED + bit, "value"), "utf8").trim() === "1";
    return {
      hal,
      setButton: (down: boolean) => pull(BUTTON, !down),
      setMute: (engaged: boolean) => pull(MUTE, engaged),
      seen: () => SCENES[LEDS.reduce((sum, _, bit) => sum + (isLit(bit) ? 2 ** bit : 0), 0)] ?? null,
      cut: null,
      held: async () => [],
      [Symbol.asyncDispose]: () => hal[Symbol.asyncDispose](),
    };
  };
  describeBoard("gpio-sim by gpiod", () => make("gpiod"), { together: false });
  if (base !== undefined) describeBoard("gpio-sim by onoff", () => make("onoff"), { together: false });
}
