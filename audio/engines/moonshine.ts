import { fileURLToPath } from "node:url";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import { RATE_HZ } from "../frame.ts";
import { floatsOf, openModelFile } from "./onnx.ts";
import { ENDS, tokensOf } from "./sentence-tokens.ts";

/** The English model. Other versions of the package hold others, which are not free for all uses. */
const MODEL = new URL("model/tiny/quantized/", import.meta.resolve("@moonshine-ai/moonshine-js"));
export const MOONSHINE_FILES = {
  encoder: fileURLToPath(new URL("encoder_model.onnx", MODEL)),
  decoder: fileURLToPath(new URL("decoder_model_merged.onnx", MODEL)),
} as const;
/**
 * Memory goes back after each sound: by itself onnxruntime keeps as much as the longest ever needed. Optimised, the graph
 * takes 21 MB more and twice as long to load, and is a few milliseconds quicker with a sound.
 */
const SMALL: InferenceSession.SessionOptions = {
  enableCpuMemArena: false,
  enableMemPattern: false,
  graphOptimizationLevel: "disabled",
};
/** Of what the decoder gives; the rest would be copied for nothing. */
const WANTED = ["logits"];
/** As `moonshine-js` calls the decoder: `src/model.ts`. */
const LAYERS = 6;
const HEADS = 8;
const HEAD_WIDTH = 36;
/** Numbers that the encoder gives for each 24 ms. */
const WIDTH = 288;
const SENTENCE_ENDS = ENDS[0];
/** Sentences that are read at once: each token of each costs 128 kB meanwhile. */
const MOST_AT_ONCE = 8;
/** Of longer sentences only what stands in front is read. */
const MOST_TOKENS = 48;
/** Longer sound is no command, and its attention grows with the square. */
const MOST_SAMPLES = 15 * RATE_HZ;
/** It knows speech of about this level best: the root mean square of the loudest 64 ms. */
const LEVEL = 4_000 / 32_768;
const LEVEL_SAMPLES = 1_024;
const NOISE_SAMPLES = RATE_HZ / 2;
/** What is so much unlikelier than the likeliest token adds nothing. */
const NEGLIGIBLE_NATS = 16;

/** What one sound is to the decoder. */
type Encoded = Readonly<{ states: Float32Array; steps: number }>;

/**
 * Moonshine, "tiny" (Jeffries et al. 2024, MIT): a transformer that was taught to write down English speech, 27 million
 * weights of 8 bits. Porter never asks it what was said, only how much likelier sentences of the grammar are in a sound than
 * in noise: what a sentence is worth by itself ("call back" more than "call Aivars") is taken off.
 */
export class Moonshine implements AsyncDisposable {
  readonly #encoder: InferenceSession;
  readonly #decoder: InferenceSession;
  readonly #noise: Encoded;

  private constructor(encoder: InferenceSession, decoder: InferenceSession, noise: Encoded) {
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.#noise = noise;
  }

  /** An AudioError `model-missing` where it is not installed. */
  static async open(): Promise<Moonshine> {
    const encoder = await openModelFile(MOONSHINE_FILES.encoder, SMALL);
    const decoder = await openModelFile(MOONSHINE_FILES.decoder, SMALL);
    return new Moonshine(encoder, decoder, await encode(encoder, hiss()));
  }

