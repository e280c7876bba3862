import { expect, test } from "vitest";
import { OPUS_FRAME_BYTES } from "#audio/engines/live-opus.ts";
import { JitterBuffer, MOST_WAITING } from "#audio/peer/jitter-buffer.ts";
import { seededRandom } from "#scripts/hear/random.ts";

type Network = Readonly<{
  lossPercent?: number;
  /** Of all that arrives: late by up to so much. */
  jitterMs?: number;
  duplicatePercent?: number;
  /** How much faster the sender's clock goes than the loudspeaker's. */
  driftPpm?: number;
  /** Nothing arrives meanwhile; what was sent arrives at its end, or never. */
  stall?: Readonly<{ fromMs: number; toMs: number; isLost: boolean }>;
  seconds?: number;
  /** A loudspeaker that never plays two frames in the time of one. */
  neverFolds?: boolean;
  seed: number;
}>;
type Played = Readonly<{ number: number | null; delayMs: number; waiting: number; atMs: number }>;

/** The loudspeaker's beats, and what each played of frames that carry their own number. */
function play(network: Network): Played[] {
  const chance = seededRandom(network.seed);
  const buffer = new JitterBuffer();
  const { lossPercent = 0, jitterMs = 0, duplicatePercent = 0, driftPpm = 0, stall, seconds = 20 } = network;
  const periodMs = 10 / (1 + driftPpm / 1e6);
  const arrivals: { atMs: number; number: number; hasCopy: boolean }[] = [];
  for (let number = 0; number < seconds * 100; number += 1) {
    const sentMs = number * periodMs;
    const isHeld = stall !== undefined && sentMs >= stall.fromMs && sentMs < stall.toMs;
    if (chance() * 100 < lossPercent || (isHeld && stall.isLost)) continue;
    const atMs = isHeld ? stall.toMs + number / 1e6 : sentMs + 1 + chance() * jitterMs;
    const hasCopy = number > 0;
    arrivals.push({ atMs, number, hasCopy });
    if (chance() * 100 < duplicatePercent) arrivals.push({ atMs: atMs + chance() * 50, number, hasCopy });
  }
  arrivals.sort((a, b) => a.atMs - b.atMs);
  const played: Played[] = [];
  let next = 0;
  const take = (atMs: number) => {
    const frame = buffer.take(atMs);
    const number = frame === null ? null : new DataView(frame.buffer).getUint32(0);
    const delayMs = number === null ? 0 : atMs - number * periodMs;
    played.push({ number, delayMs, waiting: buffer.waiting, atMs });
  };
  for (let atMs = 7; atMs < seconds * 1_000; atMs += 10) {
    for (let one = arrivals[next]; one !== undefined && one.atMs <= atMs; next += 1, one = arrivals[next]) {
      if (one.hasCopy) buffer.put(one.number - 1, frameOf(one.number - 1), 0, one.atMs);
      buffer.put(one.number, frameOf(one.number), 0, one.atMs);
    }
    take(atMs);
    if (network.neverFolds !== true && buffer.hasOneTooMany(atMs)) take(atMs);
  }
  return played;
}

function frameOf(number: number): Uint8Array {
  const frame = new Uint8Array(OPUS_FRAME_BYTES);
  new DataView(frame.buffer).setUint32(0, number);
  return frame;
}

function numbersOf(played: readonly Played[]): number[] {
  return played.flatMap(({ number }) => (number === null ? [] : [number]));
}

function mostDelayMs(played: readonly Played[], fromMs: number): number {
  return Math.max(...played.filter(({ atMs }) => atMs >= fromMs).map(({ delayMs }) => delayMs));
}

const NETWORKS: readonly Omit<Network, "seed">[] = [
  {},
  { jitterMs: 40, lossPercent: 10 },
  { jitterMs: 120, lossPercent: 20, duplicatePercent: 30 },
  { driftPpm: 100, jitterMs: 5, seconds: 60 },
  { driftPpm: -100, jitterMs: 5, seconds: 60 },
  { stall: { fromMs: 5_000, toMs: 5_400, isLost: false } },
  { stall: { fromMs: 5_000, toMs: 7_000, isLost: true }, lossPercent: 5 },
];

test("no frame is ever played twice or out of its order, and never more wait than may, whatever the network does", () => {
  for (const network of NETWORKS)
    for (let seed = 1; seed <= 5; seed += 1) {
      const played = play({ ...network, seed });
      const numbers = numbersOf(played);
      expect(numbers.length, JSON.stringify(network)).toBeGreaterThan(500);
      expect(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))).toBe(true);
      expect(Math.max(...played.map(({ waiting }) => waiting))).toBeLessThanOrEqual(MOST_WAITING);
    }
});

test("on a network that delays nothing a frame waits for the loudspeaker's next beat, and no longer", () => {
  const played = play({ seed: 1 });
  expect(mostDelayMs(played, 1_000)).toBeLessThan(11);
  expect(numbersOf(played).length).toBeGreaterThan(1_990);
});

test("with 40 ms of jitter and 10 % loss 97 of 100 frames are played, none more than 70 ms after it was sent", () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const played = play({ jitterMs: 40, lossPercent: 10, seed });
    expect(numbersOf(played).length).toBeGreaterThan(1_940);
    expect(mostDelayMs(played, 2_000)).toBeLessThan(70);
  }
});

test("after a stall of 400 ms sound is in time again within two seconds, and later a stall is forgotten", () => {
  const played = play({ stall: { fromMs: 5_000, toMs: 5_400, isLost: false }, jitterMs: 4, seed: 1 });
  expect(mostDelayMs(played, 7_000)).toBeLessThan(30);
  expect(mostDelayMs(played, 0)).toBeGreaterThan(100);
});

test("an outage, short or long, costs what was lost in it, and nothing after it", () => {
  for (const toMs of [5_200, 7_000]) {
    const played = play({ stall: { fromMs: 5_000, toMs, isLost: true }, seed: 1 });
    const after = played.filter(({ atMs }) => atMs >= toMs + 50);
    expect(after.every(({ number }) => number !== null)).toBe(true);
    expect(mostDelayMs(played, toMs + 50)).toBeLessThan(25);
  }
});

test("clocks that differ by 100 ppm never add up, either way; a loudspeaker that never catches up falls behind", () => {
  const long = { jitterMs: 3, seconds: 400, seed: 3 };
  for (const driftPpm of [-100, 100]) {
    const played = play({ ...long, driftPpm });
    expect(mostDelayMs(played, 2_000)).toBeLessThan(26);
    expect(played.filter(({ number }) => number === null).length).toBeLessThan(60);
  }
  const behind = play({ ...long, driftPpm: 100, neverFolds: true });
  expect(mostDelayMs(behind, 2_000)).toBeGreaterThan(40);
});

test("a frame that was numbered years ahead, or long ago, harms nobody but who sent it", () => {
  const buffer = new JitterBuffer();
  for (let number = 0; number < 50; number += 1) buffer.put(number, frameOf(number), 0, number * 10);
  buffer.put(2 ** 31, frameOf(1), 0, 500);
  expect(buffer.waiting).toBe(1);
  for (let number = 3; number < 30; number += 1) buffer.put(number, frameOf(number), 0, 500 + number);
  expect(buffer.waiting).toBe(1);
  expect(buffer.take(530)).not.toBeNull();
  for (let beat = 0; beat < 10; beat += 1) expect(buffer.take(540 + beat * 10)).toBeNull();
  expect(buffer.targetMs).toBe(0);
});
