import { seeded, vary } from "../teach/vary.ts";
import { faultOf, findWord } from "../teach/word-span.ts";
import type { WakeWord } from "../wake-word.ts";
import { EMBEDDING_FLOATS, STEP_SAMPLES } from "./speech-embedding.ts";
import { TeachEar, WORD_STEPS } from "./teach-ear.ts";
import { HEAD_INPUTS, HEAD_STEPS, type Judge, type Network, scoreWindow, type WakeHead } from "./wake-head.ts";
import { type Stream, Trainer, type Window, windowsOf } from "./wake-train.ts";

/** Of each recording. */
const VARIANTS = 14;
/** Of other speech every so many-th window is learned from: they overlap by all but one embedding. */
const LEARNED_EVERY = 2;
const SMOOTHED_STEPS = 2;
/** Logits between the other speech's highest score and the threshold, as a share of what the word stands above that. */
const SHARES = { low: 0.65, normal: 0.45, high: 0.25, played: 0.1 } as const;
/** Of its variants, heard by a judge that did not learn from their recording. */
const LEAST_HEARD = 0.8;
/** Of less, the word is taken for what people say anyhow. */
const LIKE_SPEECH_BELOW = 0.3;

export type Taught =
  | Readonly<{
      ok: true;
      head: WakeHead;
      /** Of the recordings' variants, by judges that had not learned from them, in percent. */
      heardPercent: number;
    }>
  /** One sentence each, which says what to do. */
  | Readonly<{ ok: false; why: readonly string[] }>;

type Others = Readonly<{
  /** Some minutes of other speech, as pieces: to learn from, and to be judged by. */
  taught: readonly Int16Array[];
  judging: readonly Int16Array[];
  onProgress?: (share: number) => void;
}>;

type Lesson = Readonly<{
  recordings: readonly Int16Array[];
  /** Of each recording; tests take fewer. */
  variants?: number;
  /** What the unit can be called already. */
  heads: readonly Readonly<{ word: WakeWord; head: WakeHead }>[];
  onProgress?: (share: number) => void;
}>;

/**
 * Learns a wake word from a few recordings of one owner: a judge of one layer on the speech embedding, taught what else
 * people say. Half a minute of CPU.
 */
export class WakeTeacher implements AsyncDisposable {
  readonly #ear: TeachEar;
  readonly #others: readonly Int16Array[];
  readonly #taught: readonly Window[];
  readonly #judging: readonly Stream[];

  private constructor(
    ear: TeachEar,
    others: readonly Int16Array[],
    taught: readonly Stream[],
    judging: readonly Stream[],
  ) {
    this.#ear = ear;
    this.#others = others;
    this.#taught = taught.flatMap((stream) => windowsOf(stream).filter((_, at) => at % LEARNED_EVERY === 0));
    this.#judging = judging;
  }

  static async open({ taught, judging, onProgress = () => undefined }: Others): Promise<WakeTeacher> {
    const ear = await TeachEar.open();
    const streams: Stream[] = [];
    for (const other of [...taught, ...judging]) {
      streams.push(await ear.embed(other));
      onProgress(streams.length / (taught.length + judging.length));
    }
    return new WakeTeacher(ear, taught, streams.slice(0, taught.length), streams.slice(taught.length));
  }

