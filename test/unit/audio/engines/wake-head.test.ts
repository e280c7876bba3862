import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { AudioError } from "#audio/audio-error.ts";
import { WAKE_HEADS } from "#audio/engines/wake-embedding.ts";
import {
  decodeWakeHead,
  encodeWakeHead,
  HEAD_INPUTS,
  scoreWindow,
  WAKE_LEVELS,
  zeroedWakeHead,
} from "#audio/engines/wake-head.ts";
import { WAKE_WORDS } from "#audio/wake-word.ts";

const shipped = readFileSync(WAKE_HEADS.computer);

test.each(WAKE_WORDS)("the head that ships for %s is a whole one, and it is written again byte for byte", (word) => {
  const file = readFileSync(WAKE_HEADS[word]);
  const { thresholds } = decodeWakeHead(file);
  expect(Math.min(...Object.values(thresholds))).toBeGreaterThan(0);
  expect(encodeWakeHead(decodeWakeHead(file)).equals(file)).toBe(true);
});

test.each(WAKE_WORDS)("the more sensitive the head for %s is asked to be, the less it takes to convince it", (word) => {
  const { thresholds } = decodeWakeHead(readFileSync(WAKE_HEADS[word]));
  const inOrder = WAKE_LEVELS.map((level) => thresholds[level]);
  expect(inOrder).toEqual(inOrder.toSorted((a, b) => b - a));
  expect(new Set(inOrder).size).toBe(inOrder.length);
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
  for (let at = 8; at < 18; at += 2) {
    for (const claimed of [0, 3, 1_537, 65_535]) {
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
  const empty = Buffer.concat([body.subarray(0, 10), Buffer.alloc(2 + 4 * WAKE_LEVELS.length)]);
  expect(codeOf(() => decodeWakeHead(withChecksum(empty)))).toBe("model-invalid");
  expect(codeOf(() => decodeWakeHead(withChecksum(body)))).toBeNull();
});

test("a head with a right checksum over impossible numbers is refused", () => {
  const zeroed = zeroedWakeHead();
  for (const level of WAKE_LEVELS) {
    for (const threshold of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      const file = encodeWakeHead({ ...zeroed, thresholds: { ...zeroed.thresholds, [level]: threshold } });
      expect(file.readUInt32LE(file.length - 4)).toBe(crc32(file.subarray(0, -4)));
      expect(codeOf(() => decodeWakeHead(file))).toBe("model-invalid");
    }
  }
});

test("a zeroed head never scores above its threshold", () => {
  const head = decodeWakeHead(encodeWakeHead(zeroedWakeHead()));
  const loud = new Float32Array(HEAD_INPUTS).fill(1e6);
  expect(scoreWindow(head, loud)).not.toBeGreaterThan(head.thresholds.played);
});

test("the score is the mean of networks that pass only positive sums on, each looking at the newest of the window", () => {
  const layer = (inputs: number, weights: number[], bias: number[]) => ({
    inputs,
    weights: Float32Array.from(weights),
    bias: Float32Array.from(bias),
  });
  const { thresholds } = zeroedWakeHead();
  const networks = [
    // One hidden unit, and one more behind it that it can only lower.
    [layer(2, [2, -1], [0.5]), layer(1, [3], [0.25])],
    [layer(1, [1], [-10]), layer(1, [-5], [1]), layer(1, [1], [0])],
  ];
  const window = new Float32Array(HEAD_INPUTS).fill(7);
  window.set([1, 1], HEAD_INPUTS - 2);
  expect(scoreWindow({ thresholds, networks: networks.slice(0, 1) }, window)).toBeCloseTo(3 * 1.5 + 0.25);
  window.set([0, 1], HEAD_INPUTS - 2);
  expect(scoreWindow({ thresholds, networks: networks.slice(0, 1) }, window)).toBeCloseTo(0.25);
  expect(scoreWindow({ thresholds, networks: networks.slice(1) }, window)).toBeCloseTo(1);
  expect(scoreWindow({ thresholds, networks }, window)).toBeCloseTo((0.25 + 1) / 2);
});

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
