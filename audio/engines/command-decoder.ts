import { AudioError } from "../audio-error.ts";
import type { Heard } from "../engines.ts";
import { RATE_HZ } from "../frame.ts";
import { NOTHING } from "./confidence.ts";
import { loadSphinxBase, type SphinxBase, wordGraphOf } from "./grammar-reader.ts";
import { readGrammar } from "./jsgf.ts";
import { PhoneEar, type SearchedGrammar, searched } from "./phone-ear.ts";
import { findModel } from "./pocketsphinx.ts";
import { Pronouncer, type Pronunciations } from "./pronunciation.ts";
import { afterWakeWord, WAKE_TAIL, wakeTails, withoutWakeTail } from "./spoken-grammar.ts";
import { WordsAlike } from "./words-alike.ts";

export type CommandHeard = Omit<Heard, "decodeMs">;

/** Keeps the sound of an utterance, and at its end finds which of a grammar's sentences was said. Blocks: for a worker thread. */
export class CommandDecoder implements AsyncDisposable {
  readonly #sphinx: SphinxBase;
  readonly #ear: PhoneEar;
  readonly #pronouncer: Pronouncer;
  readonly #sound = new HeardSound();
  #grammar: Grammar | null = null;
  /** What it listens for now; null: nothing. */
  #listening: SearchedGrammar | null = null;
  #wakeWord = "computer";
  #wakeWays: Pronunciations;

  private constructor(sphinx: SphinxBase, dictionary: string, ear: PhoneEar) {
    this.#sphinx = sphinx;
    this.#ear = ear;
    this.#pronouncer = new Pronouncer(dictionary);
    this.#wakeWays = this.#waysOfWakeWord();
  }

  /** An AudioError names what is not installed. */
  static async open(): Promise<CommandDecoder> {
    const { dictionary } = findModel();
    return new CommandDecoder(loadSphinxBase(), dictionary, await PhoneEar.open());
  }

  /**
   * Throws an AudioError `bad-command` for what is no grammar; the one before stays. Ends an utterance. Names of people who
   * are gone are gone from here too. The same grammar again costs nothing.
   */
  setGrammar(jsgf: string): void {
    if (jsgf !== this.#grammar?.jsgf) this.#useGrammar(jsgf);
  }

  /** What may stand in front of a command, whole or its end: "computer" unless told. Ends an utterance. */
  setWakeWord(words: string): void {
    if (words === this.#wakeWord) return;
    this.#wakeWord = words;
    this.#wakeWays = this.#waysOfWakeWord();
    if (this.#grammar !== null) this.#useGrammar(this.#grammar.jsgf);
  }

  #useGrammar(jsgf: string): void {
    const grammar = readGrammar(jsgf);
    const waysOf = this.#pronouncer.pronounce(grammar.words);
    const alike = new WordsAlike(waysOf);
    waysOf.set(WAKE_TAIL, wakeTails(this.#wakeWays));
    const search = this.#searched(afterWakeWord(grammar), waysOf, grammar.names);
    if (search === null) throw new AudioError("bad-command", "This grammar cannot be used");
    this.#grammar = { jsgf, search, waysOf, alike };
    this.#listening = null;
  }

  /** `only`: under this grammar this once; where it is none, nothing is heard. */
  start(only: string | null = null): void {
    this.#sound.clear();
    this.#listening = null;
    if (this.#grammar === null) return;
    this.#listening = only === null ? this.#grammar.search : this.#once(only, this.#grammar.waysOf);
    if (this.#listening !== null) this.#ear.prepare();
  }

  feed(samples: Int16Array): void {
    if (this.#listening !== null) this.#sound.add(samples);
  }

  async finish(): Promise<CommandHeard> {
    const [grammar, search] = [this.#grammar, this.#listening];
    this.#listening = null;
    if (grammar === null || search === null) return NOTHING_HEARD;
    const { text: said, ...judged } = await this.#ear.judge(this.#sound.all(), search);
    this.#sound.clear();
    const text = said === null ? null : withoutWakeTail(said);
    if (text === null) return NOTHING_HEARD;
    return { text, ...judged, alike: grammar.alike.of(text) };
  }

  /** As `Recogniser.isWakeWord`. */
  isWakeWord(sound: Int16Array): Promise<boolean> {
    return this.#ear.isSaid(sound, this.#wakeWord.split(" "), this.#wakeWays);
  }

  /** Each way to say the first of several words goes before each of the next. */
  #waysOfWakeWord(): Pronunciations {
    const words = this.#wakeWord.split(" ");
    const waysOf = this.#pronouncer.pronounce(words);
    return words.reduce<readonly string[]>(
      (before, word) => before.flatMap((said) => (waysOf.get(word) ?? []).map((way) => `${said} ${way}`.trim())),
      [""],
    );
  }

  #once(only: string, known: ReadonlyMap<string, Pronunciations>): SearchedGrammar | null {
    const { words, names } = readGrammar(only);
    const fresh = this.#pronouncer.pronounce([...words].filter((word) => !known.has(word)));
    return this.#searched(only, new Map([...known, ...fresh]), names);
  }

  #searched(
    jsgf: string,
    waysOf: ReadonlyMap<string, Pronunciations>,
    names: ReadonlySet<string>,
  ): SearchedGrammar | null {
    const graph = wordGraphOf(jsgf, this.#sphinx);
    return graph === null ? null : searched(graph, waysOf, names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ear[Symbol.asyncDispose]();
  }
}

const NOTHING_HEARD: CommandHeard = { text: null, score: NOTHING, alike: [], nameMargin: null };

type Grammar = Readonly<{
  jsgf: string;
  search: SearchedGrammar;
  waysOf: ReadonlyMap<string, Pronunciations>;
  alike: WordsAlike;
}>;

/** One utterance's sound, which grows with it. */
class HeardSound {
  #samples = new Int16Array(10 * RATE_HZ);
  #count = 0;

  /** What was said is not kept. */
  clear(): void {
    this.#samples.fill(0, 0, this.#count);
    this.#count = 0;
  }

  add(samples: Int16Array): void {
    if (this.#count + samples.length > this.#samples.length) {
      const larger = new Int16Array(2 * (this.#count + samples.length));
      larger.set(this.#samples.subarray(0, this.#count));
      this.#samples = larger;
    }
    this.#samples.set(samples, this.#count);
    this.#count += samples.length;
  }

  all(): Int16Array {
    return this.#samples.subarray(0, this.#count);
  }
}
