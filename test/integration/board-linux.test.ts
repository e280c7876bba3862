import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "vitest";
import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { type Line, type LinuxBoard, parseBoard } from "#hal/board-file.ts";
import { SCENES } from "#hal/hal.ts";
import { HalError } from "#hal/hal-error.ts";
import type { GpioOptions } from "#hal/linux/gpio-lines.ts";
import { openGpiod } from "#hal/linux/gpiod.ts";
import { openLinuxBoard } from "#hal/linux/linux-board.ts";
import { loadOnoff, openOnoff } from "#hal/linux/onoff.ts";
import { type BoardUnderTest, describeBoard } from "#test/contract/board.ts";
import { FakeGpiod } from "#test/house/fake-gpiod.ts";
import { FakeSysfs } from "#test/house/fake-sysfs.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const SCENE_LEDS: Readonly<Record<string, readonly string[]>> = {
  listening: ["a"],
  calling: ["b"],
  ringing: ["c"],
  talking: ["d"],
  missed: ["a", "b"],
  message: ["a", "c"],
  "calling-off": ["a", "d"],
  muted: ["b", "c"],
  fault: ["a", "b", "c", "d"],
};
const LEDS = ["a", "b", "c", "d"] as const;
const PULLED_UP = { activeLow: true, debounceMs: 60 };

function boardOf(button: Line, mute: Line, lights: Readonly<Record<string, unknown>>): LinuxBoard {
  const inputs = { button: { line: button, ...PULLED_UP }, mute: { line: mute, debounceMs: 20 } };
  const parsed = parseBoard("linux", { ...inputs, lights: { ...lights, scenes: SCENE_LEDS } });
  if (!parsed.ok || parsed.board.type !== "linux") throw new Error(JSON.stringify(parsed));
  return parsed.board;
}

function sceneOf(lit: readonly string[]): string | null {
  if (lit.length === 0) return "off";
  return SCENES.find((scene) => SCENE_LEDS[scene]?.join() === lit.join()) ?? null;
}

const chip = (offset: number): Line => ({ chip: "gpiochip0", offset });
const lineLights = (line: (offset: number) => Line) => ({
  type: "lines",
  leds: Object.fromEntries(LEDS.map((led, index) => [led, { line: line(index + 5), activeLow: index > 1 }])),
});
/** The fake has eight lines: the last LED is on line 0. */
const onChip = (offset: number) => chip(offset % 8);

async function gpiodBoard(button: Line = chip(3), mute: Line = chip(4)) {
  await using making = new AsyncDisposableStack();
  const folder = making.use(await makeTempFolder());
  const gpiod = making.use(await FakeGpiod.make(folder.path));
  gpiod.set(3, true);
  const board = boardOf(button, mute, lineLights(onChip));
  const openGpio = (options: GpioOptions) => openGpiod({ ...options, path: gpiod.path });
  const hal = making.use(await openLinuxBoard(board, { clock, log, openGpio }));
  while (gpiod.holder(3) === null || hal.mute.engaged) await sleep(5);
  const made = making.move();
  const lit = () => LEDS.filter((_, index) => gpiod.driven((index + 5) % 8) === index < 2);
  const isDriven = () => LEDS.every((_, index) => gpiod.driven((index + 5) % 8) !== null);
  return {
    hal,
    gpiod,
    setButton: (down) => gpiod.set(3, !down),
    setMute: (engaged) => gpiod.set(4, engaged),
    seen: () => (isDriven() ? sceneOf(lit()) : null),
    cut: {
      away: async () => {
        await gpiod.break("denied");
        await gpiod.signal(3, "SIGKILL");
      },
      back: () => gpiod.mend(),
    },
    held: async () => (await gpiod.holders()).map(String),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  } satisfies BoardUnderTest & { gpiod: FakeGpiod };
}

