import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { AudioError } from "#audio/audio-error.ts";
import { COMPUTER_HEAD } from "#audio/engines/wake-embedding.ts";
import { decodeWakeHead, encodeWakeHead, HEAD_INPUTS, scoreWindow, zeroedWakeHead } from "#audio/engines/wake-head.ts";

const shipped = readFileSync(COMPUTER_HEAD);

test("the head that ships is a whole one, and it is written again byte for byte", () => {
  const head = decodeWakeHead(shipped);
  expect(head.threshold).toBeGreaterThan(0);
  expect(encodeWakeHead(head).equals(shipped)).toBe(true);
});

test("a head that is cut short, too long, empty or something else is refused as no head", () => {
  const wrong = [
    Buffer.alloc(0),
    shipped.subarray(0, shipped.length - 1),
    Buffer.concat([shipped, Buffer.of(0)]),
    Buffer.alloc(shipped.length),
    Buffer.alloc(shipped.length, 0xff),
  ];
  for (const file of wrong) expect(codeOf(() => decodeWakeHead(file))).toBe("model-invalid");
});

test("one flipped bit anywhere makes a head refused", () => {
  for (let at = 0; at < shipped.length; at += 4_099) {
    const file = Buffer.from(shipped);
    file.writeUInt8(file.readUInt8(at) ^ 1, at);
    expect(codeOf(() => decodeWakeHead(file))).toBe("model-invalid");
  }
});

test("a head with a right checksum over impossible numbers is refused", () => {
  for (const threshold of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    const file = encodeWakeHead({ ...zeroedWakeHead(), threshold });
    expect(file.readUInt32LE(file.length - 4)).toBe(crc32(file.subarray(0, -4)));
    expect(codeOf(() => decodeWakeHead(file))).toBe("model-invalid");
  }
});

test("a zeroed head never scores above its threshold", () => {
  const head = decodeWakeHead(encodeWakeHead(zeroedWakeHead()));
  const loud = new Float32Array(HEAD_INPUTS).fill(1e6);
  expect(scoreWindow(head, loud)).not.toBeGreaterThan(head.threshold);
});

test("the score is the output of one hidden layer that lets only positive sums through", () => {
  const head = zeroedWakeHead();
  head.hiddenWeights.set([2, -1]);
  head.hiddenBias[0] = 0.5;
  head.outputWeights[0] = 3;
  const window = new Float32Array(HEAD_INPUTS);
  window.set([1, 1]);
  expect(scoreWindow({ ...head, outputBias: 0.25 }, window)).toBeCloseTo(3 * 1.5 + 0.25);
  window.set([0, 1]);
  expect(scoreWindow({ ...head, outputBias: 0.25 }, window)).toBeCloseTo(0.25);
});

function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof AudioError ? error.code : String(error);
  }
}
