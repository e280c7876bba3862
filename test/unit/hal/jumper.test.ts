import { expect, test } from "vitest";
import { noLog as log } from "#base/log.ts";
import { parseBoard } from "#hal/board-file.ts";
import { SCENES } from "#hal/hal.ts";
import { HalError } from "#hal/hal-error.ts";
import type { OpenGpio } from "#hal/linux/gpio-lines.ts";
import { openJumper } from "#hal/linux/jumper.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

const WIRED = {
  jumper: { line: { gpio: 1 }, activeLow: true, debounceMs: 20 },
  light: { line: { gpio: 2 }, activeLow: false },
};

/** A jumper that pulls its line low where it is set, and a light; `high` null: the line cannot be read. */
function makeLines({ high, refusesLight = false }: { high: boolean | null; refusesLight?: boolean }) {
  const seen = { light: false, held: false };
  const clock = new FakeClock();
  let told: (high: boolean) => void = () => undefined;
  const openGpio: OpenGpio = async ({ onLevel, onFault }) => {
    seen.held = true;
    onLevel(0, high);
    if (high === null) onFault(new HalError("board-failed", "it is busy", {}));
    told = (now) => onLevel(0, now);
    return {
      drive: async ([level]) => {
        if (refusesLight) throw new HalError("board-failed", "it is busy", {});
        seen.light = level ?? false;
      },
      [Symbol.asyncDispose]: async () => {
        seen.held = false;
      },
    };
  };
  const open = async () => {
    const opening = openJumper(WIRED, { clock, log, openGpio });
    // What is known at once is known by now.
    await new Promise((resolve) => setImmediate(resolve));
    return { opening, wait: (ms: number) => clock.advance(ms), level: (now: boolean) => told(now) };
  };
  return { seen, open };
}

test("a unit whose jumper is set is a rig's, and shows it as long as it is one", async () => {
  const { seen, open } = makeLines({ high: false });
  const bench = await (await open()).opening;
  expect(bench).not.toBe(null);
  expect(seen).toEqual({ light: true, held: true });
  await bench?.[Symbol.asyncDispose]();
  expect(seen).toEqual({ light: false, held: false });
});

test.each([
  ["is not set", { high: true }],
  ["cannot be read", { high: null }],
  ["is set, but whose light cannot be lit", { high: false, refusesLight: true }],
])("a unit whose jumper %s is nobody's but its owner's, and no line of it stays held", async (_, lines) => {
  const { seen, open } = makeLines(lines);
  const { opening, wait } = await open();
  wait(8_000);
  expect(await opening).toBe(null);
  expect(seen).toEqual({ light: false, held: false });
});

test("a jumper whose line is busy at first is read when it is free", async () => {
  const { seen, open } = makeLines({ high: null });
  const { opening, wait, level } = await open();
  wait(1_000);
  level(false);
  expect(await opening).not.toBe(null);
  expect(seen).toEqual({ light: true, held: true });
});

test("a board file wires the jumper and its light to lines of their own", () => {
  const scenes = Object.fromEntries(SCENES.slice(1).map((scene) => [scene, ["led"]]));
  const wired = (bench: unknown) =>
    parseBoard("linux", {
      button: { line: { gpio: 17 } },
      mute: { line: { gpio: 27 } },
      lights: { type: "lines", leds: { led: { line: { gpio: 22 } } }, scenes },
      bench,
    });
  expect(wired({ jumper: { line: { gpio: 1 } }, light: { line: { gpio: 2 } } }).ok).toBe(true);
  expect(wired({ jumper: { line: { gpio: 17 } }, light: { line: { gpio: 2 } } })).toMatchObject({
    ok: false,
    faults: [expect.stringMatching(/bench.jumper.line: is the line of button already/)],
  });
  expect(wired({ jumper: { line: { gpio: 1 } } }).ok).toBe(false);
});
