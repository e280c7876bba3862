import { crc32 } from "node:zlib";
import { AudioError } from "../audio-error.ts";
import { EMBEDDING_FLOATS } from "./speech-embedding.ts";

/** Embeddings that the head looks at: the last 1.28 s. */
export const HEAD_STEPS = 16;
export const HEAD_INPUTS = HEAD_STEPS * EMBEDDING_FLOATS;
export const HEAD_HIDDEN = 32;

/**
 * A small network on top of the speech embedding: 1,536 inputs, 32 hidden units (ReLU), one output (a logit).
 * The normalisation of the inputs is folded into the weights.
 */
export type WakeHead = Readonly<{
  /** A smoothed score above this is a detection; at least 0, so that a zeroed head never fires. */
  threshold: number;
  /** `HEAD_HIDDEN` rows of `HEAD_INPUTS`. */
  hiddenWeights: Float32Array;
  hiddenBias: Float32Array;
  outputWeights: Float32Array;
  outputBias: number;
}>;

/** The file: this magic, four little-endian 16-bit numbers, 32-bit floats, and the CRC-32 of all before it. */
const MAGIC = "PORTERWK";
const VERSION = 1;
const HEADER_BYTES = MAGIC.length + 8;
const FLOATS = 1 + HEAD_HIDDEN * HEAD_INPUTS + HEAD_HIDDEN + HEAD_HIDDEN + 1;
const FILE_BYTES = HEADER_BYTES + FLOATS * 4 + 4;

/** The logit for one window of embeddings, oldest first. */
export function scoreWindow(head: WakeHead, window: Float32Array): number {
  let logit = head.outputBias;
  for (let unit = 0; unit < HEAD_HIDDEN; unit++) {
    let sum = head.hiddenBias[unit] ?? 0;
    const row = unit * HEAD_INPUTS;
    for (let i = 0; i < HEAD_INPUTS; i++) sum += (head.hiddenWeights[row + i] ?? 0) * (window[i] ?? 0);
    if (sum > 0) logit += sum * (head.outputWeights[unit] ?? 0);
  }
  return logit;
}

export function encodeWakeHead(head: WakeHead): Buffer {
  const file = Buffer.alloc(FILE_BYTES);
  file.write(MAGIC, "latin1");
  [VERSION, HEAD_STEPS, EMBEDDING_FLOATS, HEAD_HIDDEN].forEach((value, i) => {
    file.writeUInt16LE(value, MAGIC.length + 2 * i);
  });
  let at = HEADER_BYTES;
  const parts = [[head.threshold], head.hiddenWeights, head.hiddenBias, head.outputWeights, [head.outputBias]];
  for (const part of parts) for (const value of part) at = file.writeFloatLE(value, at);
  file.writeUInt32LE(crc32(file.subarray(0, at)), at);
  return file;
}

/** Throws an AudioError `model-invalid` for anything but a whole file of this version. */
export function decodeWakeHead(file: Buffer): WakeHead {
  if (file.length !== FILE_BYTES) refuse(`it has ${file.length} bytes, not ${FILE_BYTES}`);
  if (file.toString("latin1", 0, MAGIC.length) !== MAGIC) refuse("it does not start as one");
  [VERSION, HEAD_STEPS, EMBEDDING_FLOATS, HEAD_HIDDEN].forEach((expected, i) => {
    const found = file.readUInt16LE(MAGIC.length + 2 * i);
    if (found !== expected) refuse(`its header says ${found} where ${expected} is expected`);
  });
  if (file.readUInt32LE(FILE_BYTES - 4) !== crc32(file.subarray(0, FILE_BYTES - 4))) refuse("its checksum is wrong");

  const floats = new Float32Array(FLOATS);
  for (let i = 0; i < FLOATS; i++) floats[i] = file.readFloatLE(HEADER_BYTES + i * 4);
  if (!floats.every(Number.isFinite)) refuse("it holds numbers that are not finite");
  let at = 0;
  const take = (count: number) => {
    at += count;
    return floats.subarray(at - count, at);
  };
  const [threshold = 0] = take(1);
  if (threshold < 0) refuse("its threshold is below zero");
  const hiddenWeights = take(HEAD_HIDDEN * HEAD_INPUTS);
  const hiddenBias = take(HEAD_HIDDEN);
  const outputWeights = take(HEAD_HIDDEN);
  const [outputBias = 0] = take(1);
  return { threshold, hiddenWeights, hiddenBias, outputWeights, outputBias };
}

/** A head that loads and never fires: what a test uses to show that waking comes from the weights. */
export function zeroedWakeHead(): WakeHead {
  return {
    threshold: 0,
    hiddenWeights: new Float32Array(HEAD_HIDDEN * HEAD_INPUTS),
    hiddenBias: new Float32Array(HEAD_HIDDEN),
    outputWeights: new Float32Array(HEAD_HIDDEN),
    outputBias: 0,
  };
}

function refuse(why: string): never {
  throw new AudioError("model-invalid", `This is not a wake head: ${why}`);
}
