import { type Said, seeded, vary } from "../teach/vary.ts";
import { faultOf, findWord } from "../teach/word-span.ts";
import type { WakeWord } from "../wake-word.ts";
import { EMBEDDING_FLOATS, SpeechEmbedding, STEP_SAMPLES } from "./speech-embedding.ts";
import { HEAD_INPUTS, HEAD_STEPS, type Judge, type Network, scoreWindow, type WakeHead } from "./wake-head.ts";
import { WakeScore } from "./wake-score.ts";
import { type Primed, prime } from "./wake-search.ts";
import { type Stream, train, type Window, windowsOf } from "./wake-train.ts";

/** So many recordings a word is learned from. */
export const RECORDINGS = { least: 5, most: 8 } as const;

/** Of each recording, beside itself. */
const VARIANTS = 14;
/** The word is over within the newest embedding, or the two before: wherever it falls in a step. */
const WORD_STEPS = 3;
/** Before and behind it nobody can say whether it is the word. */
const UNSURE_STEPS = 4;
const SMOOTHED_STEPS = 2;
/** Logits between the other speech's highest score and the threshold, as a share of what the word stands above that. */
const SHARES = { low: 0.65, normal: 0.45, high: 0.25, played: 0.1 } as const;
/** Of its variants, heard by a judge that did not learn from their recording. */
const LEAST_HEARD = 0.8;

export type Taught =
  | Readonly<{
      ok: true;
      head: WakeHead;
      /** Of the recordings' variants, by judges that had not learned from them, in percent. */
      heardPercent: number;
    }>
  /** One sentence each, which says what to do. */
  | Readonly<{ ok: false; why: readonly string[] }>;

type Lesson = Readonly<{
  recordings: readonly Int16Array[];
  /** Some minutes of other speech, as pieces: to learn from, and to be judged by. */
  others: readonly Int16Array[];
  judging: readonly Int16Array[];
  /** What the unit can be called already. */
  heads: readonly Readonly<{ word: WakeWord; head: WakeHead }>[];
  onProgress?: (share: number) => void;
}>;

/**
 * Learns a wake word from a few recordings of one owner: a judge of one layer on the speech embedding, taught what else
 * people say. A minute or so of CPU.
 */
export async function teach({
  recordings,
  others,
  judging,
  heads,
  onProgress = () => undefined,
}: Lesson): Promise<Taught> {
  const spans = recordings.map((samples) => ({ samples, span: findWord(samples) }));
  const faults = spans.flatMap(({ samples, span }, at) => {
    const fault = faultOf(samples, span);
    return fault === null ? [] : [`Recording ${at + 1}: ${fault}.`];
  });
  if (faults.length > 0) return { ok: false, why: faults };
  const words = spans.map(({ samples, span }) => samples.subarray(span?.start ?? 0, span?.end ?? 0));
  await using ear = await Ear.open();
  const known = await nearestHead(
    spans.map(({ samples }) => samples),
    heads,
    ear,
  );
  if (known !== null)
    return {
      ok: false,
      why: [`That sounds like "${known}", which the unit can be called already: choose another word.`],
    };

  const random = seeded(7);
  const streams: Stream[] = [];
  for (const [at, other] of [...others, ...judging].entries()) {
    streams.push(await ear.embed(other));
    onProgress((0.6 * at) / (others.length + judging.length));
  }
  const said: Window[][][] = [];
  for (const word of words) {
    const variants: Window[][] = [];
    for (let variant = 0; variant < VARIANTS; variant += 1)
      variants.push(await ear.windows(vary(word, others, random)));
    said.push(variants);
  }
  onProgress(0.8);
  return judge(
    words,
    said,
    { taught: streams.slice(0, others.length), judging: streams.slice(others.length) },
    onProgress,
  );
}