  /**
   * For each sentence ln P(sentence | sound) - ln P(sentence | noise), in nats; null where the sound is too long. Mono,
   * 16 kHz, without much silence around.
   */
  async evidence(sound: Int16Array, sentences: readonly string[]): Promise<number[] | null> {
    if (sound.length > MOST_SAMPLES || sound.length < LEVEL_SAMPLES) return null;
    const heard = await encode(this.#encoder, levelled(sound));
    const found: number[] = [];
    for (let at = 0; at < sentences.length; at += MOST_AT_ONCE) {
      const tokens = sentences.slice(at, at + MOST_AT_ONCE).map(shortened);
      const inSound = await this.#read(heard, tokens);
      const inNoise = await this.#read(this.#noise, tokens);
      found.push(...inSound.map((odds, each) => odds - (inNoise[each] ?? 0)));
    }
    return found;
  }

  /** ln P of each row of tokens, without that of saying anything at all. */
  async #read({ states, steps }: Encoded, rows: readonly (readonly number[])[]): Promise<number[]> {
    const length = Math.max(...rows.map((row) => row.length));
    const ids = new BigInt64Array(rows.length * length).fill(BigInt(SENTENCE_ENDS));
    const copies = new Float32Array(rows.length * states.length);
    for (const [at, row] of rows.entries()) {
      for (const [place, token] of row.entries()) ids[at * length + place] = BigInt(token);
      copies.set(states, at * states.length);
    }
    const said = {
      ...NO_PAST,
      input_ids: new Tensor("int64", ids, [rows.length, length]),
      encoder_hidden_states: new Tensor("float32", copies, [rows.length, steps, WIDTH]),
      use_cache_branch: new Tensor("bool", [false]),
    };
    const outputs = await this.#decoder.run(said, WANTED);
    const logits = floatsOf(outputs, "logits");
    const words = logits.length / ids.length;
    return rows.map((row, at) => {
      const after = (place: number) =>
        logits.subarray((at * length + place) * words, (at * length + place + 1) * words);
      return row.reduce((sum, _, place) => sum + oddsOf(after(place), row[place + 1], place === 0), 0);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#encoder.release();
    await this.#decoder.release();
  }
}

function shortened(sentence: string): readonly number[] {
  return tokensOf(sentence).slice(0, MOST_TOKENS);
}

async function encode(encoder: InferenceSession, sound: Float32Array): Promise<Encoded> {
  const input = new Tensor("float32", sound, [1, sound.length]);
  const states = floatsOf(await encoder.run({ input_values: input }), "last_hidden_state");
  return { states, steps: states.length / WIDTH };
}

/** ln P of the next token; undefined: of any end. At the start that nothing was said is ruled out. */
function oddsOf(logits: Float32Array, next: number | undefined, isFirst: boolean): number {
  if (isFirst) logits[SENTENCE_ENDS] = Number.NEGATIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > most) most = logit;
  let sum = 0;
  for (const logit of logits) if (logit > most - NEGLIGIBLE_NATS) sum += Math.exp(logit - most);
  const wanted = next === undefined ? ENDS : [next];
  const its = wanted.reduce((total, token) => total + Math.exp((logits[token] ?? 0) - most), 0);
  return Math.log(its / sum);
}

/** No more than the loudest part needs, and to a scale of 1. */
function levelled(sound: Int16Array): Float32Array {
  let loudest = 1;
  for (let at = 0; at + LEVEL_SAMPLES <= sound.length; at += LEVEL_SAMPLES) {
    let energy = 0;
    for (let i = at; i < at + LEVEL_SAMPLES; i++) energy += (sound[i] ?? 0) ** 2;
    loudest = Math.max(loudest, Math.sqrt(energy / LEVEL_SAMPLES));
  }
  const gain = LEVEL / loudest;
  return Float32Array.from(sound, (sample) => Math.max(-1, Math.min(1, sample * gain)));
}

/** Hiss, the same each time (a linear congruential generator; Numerical Recipes' constants). */
function hiss(): Float32Array {
  let state = 1;
  return Float32Array.from({ length: NOISE_SAMPLES }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 0.06;
  });
}

/** The decoder wants what it said before; it has said nothing. */
const NO_PAST = Object.fromEntries(
  Array.from({ length: LAYERS }, (_, layer) =>
    ["decoder", "encoder"].flatMap((side) =>
      ["key", "value"].map((kind) => [
        `past_key_values.${layer}.${side}.${kind}`,
        new Tensor("float32", new Float32Array(0), [0, HEADS, 1, HEAD_WIDTH]),
      ]),
    ),
  ).flat(),
);
