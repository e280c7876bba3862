import { EMBEDDING_FLOATS } from "#audio/engines/speech-embedding.ts";
import { HEAD_HIDDEN, HEAD_INPUTS, scoreWindow, type WakeHead } from "#audio/engines/wake-head.ts";
import { pick, type Random } from "./clip.ts";

/** Adam (Kingma and Ba, 2015) with weight decay, on the logistic loss. */
const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;
const WEIGHT_DECAY = 1e-4;
/** Inputs are dropped at random, so that no one of them decides. */
const DROPOUT = 0.1;
const POSITIVES_PER_BATCH = 128;
const NEGATIVES_PER_BATCH = 384;
/** A false alarm weighs more than a miss: the owner repeats a word more gladly than hears a chirp for nothing. */
const NEGATIVE_WEIGHT = 1.5;
const ROUNDS = 4;
const BATCHES_PER_ROUND = 350;
/** Mined after each round: the windows without the word that score highest. */
const HARDEST = 4_000;

type Layer = { weights: Float32Array; gradient: Float32Array; mean: Float32Array; variance: Float32Array };

/** All windows of both kinds; each is 1,536 floats and is not changed. */
export type Examples = Readonly<{ positives: readonly Float32Array[]; negatives: readonly Float32Array[] }>;

export function train(examples: Examples, random: Random, report: (line: string) => void): WakeHead {
  const { mean, deviation } = normalisation(examples.negatives);
  const network = new Network(random);
  let hard: readonly Float32Array[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const rate = round < ROUNDS - 1 ? 1e-3 : 2e-4;
    let loss = 0;
    for (let batch = 0; batch < BATCHES_PER_ROUND; batch++) {
      for (let i = 0; i < POSITIVES_PER_BATCH; i++)
        loss += network.learn(normalised(pick(random, examples.positives)), 1);
      for (let i = 0; i < NEGATIVES_PER_BATCH; i++) {
        const from = hard.length > 0 && i % 3 === 0 ? hard : examples.negatives;
        loss += network.learn(normalised(pick(random, from)), 0);
      }
      network.apply(rate, POSITIVES_PER_BATCH + NEGATIVES_PER_BATCH);
    }
    const head = network.fold(mean, deviation);
    hard = examples.negatives
      .map((window) => ({ window, score: scoreWindow(head, window) }))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, HARDEST)
      .map(({ window }) => window);
    report(`round ${round + 1}: loss ${(loss / BATCHES_PER_ROUND / 512).toFixed(4)}`);
  }
  return network.fold(mean, deviation);

  function normalised(window: Float32Array): Float32Array {
    const kept = network.input;
    for (let i = 0; i < HEAD_INPUTS; i++) {
      const feature = i % EMBEDDING_FLOATS;
      kept[i] = random() < DROPOUT ? 0 : ((window[i] ?? 0) - (mean[feature] ?? 0)) / (deviation[feature] ?? 1);
    }
    return kept;
  }
}

class Network {
  readonly input = new Float32Array(HEAD_INPUTS);
  readonly #hidden: Layer;
  readonly #hiddenBias: Layer;
  readonly #output: Layer;
  readonly #outputBias: Layer;
  readonly #activation = new Float32Array(HEAD_HIDDEN);
  #updates = 0;

  constructor(random: Random) {
    this.#hidden = layer(HEAD_HIDDEN * HEAD_INPUTS, () => gaussian(random) / Math.sqrt(HEAD_INPUTS));
    this.#hiddenBias = layer(HEAD_HIDDEN, () => 0);
    this.#output = layer(HEAD_HIDDEN, () => gaussian(random) / Math.sqrt(HEAD_HIDDEN));
    this.#outputBias = layer(1, () => 0);
  }

