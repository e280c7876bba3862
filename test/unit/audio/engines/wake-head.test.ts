import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { AudioError } from "#audio/audio-error.ts";
import { EMBEDDING_FLOATS } from "#audio/engines/speech-embedding.ts";
import { WAKE_HEADS } from "#audio/engines/wake-embedding.ts";
import {
  decodeWakeHead,
  encodeWakeHead,
  HEAD_INPUTS,
  scoreWindow,
  WAKE_LEVELS,
  zeroedWakeHead,
} from "#audio/engines/wake-head.ts";
import { WakeScore } from "#audio/engines/wake-score.ts";
import { WAKE_WORDS } from "#audio/wake-word.ts";

const THRESHOLDS = { low: 0, normal: 0, high: 0, played: 0 };
const SILENCE = new Float32Array(HEAD_INPUTS);
const shipped = readFileSync(WAKE_HEADS.computer);

test.each(WAKE_WORDS)("the head that ships for %s is a whole one, and it is written again byte for byte", (word) => {
  const file = readFileSync(WAKE_HEADS[word]);
  const { judges } = decodeWakeHead(file);
  for (const { thresholds } of judges) expect(Math.min(...Object.values(thresholds))).toBeGreaterThan(0);
  expect(encodeWakeHead(decodeWakeHead(file)).equals(file)).toBe(true);
});

test.each(WAKE_WORDS)("the more sensitive the head for %s is asked to be, the less it takes to convince it", (word) => {
  for (const { thresholds } of decodeWakeHead(readFileSync(WAKE_HEADS[word])).judges) {
    const inOrder = WAKE_LEVELS.map((level) => thresholds[level]);
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => b - a));
    expect(new Set(inOrder).size).toBe(inOrder.length);
  }
});

test("a head that is cut short, too long, empty or something else is refused as no head", () => {
  const wrong = [
    Buffer.alloc(0),
    Buffer.from("PORTERWK"),
    shipped.subarray(0, 12),
    shipped.subarray(0, shipped.length - 1),
    Buffer.concat([shipped, Buffer.of(0)]),
    Buffer.alloc(shipped.length),
    Buffer.alloc(shipped.length, 0xff),
  ];
  for (const file of wrong) expect(codeOf(() => decodeWakeHead(file))).toBe("model-invalid");
});

test("one flipped bit anywhere makes a head refused", () => {
  for (let at = 0; at < shipped.length; at += 8_191) {
    const file = Buffer.from(shipped);
    file.writeUInt8(file.readUInt8(at) ^ 1, at);
    expect(codeOf(() => decodeWakeHead(file))).toBe("model-invalid");
  }
});

test("a head with a right checksum over an impossible shape is refused, whatever it claims", () => {
  const zeroed = encodeWakeHead(zeroedWakeHead());
  const body = zeroed.subarray(0, -4);
  for (let at = 8; at < 22; at += 2) {
    for (const claimed of [0, 9, 1_537, 65_535]) {
      const file = Buffer.from(body);
      file.writeUInt16LE(claimed, at);
      expect(
        codeOf(() => decodeWakeHead(withChecksum(file))),
        `${claimed} at ${at}`,
      ).toBe("model-invalid");
    }
  }
  expect(codeOf(() => decodeWakeHead(withChecksum(Buffer.concat([body, Buffer.alloc(4)]))))).toBe("model-invalid");
  expect(codeOf(() => decodeWakeHead(withChecksum(body.subarray(0, -4))))).toBe("model-invalid");
  // No network at all, and all that follows from it.
  const empty = Buffer.concat([body.subarray(0, 14), Buffer.alloc(2 + 4 * WAKE_LEVELS.length)]);
  expect(codeOf(() => decodeWakeHead(withChecksum(empty)))).toBe("model-invalid");
  expect(codeOf(() => decodeWakeHead(withChecksum(body)))).toBeNull();
});

test("a head with a right checksum over impossible numbers is refused", () => {
  const zeroed = { thresholds: THRESHOLDS, smoothedSteps: 1, networks: [[layer(2, [1, 1], [0])]] };
  for (const level of WAKE_LEVELS) {
    for (const threshold of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      const file = encodeWakeHead({ judges: [{ ...zeroed, thresholds: { ...THRESHOLDS, [level]: threshold } }] });
      expect(file.readUInt32LE(file.length - 4)).toBe(crc32(file.subarray(0, -4)));
      expect(codeOf(() => decodeWakeHead(file))).toBe("model-invalid");
    }
  }
});

test("a zeroed head never hears anything", () => {
  const score = new WakeScore(decodeWakeHead(encodeWakeHead(zeroedWakeHead())), "played", SILENCE);
  const loud = new Float32Array(EMBEDDING_FLOATS).fill(1e6);
  for (let step = 0; step < 20; step++) expect(score.hear(loud)).not.toBeGreaterThan(0);
});

test("one judge is enough: a quick one hears a single step, a patient one the mean of three", () => {
  const quick = { thresholds: { ...THRESHOLDS, high: 2 }, smoothedSteps: 1, networks: [[layer(1, [1], [0])]] };
  const patient = { thresholds: { ...THRESHOLDS, high: 1 }, smoothedSteps: 3, networks: [[layer(2, [1, 0], [0])]] };
  const score = new WakeScore(decodeWakeHead(encodeWakeHead({ judges: [quick, patient] })), "high", SILENCE);
  const hear = (forPatient: number, forQuick: number) => score.hear(embedding(forPatient, forQuick));
  expect(hear(0, 2.5)).toBeCloseTo(0.5);
  expect(hear(0, 0)).toBeCloseTo(-1);
  expect(hear(3, 0)).toBeCloseTo(0);
  expect(hear(3, 0)).toBeCloseTo(1);
  score.reset();
  expect(hear(3, 0)).toBeCloseTo(0);
  expect(hear(3, 5)).toBeCloseTo(3);
});

test("the score is the mean of networks that pass only positive sums on, each looking at the newest of the window", () => {
  const rest = { thresholds: THRESHOLDS, smoothedSteps: 1 };
  const networks = [
    // One hidden unit, and one more behind it that it can only lower.
    [layer(2, [2, -1], [0.5]), layer(1, [3], [0.25])],
    [layer(1, [1], [-10]), layer(1, [-5], [1]), layer(1, [1], [0])],
  ];
  const window = new Float32Array(HEAD_INPUTS).fill(7);
  window.set([1, 1], HEAD_INPUTS - 2);
  expect(scoreWindow({ ...rest, networks: networks.slice(0, 1) }, window)).toBeCloseTo(3 * 1.5 + 0.25);
  window.set([0, 1], HEAD_INPUTS - 2);
  expect(scoreWindow({ ...rest, networks: networks.slice(0, 1) }, window)).toBeCloseTo(0.25);
  expect(scoreWindow({ ...rest, networks: networks.slice(1) }, window)).toBeCloseTo(1);
  expect(scoreWindow({ ...rest, networks }, window)).toBeCloseTo((0.25 + 1) / 2);
});

function layer(inputs: number, weights: number[], bias: number[]) {
  return { inputs, weights: Float32Array.from(weights), bias: Float32Array.from(bias) };
}

function embedding(...last: number[]): Float32Array {
  const floats = new Float32Array(EMBEDDING_FLOATS);
  floats.set(last, EMBEDDING_FLOATS - last.length);
  return floats;
}

function withChecksum(body: Buffer): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(body));
  return Buffer.concat([body, checksum]);
}

function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof AudioError ? error.code : String(error);
  }
}
