import { expect, test } from "vitest";
import { AudioError } from "#audio/audio-error.ts";
import type { SoundDevice, Tick } from "#audio/io/io.ts";
import { SteadyDevice } from "#audio/io/steady.ts";
import { FakeClock } from "../fakes.ts";

const GONE = new AudioError("device-missing", "it is gone");

/** A card that is there or not; ticks when it is told to. */
class FakeCard implements SoundDevice {
  readonly delayMs = 20;
  disposed = false;
  /** A card that takes its time to be let go of. */
  letGo: Promise<void> = Promise.resolve();
  #tick: Tick | null = null;
  #onFailure: (error: AudioError) => void = () => undefined;
  readonly #there: boolean;

  constructor(there: boolean) {
    this.#there = there;
  }
  async start(tick: Tick, onFailure: (error: AudioError) => void): Promise<void> {
    if (!this.#there) throw GONE;
    [this.#tick, this.#onFailure] = [tick, onFailure];
  }
  tick(): void {
    this.#tick?.(new Int16Array(160).fill(5), new Int16Array(160));
  }
  unplug(): void {
    this.#onFailure(GONE);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.letGo;
    this.disposed = true;
  }
}

function setUp() {
  const clock = new FakeClock();
  const cards: FakeCard[] = [];
  const house = { plugged: true };
  const told: string[] = [];
  const device = new SteadyDevice({
    clock,
    open: async () => {
      const card = new FakeCard(house.plugged);
      cards.push(card);
      return card;
    },
    onLost: ({ code }) => told.push(code),
    onBack: () => told.push("back"),
  });
  const heard: number[] = [];
  const tick: Tick = (microphone) => {
    heard.push(microphone[0] ?? 0);
    // Muting writes into the frame: that must not come back as sound.
    microphone.fill(9);
  };
  return { clock, cards, house, told, device, heard, tick };
}

/** Lets time pass, and what was promised meanwhile happen. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    clock.pass(100);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

test("while there is no card the beat goes on with silence, and the card is taken as soon as it is there", async () => {
  const { clock, cards, house, told, device, heard, tick } = setUp();
  house.plugged = false;
  await device.start(tick, () => expect.unreachable());
  expect(told).toEqual(["device-missing"]);
  clock.pass(400);
  expect(heard.length).toBe(40);
  expect(new Set(heard)).toEqual(new Set([0]));
  house.plugged = true;
  await pass(clock, 1_000);
  expect(told).toEqual(["device-missing", "back"]);
  cards.at(-1)?.tick();
  expect(heard.at(-1)).toBe(5);
  const count = heard.length;
  clock.pass(300);
  expect(heard.length).toBe(count);
  expect(cards.slice(0, -1).every((card) => card.disposed)).toBe(true);
  await device[Symbol.asyncDispose]();
});

test("a card that stays away is tried ever less often, every ten seconds in the end, and told of once", async () => {
  const { clock, cards, house, told, device, tick } = setUp();
  house.plugged = false;
  await device.start(tick, () => expect.unreachable());
  await pass(clock, 60_000);
  expect(cards.length).toBeGreaterThan(8);
  expect(cards.length).toBeLessThan(14);
  expect(told).toEqual(["device-missing"]);
  await device[Symbol.asyncDispose]();
});

test("a card that is unplugged is let go of before it is opened again", async () => {
  const { clock, cards, told, device, tick } = setUp();
  await device.start(tick, () => expect.unreachable());
  const [card] = cards;
  if (card === undefined) expect.unreachable();
  const { promise, resolve } = Promise.withResolvers<void>();
  card.letGo = promise;
  card.tick();
  card.unplug();
  await pass(clock, 1_000);
  expect(cards.length).toBe(1);
  resolve();
  await pass(clock, 100);
  expect(card.disposed).toBe(true);
  expect(told).toEqual(["device-missing", "back"]);
  await device[Symbol.asyncDispose]();
});

test("nothing ticks and no card is opened after it was disposed, wherever it stood", async () => {
  for (const plugged of [true, false]) {
    const { clock, cards, house, device, heard, tick } = setUp();
    house.plugged = plugged;
    await device.start(tick, () => expect.unreachable());
    await device[Symbol.asyncDispose]();
    const [opened, ticks] = [cards.length, heard.length];
    for (const card of cards) card.tick();
    await pass(clock, 30_000);
    expect([cards.length, heard.length]).toEqual([opened, ticks]);
    expect(cards.every((card) => card.disposed)).toBe(true);
  }
});

test("a tick that throws is the end of it, not of the card", async () => {
  const { cards, told, device } = setUp();
  const failures: string[] = [];
  await device.start(
    () => {
      throw new Error("no more");
    },
    ({ code }) => failures.push(code),
  );
  cards[0]?.tick();
  cards[0]?.tick();
  expect([failures, told]).toEqual([["tick-failed"], []]);
  await device[Symbol.asyncDispose]();
});