function judge(
  words: readonly Int16Array[],
  said: readonly (readonly (readonly Window[])[])[],
  streams: Readonly<{ taught: readonly Stream[]; judging: readonly Stream[] }>,
  onProgress: (share: number) => void,
): Taught {
  const lengths = words.map((word) => word.length).toSorted((one, other) => one - other);
  const steps = Math.min(HEAD_STEPS, Math.ceil((lengths[lengths.length >> 1] ?? 0) / STEP_SAMPLES) + 2);
  const taught = streams.taught.flatMap(windowsOf);
  const { judging } = streams;
  // Each recording is heard by a judge that has not learned from it: what is left is what the next one will find.
  const scores: number[] = [];
  let ceiling = Number.NEGATIVE_INFINITY;
  for (const [at, variants] of said.entries()) {
    const network = train(
      said
        .filter((_, other) => other !== at)
        .flat()
        .flatMap(wordsOf),
      taught,
      steps,
    );
    ceiling = Math.max(ceiling, ...judging.map((stream) => highest(network, windowsOf(stream))));
    for (const windows of variants) scores.push(highest(network, windows));
    onProgress(0.8 + (0.2 * (at + 1)) / (said.length + 1));
  }
  const network = train(said.flat().flatMap(wordsOf), taught, steps);
  ceiling = Math.max(0, ceiling, ...judging.map((stream) => highest(network, windowsOf(stream))));
  const sorted = scores.toSorted((one, other) => one - other);
  const floor = sorted[Math.floor(sorted.length * (1 - LEAST_HEARD))] ?? 0;
  const at = (share: number) => ceiling + share * Math.max(0, (sorted[sorted.length >> 1] ?? 0) - ceiling);
  const thresholds = {
    low: at(SHARES.low),
    normal: at(SHARES.normal),
    high: at(SHARES.high),
    played: at(SHARES.played),
  };
  console.log(
    "ceil",
    ceiling,
    "sorted",
    sorted
      .filter((_, i) => i % 8 === 0)
      .map((x) => x.toFixed(1))
      .join(" "),
    "steps",
    steps,
    "cpu",
    process.cpuUsage().user / 1e6,
  );
  const heard = scores.filter((score) => score > thresholds.normal).length / scores.length;
  if (floor < thresholds.normal) return { ok: false, why: [heard < 0.3 ? LIKE_SPEECH : NOT_ALIKE] };
  const made: Judge = { thresholds, smoothedSteps: SMOOTHED_STEPS, networks: [network] };
  return { ok: true, head: { judges: [made] }, heardPercent: 100 * heard };
}

const LIKE_SPEECH = "That word is too much like what people say anyhow: choose a longer or rarer one.";
const NOT_ALIKE =
  "The recordings are not alike enough: say the word each time as you will call the unit, in a quiet room.";

function wordsOf(windows: readonly Window[]): readonly Window[] {
  return windows.slice(0, WORD_STEPS);
}

/** The highest smoothed score in windows that follow each other. */
function highest(network: Network, windows: readonly Window[]): number {
  const judge = { networks: [network], smoothedSteps: 1, thresholds: { low: 0, normal: 0, high: 0, played: 0 } };
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

/** Which of the words that there are already the recordings wake, most of them or all. */
async function nearestHead(
  recordings: readonly Int16Array[],
  heads: Lesson["heads"],
  ear: Ear,
): Promise<string | null> {
  for (const { word, head } of heads) {
    let woken = 0;
    for (const samples of recordings) if (await ear.wakes(samples, head)) woken += 1;
    if (woken * 2 >= recordings.length) return word;
  }
  return null;
}

/** The speech embedding, as the detector has it: after silence, in steps of 80 ms. */
class Ear implements AsyncDisposable {
  readonly #embedding: SpeechEmbedding;
  readonly #primed: Primed;

  private constructor(embedding: SpeechEmbedding, primed: Primed) {
    this.#embedding = embedding;
    this.#primed = primed;
  }

  static async open(): Promise<Ear> {
    const embedding = await SpeechEmbedding.open();
    return new Ear(embedding, await prime(embedding));
  }

  /** One embedding less of silence comes first than a head looks at: every one of the sound's own ends a window. */
  async embed(samples: Int16Array): Promise<Stream> {
    this.#embedding.restore(this.#primed.embedding);
    const count = Math.ceil(samples.length / STEP_SAMPLES);
    const stream = new Float32Array((HEAD_STEPS - 1 + count) * EMBEDDING_FLOATS);
    stream.set(this.#primed.window.subarray(EMBEDDING_FLOATS));
    const step = new Int16Array(STEP_SAMPLES);
    for (let at = 0; at < count; at += 1) {
      step.fill(0);
      step.set(samples.subarray(at * STEP_SAMPLES, (at + 1) * STEP_SAMPLES));
      stream.set(await this.#embedding.step(step), (HEAD_STEPS - 1 + at) * EMBEDDING_FLOATS);
    }
    return stream;
  }

  /** From the one in which the word ends on. */
  async windows({ samples, wordEnd }: Said): Promise<Window[]> {
    const stream = await this.embed(samples);
    const first = HEAD_STEPS - 1 + Math.ceil(wordEnd / STEP_SAMPLES) - 1;
    const last = stream.length / EMBEDDING_FLOATS - 1;
    return Array.from({ length: Math.min(WORD_STEPS + UNSURE_STEPS, last - first + 1) }, (_, at) => ({
      stream,
      step: first + at,
    }));
  }

  async wakes(samples: Int16Array, head: WakeHead): Promise<boolean> {
    const score = new WakeScore(head, "high", this.#primed.window);
    const stream = await this.embed(samples);
    for (let step = HEAD_STEPS - 1; step < stream.length / EMBEDDING_FLOATS; step += 1) {
      if (score.hear(stream.subarray(step * EMBEDDING_FLOATS, (step + 1) * EMBEDDING_FLOATS)) > 0) return true;
    }
    return false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#embedding[Symbol.asyncDispose]();
  }
}