  /** Adds one example's gradient; returns its loss. */
  learn(input: Float32Array, wanted: 0 | 1): number {
    let logit = this.#outputBias.weights[0] ?? 0;
    for (let unit = 0; unit < HEAD_HIDDEN; unit++) {
      let sum = this.#hiddenBias.weights[unit] ?? 0;
      const row = this.#hidden.weights.subarray(unit * HEAD_INPUTS, (unit + 1) * HEAD_INPUTS);
      for (let i = 0; i < HEAD_INPUTS; i++) sum += (row[i] ?? 0) * (input[i] ?? 0);
      this.#activation[unit] = Math.max(0, sum);
      logit += Math.max(0, sum) * (this.#output.weights[unit] ?? 0);
    }
    const probability = 1 / (1 + Math.exp(-logit));
    const slope = (probability - wanted) * (wanted === 1 ? 1 : NEGATIVE_WEIGHT);
    add(this.#outputBias.gradient, 0, slope);
    for (let unit = 0; unit < HEAD_HIDDEN; unit++) {
      const activation = this.#activation[unit] ?? 0;
      if (activation === 0) continue;
      add(this.#output.gradient, unit, slope * activation);
      const through = slope * (this.#output.weights[unit] ?? 0);
      add(this.#hiddenBias.gradient, unit, through);
      const row = this.#hidden.gradient.subarray(unit * HEAD_INPUTS, (unit + 1) * HEAD_INPUTS);
      for (let i = 0; i < HEAD_INPUTS; i++) row[i] = (row[i] ?? 0) + through * (input[i] ?? 0);
    }
    return -Math.log(Math.max(1e-9, wanted === 1 ? probability : 1 - probability));
  }

  apply(rate: number, examples: number): void {
    this.#updates++;
    const [bias1, bias2] = [1 - BETA_1 ** this.#updates, 1 - BETA_2 ** this.#updates];
    for (const { weights, gradient, mean, variance } of [
      this.#hidden,
      this.#hiddenBias,
      this.#output,
      this.#outputBias,
    ]) {
      for (let i = 0; i < weights.length; i++) {
        const slope = (gradient[i] ?? 0) / examples + WEIGHT_DECAY * (weights[i] ?? 0);
        const m = BETA_1 * (mean[i] ?? 0) + (1 - BETA_1) * slope;
        const v = BETA_2 * (variance[i] ?? 0) + (1 - BETA_2) * slope * slope;
        mean[i] = m;
        variance[i] = v;
        weights[i] = (weights[i] ?? 0) - (rate * (m / bias1)) / (Math.sqrt(v / bias2) + EPSILON);
        gradient[i] = 0;
      }
    }
  }

  /** The head that takes inputs as they come: (x - mean) / deviation becomes part of the weights. */
  fold(mean: Float32Array, deviation: Float32Array): WakeHead {
    const hiddenWeights = new Float32Array(HEAD_HIDDEN * HEAD_INPUTS);
    const hiddenBias = this.#hiddenBias.weights.slice();
    for (let unit = 0; unit < HEAD_HIDDEN; unit++) {
      let shift = 0;
      for (let i = 0; i < HEAD_INPUTS; i++) {
        const feature = i % EMBEDDING_FLOATS;
        const weight = (this.#hidden.weights[unit * HEAD_INPUTS + i] ?? 0) / (deviation[feature] ?? 1);
        hiddenWeights[unit * HEAD_INPUTS + i] = weight;
        shift += weight * (mean[feature] ?? 0);
      }
      add(hiddenBias, unit, -shift);
    }
    const [outputBias = 0] = this.#outputBias.weights;
    return { threshold: 0, hiddenWeights, hiddenBias, outputWeights: this.#output.weights.slice(), outputBias };
  }
}

function normalisation(windows: readonly Float32Array[]): { mean: Float32Array; deviation: Float32Array } {
  const sum = new Float64Array(EMBEDDING_FLOATS);
  const squares = new Float64Array(EMBEDDING_FLOATS);
  for (const window of windows) {
    for (let i = 0; i < EMBEDDING_FLOATS; i++) {
      const value = window[HEAD_INPUTS - EMBEDDING_FLOATS + i] ?? 0;
      add(sum, i, value);
      add(squares, i, value * value);
    }
  }
  const mean = Float32Array.from(sum, (total) => total / windows.length);
  const deviation = Float32Array.from(squares, (total, i) => {
    return Math.sqrt(Math.max(0, total / windows.length - (mean[i] ?? 0) ** 2)) + 1e-3;
  });
  return { mean, deviation };
}

function layer(size: number, initial: () => number): Layer {
  const zeros = () => new Float32Array(size);
  return { weights: zeros().map(initial), gradient: zeros(), mean: zeros(), variance: zeros() };
}

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function add(to: Float32Array | Float64Array, index: number, value: number): void {
  to[index] = (to[index] ?? 0) + value;
}
