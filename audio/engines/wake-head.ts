import { crc32 } from "node:zlib";
import { AudioError } from "../audio-error.ts";
import { EMBEDDING_FLOATS } from "./speech-embedding.ts";

/** Embeddings that a head may look at: the last 1.28 s. */
export const HEAD_STEPS = 16;
export const HEAD_INPUTS = HEAD_STEPS * EMBEDDING_FLOATS;

/** How easily a head is convinced, the least first; `played` is for what the loudspeaker plays, where half a likeness is enough. */
export const WAKE_LEVELS = ["low", "normal", "high", "played"] as const;
export type WakeLevel = (typeof WAKE_LEVELS)[number];

/** What comes out is `bias` plus, for each output, the products of its row of weights and what goes in. */
export type Layer = Readonly<{ inputs: number; weights: Float32Array; bias: Float32Array }>;
/** Layers one behind the other, with nothing below zero passed on between them; the last gives a logit. */
export type Network = readonly Layer[];

/**
 * Small networks on top of the speech embedding, the mean of which is the score. The first layer of each takes 96
 * floats for each of the newest embeddings, oldest first; the normalisation of the inputs is folded into its weights.
 */
export type Judge = Readonly<{
  /** A smoothed score above this is a detection; at least 0, so that a zeroed head never fires. */
  thresholds: Readonly<Record<WakeLevel, number>>;
  /** The mean of so many steps is what is compared: to a judge that is sure of single steps one is enough. */
  smoothedSteps: number;
  networks: readonly Network[];
}>;

/** The word was said as soon as one judge thinks so: a quick one for clear words, and a patient one for noise. */
export type WakeHead = Readonly<{ judges: readonly Judge[] }>;

/**
 * The file: this magic, then little-endian 16-bit numbers (version, judges; for each its smoothed steps and networks;
 * for each of these its layers, and how many go into each layer), 32-bit floats (for each judge its thresholds, and for
 * each layer weights and bias), and the CRC-32 of all before it.
 */
const MAGIC = "PORTERWK";
const VERSION = 2;
const LIMITS = { judges: 4, smoothedSteps: 8, networks: 9, layers: 4, hidden: 256 } as const;
const CRC_BYTES = 4;

/** The logit for one window of `HEAD_STEPS` embeddings, oldest first. */
export function scoreWindow({ networks }: Judge, window: Float32Array): number {
  let sum = 0;
  for (const network of networks) sum += scoreBy(network, window);
  return sum / networks.length;
}

function scoreBy(network: Network, window: Float32Array): number {
  let given = window;
  for (const [depth, { inputs, weights, bias }] of network.entries()) {
    const first = given.length - inputs;
    const last = depth === network.length - 1;
    const answer = new Float32Array(bias.length);
    for (let unit = 0; unit < answer.length; unit++) {
      let sum = bias[unit] ?? 0;
      for (let i = 0; i < inputs; i++) sum += (weights[unit * inputs + i] ?? 0) * (given[first + i] ?? 0);
      answer[unit] = last ? sum : Math.max(0, sum);
    }
    given = answer;
  }
  return given[0] ?? 0;
}

export function encodeWakeHead({ judges }: WakeHead): Buffer {
  const shape = [
    VERSION,
    judges.length,
    ...judges.flatMap(({ smoothedSteps, networks }) => [
      smoothedSteps,
      networks.length,
      ...networks.flatMap((each) => [each.length, ...each.map(({ inputs }) => inputs)]),
    ]),
  ];
  const floats = judges.flatMap(({ thresholds, networks }) => [
    ...WAKE_LEVELS.map((level) => thresholds[level]),
    ...networks.flat().flatMap(({ weights, bias }) => [...weights, ...bias]),
  ]);
  const file = Buffer.alloc(MAGIC.length + 2 * shape.length + 4 * floats.length + CRC_BYTES);
  let at = file.write(MAGIC, "latin1");
  for (const number of shape) at = file.writeUInt16LE(number, at);
  for (const float of floats) at = file.writeFloatLE(float, at);
  file.writeUInt32LE(crc32(file.subarray(0, at)), at);
  return file;
}

/** Throws an AudioError `model-invalid` for anything but a whole file of this version. */
export function decodeWakeHead(file: Buffer): WakeHead {
  if (file.toString("latin1", 0, MAGIC.length) !== MAGIC) refuse("it does not start as one");
  if (file.length < MAGIC.length + CRC_BYTES) refuse("it is cut short");
  const end = file.length - CRC_BYTES;
  if (file.readUInt32LE(end) !== crc32(file.subarray(0, end))) refuse("its checksum is wrong");
  const reader = new Reader(file.subarray(MAGIC.length, end));
  const version = reader.number("version", VERSION);
  if (version !== VERSION) refuse(`it is of version ${version} where ${VERSION} is expected`);
  const shapes = Array.from({ length: reader.number("judges", LIMITS.judges) }, () => readShape(reader));
  const judges = shapes.map((shape) => readJudge(reader, shape));
  reader.close();
  return { judges };
}

/** How many go into each layer of each network, and come out of the last. */
type Shape = Readonly<{ smoothedSteps: number; networks: readonly (readonly number[])[] }>;

function readShape(reader: Reader): Shape {
  const smoothedSteps = reader.number("smoothed steps", LIMITS.smoothedSteps);
  const networks = Array.from({ length: reader.number("networks", LIMITS.networks) }, () => {
    const sizes = Array.from({ length: reader.number("layers", LIMITS.layers) }, (_, depth) =>
      reader.number("inputs", depth === 0 ? HEAD_INPUTS : LIMITS.hidden),
    );
    return [...sizes, 1];
  });
  return { smoothedSteps, networks };
}

function readJudge(reader: Reader, { smoothedSteps, networks: shapes }: Shape): Judge {
  const [low = 0, normal = 0, high = 0, played = 0] = reader.floats(WAKE_LEVELS.length);
  if (Math.min(low, normal, high, played) < 0) refuse("a threshold is below zero");
  const networks = shapes.map((sizes) =>
    sizes.slice(0, -1).map((inputs, depth) => {
      const outputs = sizes[depth + 1] ?? 1;
      return { inputs, weights: reader.floats(outputs * inputs), bias: reader.floats(outputs) };
    }),
  );
  return { thresholds: { low, normal, high, played }, smoothedSteps, networks };
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** From 1 to `most`. */
  number(what: string, most: number): number {
    const found = this.#take(2).readUInt16LE();
    if (found < 1 || found > most) refuse(`it claims ${found} ${what}, where 1 to ${most} can be`);
    return found;
  }

  floats(count: number): Float32Array {
    const bytes = this.#take(count * 4);
    const floats = Float32Array.from({ length: count }, (_, i) => bytes.readFloatLE(i * 4));
    if (!floats.every(Number.isFinite)) refuse("it holds numbers that are not finite");
    return floats;
  }

  close(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) refuse(`it has ${left} bytes too many`);
  }

  #take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) refuse("it is cut short");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}

/** A head that loads and never fires: what a test uses to show that waking comes from the weights. */
export function zeroedWakeHead(): WakeHead {
  const layer = (inputs: number, outputs: number): Layer => ({
    inputs,
    weights: new Float32Array(inputs * outputs),
    bias: new Float32Array(outputs),
  });
  const thresholds = { low: 0, normal: 0, high: 0, played: 0 };
  return { judges: [{ thresholds, smoothedSteps: 1, networks: [[layer(HEAD_INPUTS, 2), layer(2, 1)]] }] };
}

function refuse(why: string): never {
  throw new AudioError("model-invalid", `This is not a wake head: ${why}`);
}
