import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AudioError } from "#audio/audio-error.ts";
import { Alsa } from "#audio/io/alsa.ts";
import type { SoundDevice } from "#audio/io/io.ts";
import { Room } from "#audio/io/room.ts";
import { SteadyDevice } from "#audio/io/steady.ts";
import { systemClock as clock } from "#base/clock.ts";
import { describeSoundDevice, expectWhole } from "../contract/sound-device.ts";
import { AudioProcess, speakToFile } from "../house/audio-process.ts";
import { PulseServer } from "../house/pulse.ts";
import { makeTempFolder } from "../house/temp-folder.ts";

const run = promisify(execFile);
const CLI = fileURLToPath(new URL("../../device/control/cli.ts", import.meta.url));

// libasound is part of this process, and reads where to look for a server when it is first used.
let server: PulseServer;
beforeAll(async () => {
  server = await PulseServer.start();
  Object.assign(process.env, server.environment);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describeSoundDevice("the room", async () => new Room({ clock, echoDb: -6, echoDelayMs: 8, noiseDbfs: -60 }));
describeSoundDevice("a card by ALSA", async () => new Alsa({ clock }));

describe("a card", () => {
  test("of another rate is brought to ours, both ways", async () => {
    await using device = new Alsa({ clock, capture: "fast", playback: "fast" });
    await expectWhole(device);
  });

  test("with no rate that can be used is refused with a word on what to do", async () => {
    await using device = new Alsa({ clock, capture: "slow", playback: "default" });
    await expect(started(device)).rejects.toMatchObject({
      code: "wrong-rate",
      message: expect.stringContaining("name another device"),
    });
  });

  test("that is an array is heard at the channel that was told, and has no channel beyond its last", async () => {
    const heard = new Set<number>();
    await using device = new Alsa({ clock, capture: "array", playback: "default", channel: 2, channels: 4 });
    await device.start((microphone) => microphone.forEach((sample) => void heard.add(sample)), unexpected);
    await sleep(200);
    expect([...heard]).toEqual([2_000]);
    await using beyond = new Alsa({ clock, capture: "array", playback: "default", channel: 4, channels: 4 });
    await expect(started(beyond)).rejects.toMatchObject({ message: expect.stringContaining("channel") });
  });

  test("that is unplugged fails once, with its code, and ticks no more", async () => {
    await using device = new Alsa({ clock });
    const failures: AudioError[] = [];
    let ticks = 0;
    await device.start(
      () => {
        ticks += 1;
      },
      (error) => failures.push(error),
    );
    await server.down();
    await expect.poll(() => failures.length, { timeout: 3_000 }).toBe(1);
    const ended = ticks;
    await sleep(200);
    expect(ticks).toBe(ended);
    expect(failures.map(({ code }) => code)).toEqual(["device-missing"]);
    await using again = new Alsa({ clock });
    await expect(
      again.start(
        () => undefined,
        () => undefined,
      ),
    ).rejects.toMatchObject({ code: "device-missing" });
    await server.up();
  });

  test("that hangs is noticed within three seconds, replaced by silence, and taken up again when it goes on", async () => {
    const told: string[] = [];
    await using device = new SteadyDevice({
      clock,
      open: async () => new Alsa({ clock }),
      onLost: ({ code }) => told.push(code),
      onBack: () => told.push("back"),
    });
    let ticks = 0;
    await device.start(() => {
      ticks += 1;
    }, unexpected);
    server.freeze();
    const frozenMs = performance.now();
    await expect.poll(() => told, { timeout: 4_000, interval: 20 }).toEqual(["device-stuck"]);
    expect(performance.now() - frozenMs).toBeLessThan(3_000);
    const before = ticks;
    await sleep(500);
    expect(ticks - before).toBeGreaterThan(20);
    server.thaw();
    await expect.poll(() => told, { timeout: 12_000 }).toEqual(["device-stuck", "back"]);
  });
});

test("a unit's audio process starts without a card, and hears, speaks and loses it again as cards come and go", async () => {
  await using folder = await makeTempFolder();
  await server.down();
  await using unit = await AudioProcess.start({ io: { type: "alsa" } }, server.environment);
  expect(await unit.next("sound")).toMatchObject({ lost: expect.stringContaining("no sound card") });
  await server.up();
  expect(await unit.next("sound", 8_000)).toMatchObject({ lost: null });
  unit.send({ type: "say", id: 1, text: "Ben is calling." });
  await unit.next("said", 10_000);
  // The loudspeaker is what the microphone hears: whatever plays there is said to the unit.
  await run("aplay", ["-q", await speakToFile("computer", folder.path)], { env: { ...process.env } });
  await unit.next("wake", 8_000);
  await server.down();
  expect(await unit.next("sound", 8_000)).toMatchObject({ lost: expect.stringContaining("is gone") });
  await unit.cutUplink(false);
  await server.up();
});

test("an installer is told which card would be taken and how loud it is, and without one what to do", async () => {
  const porter = (...args: string[]) => run(process.execPath, [CLI, "audio", ...args], { env: { ...process.env } });
  const { stdout: list } = await porter("list", "--json");
  expect(JSON.parse(list)).toMatchObject({ cards: [], chosen: { capture: "default", playback: "default" } });
  const { stdout: levels } = await porter("level", "--seconds", "0.35", "--json");
  const readings = levels.trim().split("\n");
  expect(readings.length).toBeGreaterThanOrEqual(2);
  expect(JSON.parse(readings[0] ?? "")).toMatchObject({ levelDbfs: -120, clipped: false });
  await server.down();
  await expect(porter("test")).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('"type": "room"') });
  await server.up();
});

function started(device: SoundDevice): Promise<void> {
  return device.start(() => undefined, unexpected);
}

function unexpected(error: AudioError): void {
  expect.unreachable(error.message);
}
