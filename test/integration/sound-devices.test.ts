import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AudioError } from "#audio/audio-error.ts";
import { Alsa } from "#audio/io/alsa.ts";
import { Room } from "#audio/io/room.ts";
import { SteadyDevice } from "#audio/io/steady.ts";
import { systemClock as clock } from "#base/clock.ts";
import { describeSoundDevice } from "../contract/sound-device.ts";
import { PulseServer } from "../house/pulse.ts";

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

  test("that hangs is noticed within 1.5 s, replaced by silence, and taken up again when it goes on", async () => {
    const told: string[] = [];
    await using device = new SteadyDevice({
      clock,
      open: async () => new Alsa({ clock }),
      onLost: ({ code }) => told.push(code),
      onBack: () => told.push("back"),
    });
    let ticks = 0;
    await device.start(
      () => {
        ticks += 1;
      },
      () => expect.unreachable(),
    );
    server.freeze();
    const frozenMs = performance.now();
    await expect.poll(() => told, { timeout: 3_000, interval: 20 }).toEqual(["device-stuck"]);
    expect(performance.now() - frozenMs).toBeLessThan(1_500);
    const before = ticks;
    await sleep(500);
    expect(ticks - before).toBeGreaterThan(40);
    server.thaw();
    await expect.poll(() => told, { timeout: 6_000 }).toEqual(["device-stuck", "back"]);
  });
});