  async teach({
    recordings,
    variants: count = VARIANTS,
    heads,
    onProgress = () => undefined,
  }: Lesson): Promise<Taught> {
    const spans = recordings.map((samples) => ({ samples, span: findWord(samples) }));
    const faults = spans.flatMap(({ samples, span }, at) => {
      const fault = faultOf(samples, span);
      return fault === null ? [] : [`Recording ${at + 1}: ${fault}.`];
    });
    if (faults.length > 0) return { ok: false, why: faults };
    const near = await this.#nearest(recordings, heads);
    if (near !== null)
      return { ok: false, why: [`That sounds like "${near}", which is a name of its own: choose another word.`] };
    const words = spans.map(({ samples, span }) => samples.subarray(span?.start ?? 0, span?.end ?? 0));
    const random = seeded(7);
    const said: Window[][][] = [];
    for (const [at, word] of words.entries()) {
      const variants: Window[][] = [];
      for (let variant = 0; variant < count; variant += 1)
        variants.push(await this.#ear.windows(vary(word, this.#others, random)));
      said.push(variants);
      onProgress((0.3 * (at + 1)) / words.length);
    }
    return this.#judge(words, said, onProgress);
  }

  #judge(
    words: readonly Int16Array[],
    said: readonly (readonly (readonly Window[])[])[],
    onProgress: (share: number) => void,
  ): Taught {
    const trainer = new Trainer(this.#taught, stepsOf(words));
    const train = (variants: readonly (readonly Window[])[]): Network =>
      trainer.train(variants.flatMap((windows) => windows.slice(0, WORD_STEPS)));
    // Each recording is heard by a judge that has not learned from it: what is left is what the next one will find.
    const scores: number[] = [];
    const networks: Network[] = [];
    for (const [at, variants] of said.entries()) {
      const network = train(said.filter((_, other) => other !== at).flat());
      for (const windows of variants) scores.push(highest(network, windows));
      networks.push(network);
      onProgress(0.3 + (0.7 * (at + 1)) / (said.length + 1));
    }
    const network = train(said.flat());
    const ceiling = Math.max(
      0,
      ...[...networks, network].flatMap((each) => this.#judging.map((stream) => highest(each, windowsOf(stream)))),
    );
    const thresholds = thresholdsBetween(ceiling, median(scores));
    const heard = scores.filter((score) => score > thresholds.normal).length / scores.length;
    if (heard < LEAST_HEARD) return { ok: false, why: [heard < LIKE_SPEECH_BELOW ? LIKE_SPEECH : NOT_ALIKE] };
    return {
      ok: true,
      head: { judges: [{ thresholds, smoothedSteps: SMOOTHED_STEPS, networks: [network] }] },
      heardPercent: 100 * heard,
    };
  }

  /** Which of the words that there are already half of the recordings wake. */
  async #nearest(recordings: readonly Int16Array[], heads: Lesson["heads"]): Promise<string | null> {
    for (const { word, head } of heads) {
      let woken = 0;
      for (const samples of recordings)
        if (this.#ear.wakes(await this.#ear.embed(samples), head, "high") > 0) woken += 1;
      if (woken * 2 >= recordings.length) return word;
    }
    return null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ear[Symbol.asyncDispose]();
  }
}

const LIKE_SPEECH = "That word is too much like what people say anyhow: choose a longer or rarer one.";
const NOT_ALIKE =
  "The recordings are not alike enough: say the word each time as you will call the unit, in a quiet room.";

/** How much of what is heard last the judge looks at: the word, and where it falls in a step. */
function stepsOf(words: readonly Int16Array[]): number {
  return Math.min(HEAD_STEPS, Math.ceil(median(words.map((word) => word.length)) / STEP_SAMPLES) + 2);
}

function thresholdsBetween(ceiling: number, word: number): Judge["thresholds"] {
  const at = (share: number) => ceiling + share * Math.max(0, word - ceiling);
  return { low: at(SHARES.low), normal: at(SHARES.normal), high: at(SHARES.high), played: at(SHARES.played) };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? 0;
}

/** The highest smoothed score in windows that follow each other. */
function highest(network: Network, windows: readonly Window[]): number {
  const judge = { networks: [network], smoothedSteps: 1, thresholds: thresholdsBetween(0, 0) };
  let most = Number.NEGATIVE_INFINITY;
  let before = Number.NEGATIVE_INFINITY;
  for (const { stream, step } of windows) {
    const end = (step + 1) * EMBEDDING_FLOATS;
    const score = scoreWindow(judge, stream.subarray(end - HEAD_INPUTS, end));
    most = Math.max(most, (before + score) / SMOOTHED_STEPS);
    before = score;
  }
  return most;
}