async function onoffBoard(): Promise<BoardUnderTest> {
  await using making = new AsyncDisposableStack();
  const folder = making.use(await makeTempFolder());
  for (const led of LEDS) {
    const path = join(folder.path, `porter:${led}`);
    await mkdir(path);
    await writeFile(join(path, "trigger"), "none timer [heartbeat]");
    await writeFile(join(path, "max_brightness"), "255\n");
    await writeFile(join(path, "brightness"), "0\n");
  }
  const sysfs = new FakeSysfs();
  sysfs.set(17, 1);
  const kernel = { type: "kernel", leds: Object.fromEntries(LEDS.map((led) => [led, `porter:${led}`])) };
  const board = boardOf({ gpio: 17 }, { gpio: 27 }, kernel);
  const openGpio = (options: GpioOptions) => openOnoff({ ...options, load: async () => sysfs });
  const hal = making.use(await openLinuxBoard(board, { clock, log, openGpio, ledsFolder: folder.path }));
  const made = making.move();
  const isLit = (led: string) => Number(readFileSync(join(folder.path, `porter:${led}`, "brightness"), "utf8")) === 255;
  return {
    hal,
    setButton: (down) => sysfs.set(17, down ? 0 : 1),
    setMute: (engaged) => sysfs.set(27, engaged ? 1 : 0),
    seen: () => sceneOf(LEDS.filter(isLit)),
    cut: { away: () => sysfs.break(true), back: () => sysfs.break(false) },
    held: async () => sysfs.exported(),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

describeBoard("a Linux board by gpiod", () => gpiodBoard());
describeBoard("a Linux board by onoff, with the kernel's LEDs", onoffBoard);

describe.concurrent("gpiod", () => {
  test("finds lines by name, and says so where there is none", async ({ expect }) => {
    await using board = await gpiodBoard({ name: "BUTTON" }, { name: "MUTE" });
    board.setButton(true);
    await expect.poll(() => board.hal.button.held).toBe(true);
    await expect(gpiodBoard({ name: "NOWHERE" })).rejects.toThrow(/no GPIO line is called "NOWHERE".*gpioinfo/);
  });

  test("an edge that was never told, and a tool that was killed, are made good", async ({ expect }) => {
    await using board = await gpiodBoard();
    const watching = await board.gpiod.signal(3, "SIGSTOP");
    board.setButton(true);
    await expect.poll(() => board.hal.button.held, { timeout: 4_000 }).toBe(true);
    expect(board.gpiod.holder(3)).not.toBe(watching);
    const lamp = await board.gpiod.signal(5, "SIGKILL");
    await expect.poll(() => [null, lamp].includes(board.gpiod.holder(5)), { timeout: 4_000 }).toBe(false);
    expect(board.seen()).toBe("off");
  });

  test.for([
    ["what is no edge", "2 3", /says what it should not: 2 3/],
    ["an edge without a time", "1 3", /says what it should not: 1 3/],
    ["an edge of another line", "1 9 7 0", /says what it should not/],
    ["a line without end", "x".repeat(5_000), /says what it should not: x{80}/],
  ] as const)("takes nothing from a gpiomon that says %s", async ([, words, fault], { expect }) => {
    await using board = await gpiodBoard();
    board.gpiod.say(3, words);
    await expect.poll(() => board.hal.mute.engaged, { timeout: 4_000 }).toBe(true);
    expect(board.hal.fault?.message).toMatch(fault);
    await expect.poll(() => board.hal.fault, { timeout: 4_000 }).toBe(null);
    await expect.poll(() => board.hal.mute.engaged).toBe(false);
  });

  test("a line that oscillates is let go of, and muted meanwhile", async ({ expect }) => {
    await using board = await gpiodBoard();
    for (let times = 0; times < 250; times += 1) board.gpiod.say(4, Array(10).fill("1 4 7 0\n0 4 7 0").join("\n"));
    await expect.poll(() => board.hal.fault?.message, { timeout: 8_000 }).toMatch(/change all the time/);
    expect(board.hal.mute.engaged).toBe(true);
  });

  test("tools that hang hang nobody, and are killed", async ({ expect }) => {
    await using board = await gpiodBoard();
    await board.gpiod.break("hang");
    await expect.poll(() => board.hal.fault?.message, { timeout: 8_000 }).toMatch(/gpioget did not answer/);
    expect(board.hal.mute.engaged).toBe(true);
    await board.gpiod.mend();
    await expect.poll(() => board.hal.fault, { timeout: 8_000 }).toBe(null);
  });

  test("a gpiomon that dies at once is not started over and over, and the microphone stays muted", async ({
    expect,
  }) => {
    await using board = await gpiodBoard();
    await board.gpiod.break("dying");
    await board.gpiod.signal(3, "SIGKILL");
    await expect.poll(() => board.hal.mute.engaged, { timeout: 4_000 }).toBe(true);
    const before = (await board.gpiod.calls()).length;
    const unmuted: boolean[] = [];
    board.hal.mute.onChange((engaged) => unmuted.push(engaged));
    await sleep(1_500);
    expect((await board.gpiod.calls()).length - before).toBeLessThan(14);
    expect(unmuted).toEqual([]);
  });

  test("is asked for by the one command where it is not installed, or is another", async ({ expect }) => {
    await using folder = await makeTempFolder();
    const options = { clock, inputs: [], outputs: [], onLevel: noop, onFault: noop, onDropped: noop };
    const failure = openGpiod({ ...options, path: folder.path });
    await expect(failure).rejects.toThrow(HalError);
    await expect(failure).rejects.toThrow(/apt-get install gpiod/);
    const gpiod = await FakeGpiod.make(folder.path);
    const tool = join(folder.path, "gpiod/bin/gpiomon");
    await writeFile(tool, (await readFile(tool, "utf8")).replace("v1.6.3", "v2.1"));
    await expect(openGpiod({ ...options, path: gpiod.path })).rejects.toThrow(/gpiod 1\.x.*v2\.1/);
  });

  test("its tools end with us, however we end", async ({ expect }) => {
    await using folder = await makeTempFolder();
    await using gpiod = await FakeGpiod.make(folder.path);
    const script = `
      import { openGpiod } from "#hal/linux/gpiod.ts";
      import { systemClock as clock } from "#base/clock.ts";
      const noop = () => undefined;
      const line = (offset) => ({ chip: "gpiochip0", offset });
      const path = ${JSON.stringify(gpiod.path)};
      const gpio = await openGpiod({ clock, path, inputs: [line(3)], outputs: [line(5)], onLevel: noop, onFault: noop, onDropped: noop });
      await gpio.drive([true]);
      process.kill(process.pid, "SIGKILL");`;
    expect(() => execFileSync(process.execPath, ["--input-type=module", "-e", script], { stdio: "pipe" })).toThrow();
    expect((await gpiod.calls()).some((call) => call.startsWith("gpioset"))).toBe(true);
    await expect.poll(() => gpiod.holders()).toEqual([]);
  });
});

test("onoff that was not built is an error that names the one command", async ({ expect }) => {
  await expect(loadOnoff()).rejects.toThrow(/npm rebuild epoll/);
});

function noop(): undefined {
  return undefined;
}
