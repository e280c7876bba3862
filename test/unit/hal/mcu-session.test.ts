import { expect, test } from "vitest";
import { noLog as log } from "#base/log.ts";
import { SCENES, type Scene } from "#hal/hal.ts";
import type { LineEvents } from "#hal/mcu/line.ts";
import { openMcuBoard } from "#hal/mcu/mcu-board.ts";
import { SimMcu } from "#hal/mcu/sim-mcu.ts";
import { mutateBytes } from "#test/fuzz/mutate.ts";
import { Random } from "#test/fuzz/random.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

/** A unit and a microcontroller on one line, which does to what crosses it whatever `harm` says. */
async function connect(harm: (bytes: Uint8Array) => Uint8Array | null) {
  const clock = new FakeClock();
  const events: LineEvents[] = [];
  const crossed = (bytes: Uint8Array, arrive: (bytes: Uint8Array) => void) => {
    const rest = harm(bytes);
    if (rest !== null) clock.after(1, () => arrive(rest));
  };
  const mcu = new SimMcu({ clock, write: (bytes) => crossed(bytes, (rest) => events.at(-1)?.onBytes(rest)) });
  const opening = openMcuBoard({
    clock,
    log,
    path: "/dev/ttyS0",
    session: 65_530,
    openLine: async (listeners) => {
      events.push(listeners);
      return {
        write: (bytes) => crossed(bytes, (rest) => mcu.read(rest)),
        rest: () => undefined,
        close: async () => undefined,
      };
    },
  });
  await pass(clock, 3_000);
  return { clock, mcu, hal: await opening, events };
}

/** Time passes, and whatever waits for a promise runs. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5) {
    clock.advance(5);
    await Promise.resolve();
  }
}

test("whatever a line does to what crosses it, both ends agree again once it lets everything through", async () => {
  for (let walk = 0; walk < 40; walk += 1) {
    const random = Random.ofInput(7, walk);
    let isBad = true;
    const harm = (bytes: Uint8Array) => {
      if (!isBad || random.chance(0.5)) return bytes;
      if (random.chance(0.4)) return null;
      return random.chance(0.5) ? mutateBytes(random, bytes) : random.bytes(random.below(60));
    };
    const { clock, mcu, hal } = await connect(harm);
    let [scene, down, muted]: [Scene, boolean, boolean] = ["off", false, false];
    for (let move = 0; move < 30; move += 1) {
      scene = random.pick(SCENES);
      hal.lights.show(scene);
      if (random.chance(0.5)) {
        down = random.chance(0.5);
        mcu.setButton(down);
      }
      if (random.chance(0.3)) {
        muted = random.chance(0.5);
        mcu.setMute(muted);
      }
      if (random.chance(0.1)) mcu.reboot();
      await pass(clock, random.below(300));
    }
    isBad = false;
    await pass(clock, 8_000);
    expect([hal.fault, hal.button.held, hal.mute.engaged, mcu.scene], `walk ${walk}`).toEqual([
      null,
      down,
      muted,
      scene,
    ]);
    await hal[Symbol.asyncDispose]();
    mcu[Symbol.dispose]();
  }
});

test("a scene that is lost on the way is sent again", async () => {
  let loses = false;
  const { clock, mcu, hal } = await connect((bytes) => {
    if (!loses) return bytes;
    loses = false;
    return null;
  });
  loses = true;
  hal.lights.show("ringing");
  await pass(clock, 90);
  const before = mcu.scene;
  await pass(clock, 100);
  expect([before, mcu.scene]).toEqual(["off", "ringing"]);
});

test("an acknowledgement that is lost costs no more than its repetition: nothing is lost or told twice", async () => {
  let loses = false;
  const { clock, mcu, hal } = await connect((bytes) => {
    const isAck = bytes[2] === 32;
    if (!loses || !isAck) return bytes;
    loses = false;
    return null;
  });
  const changes: string[] = [];
  hal.button.onChange(({ type }) => changes.push(type));
  hal.mute.onChange(() => changes.push("mute"));
  mcu.setButton(true);
  loses = true;
  await pass(clock, 1_500);
  mcu.setButton(false);
  await pass(clock, 1_500);
  expect(changes).toEqual(["down", "up"]);
});

test("a line that falls silent is a fault within a second and a bit, muted, and nothing is held", async () => {
  let isCut = false;
  const { clock, mcu, hal } = await connect((bytes) => (isCut ? null : bytes));
  mcu.setButton(true);
  await pass(clock, 100);
  expect([hal.button.held, hal.mute.engaged, hal.fault]).toEqual([true, false, null]);
  const changes: string[] = [];
  hal.button.onChange(({ type }) => changes.push(type));
  isCut = true;
  await pass(clock, 1_400);
  expect([hal.button.held, hal.mute.engaged, hal.fault?.code]).toEqual([false, true, "board-silent"]);
  expect(changes).toEqual(["up"]);
  // The ring shows by itself that nobody speaks to it.
  await pass(clock, 3_000);
  expect(mcu.scene).toBe("fault");
});

test("a line that is gone is opened again, at first soon and then every five seconds", async () => {
  const clock = new FakeClock();
  let opened = 0;
  const openLine = () => {
    opened += 1;
    return Promise.reject(new Error("no such file"));
  };
  const opening = openMcuBoard({ clock, log, path: "/dev/ttyS0", session: 1, openLine });
  await pass(clock, 60_000);
  const hal = await opening;
  expect(opened).toBeGreaterThan(10);
  expect(opened).toBeLessThan(20);
  await hal[Symbol.asyncDispose]();
  await pass(clock, 60_000);
  expect(opened).toBeLessThan(20);
});
