import { EMBEDDING_FLOATS } from "./speech-embedding.ts";
import { HEAD_INPUTS, HEAD_STEPS, type Network } from "./wake-head.ts";

/** Embeddings one behind the other, each of 96 floats. */
export type Stream = Float32Array;
/** The window whose newest embedding is this one of a stream. */
export type Window = Readonly<{ stream: Stream; step: number }>;

/** What holds the weights small: there are far more of them than there were recordings. */
const RIDGE = 2;
const ROUNDS = 40;
/** What is left to find, squared, as a share of what there was. */
const ENOUGH = 1e-6;

/**
 * Makes one layer that answers 1 for windows in which the word ends and 0 for others: least squares with a ridge, both
 * kinds weighing the same (A. Hoerl, R. Kennard, "Ridge Regression", 1970), by conjugate gradients. It looks at the
 * newest `steps` embeddings; what is older is not the word. Half a second of CPU each.
 */
export class Trainer {
  readonly #inputs: number;
  readonly #scale: Scale;
  readonly #others: readonly Float32Array[];

  constructor(others: readonly Window[], steps: number) {
    this.#inputs = steps * EMBEDDING_FLOATS;
    this.#scale = scaleOf(others);
    this.#others = others.map((window) => rowOf(window, this.#inputs, this.#scale));
  }

  train(windows: readonly Window[]): Network {
    const words = windows.map((window) => rowOf(window, this.#inputs, this.#scale));
    const wanted = new Float64Array(this.#inputs + 1);
    for (const row of words) addTo(wanted, row, 0.5 / words.length);
    const weights = solve((given) => {
      const product = given.map((weight, i) => (i < this.#inputs ? RIDGE * weight : 0));
      for (const rows of [words, this.#others])
        for (const row of rows) addTo(product, row, (0.5 / rows.length) * dot(row, given));
      return product;
    }, wanted);
    return networkOf(weights, this.#scale);
  }
}

type Scale = Readonly<{ mean: Float64Array; spread: Float64Array }>;

function scaleOf(windows: readonly Window[]): Scale {
  const mean = new Float64Array(EMBEDDING_FLOATS);
  const square = new Float64Array(EMBEDDING_FLOATS);
  for (const { stream, step } of windows) {
    for (let i = 0; i < EMBEDDING_FLOATS; i += 1) {
      const value = stream[step * EMBEDDING_FLOATS + i] ?? 0;
      mean[i] = (mean[i] ?? 0) + value / windows.length;
      square[i] = (square[i] ?? 0) + value ** 2 / windows.length;
    }
  }
  const spread = square.map((each, i) => Math.sqrt(Math.max(1e-3, each - (mean[i] ?? 0) ** 2)));
  return { mean, spread };
}

/** What goes in, each band by its mean and spread, and a 1 for the bias. */
function rowOf({ stream, step }: Window, inputs: number, { mean, spread }: Scale): Float32Array {
  const start = (step + 1) * EMBEDDING_FLOATS - inputs;
  const row = new Float32Array(inputs + 1).fill(1);
  for (let i = 0; i < inputs; i += 1) {
    const band = i % EMBEDDING_FLOATS;
    row[i] = ((stream[start + i] ?? 0) - (mean[band] ?? 0)) / (spread[band] ?? 1);
  }
  return row;
}

/** Of `times` x = `wanted` (M. Hestenes, E. Stiefel, 1952). */
function solve(times: (given: Float64Array) => Float64Array, wanted: Float64Array): Float64Array {
  const found = new Float64Array(wanted.length);
  const left = wanted.slice();
  let towards = left.slice();
  let size = dot(left, left);
  const least = ENOUGH * size;
  for (let round = 0; round < ROUNDS && size > least; round += 1) {
    const product = times(towards);
    const length = size / dot(product, towards);
    addTo(found, towards, length);
    addTo(left, product, -length);
    const next = dot(left, left);
    const turned = left.slice();
    addTo(turned, towards, next / size);
    towards = turned;
    size = next;
  }
  return found;
}

/** The normalisation of what goes in is folded into the weights; what it does not look at weighs nothing. */
function networkOf(found: Float64Array, { mean, spread }: Scale): Network {
  const inputs = found.length - 1;
  const weights = new Float32Array(HEAD_INPUTS);
  let bias = found[inputs] ?? 0;
  for (let i = 0; i < inputs; i += 1) {
    const band = i % EMBEDDING_FLOATS;
    const weight = (found[i] ?? 0) / (spread[band] ?? 1);
    weights[HEAD_INPUTS - inputs + i] = weight;
    bias -= weight * (mean[band] ?? 0);
  }
  return [{ inputs: HEAD_INPUTS, weights, bias: Float32Array.of(bias) }];
}

type Numbers = Float32Array | Float64Array;

function dot(one: Numbers, other: Numbers): number {
  let sum = 0;
  for (let i = 0; i < one.length; i += 1) sum += (one[i] ?? 0) * (other[i] ?? 0);
  return sum;
}

function addTo(sum: Float64Array, what: Numbers, times: number): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + times * (what[i] ?? 0);
}

/** So many windows can be looked at in a stream: those before have not `HEAD_STEPS` embeddings. */
export function windowsOf(stream: Stream): Window[] {
  const steps = stream.length / EMBEDDING_FLOATS;
  return Array.from({ length: Math.max(0, steps - HEAD_STEPS + 1) }, (_, at) => ({
    stream,
    step: at + HEAD_STEPS - 1,
  }));
}
