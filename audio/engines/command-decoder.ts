import { AudioError } from "../audio-error.ts";
import type { Heard } from "../engines.ts";
import { RATE_HZ } from "../frame.ts";
import { NOTHING } from "./confidence.ts";
import { readGrammar } from "./jsgf.ts";
import { PhoneEar, type SearchedGrammar, searched } from "./phone-ear.ts";
import { Decoder, findModel, loadPocketSphinx, type Model, type PocketSphinx } from "./pocketsphinx.ts";
import { Pronouncer, type Pronunciations } from "./pronunciation.ts";
import { afterWakeWord, WAKE_TAIL, wakeTails, withoutWakeTail } from "./spoken-grammar.ts";
import { readWordGraph } from "./word-graph.ts";
import { WordsAlike } from "./words-alike.ts";

/**
 * PocketSphinx's own weight of a grammar (6.5) costs every phrase a share for each other one that there is, and its own
 * beams (1e-48, 7e-29) lose the right path among so many: of 96 phrases in four voices 91 were right, now 96. Some
 * 2,000 states are followed in a frame, or a book of thousands takes up to 0.4 s of CPU for a second of speech.
 */
const GRAMMAR = { "-lw": "1.5", "-beam": "1e-80", "-wbeam": "1e-60", "-pbeam": "1e-80", "-maxhmmpf": "2000" };

export type CommandHeard = Omit<Heard, "decodeMs">;

/**
 * Two recognisers under one grammar: PocketSphinx while the sound comes, and at its end a network of our own over all of
 * it. Each errs where the other does not. Blocks: for the worker thread (and for tools).
 */
export class CommandDecoder implements AsyncDisposable {
  readonly #sphinx: PocketSphinx;
  readonly #model: Model;
  readonly #ear: PhoneEar;
  readonly #pronouncer: Pronouncer;
  readonly #sound = new HeardSound();
  #waysOf = new Map<string, Pronunciations>();
  #grammar: Grammar | null = null;
  #only: SearchedGrammar | null = null;
  #wakeWord = "computer";
  #listening = false;

  private constructor(sphinx: PocketSphinx, model: Model, ear: PhoneEar) {
    this.#sphinx = sphinx;
    this.#model = model;
    this.#ear = ear;
    this.#pronouncer = new Pronouncer(model.dictionary);
  }

  /** An AudioError names what is not installed. */
  static async open(modelFolder?: string): Promise<CommandDecoder> {
    const model = findModel(modelFolder);
    return new CommandDecoder(loadPocketSphinx(), model, await PhoneEar.open());
  }

  /**
   * Throws an AudioError `bad-command` for what is no grammar; the one before stays. Ends an utterance. Each grammar
   * gets a decoder of its own (some 10 ms), so that names of people who are gone are gone from here too. The same
   * grammar again costs nothing.
   */
  setGrammar(jsgf: string): void {
    if (jsgf !== this.#grammar?.jsgf) this.#useGrammar(jsgf);
  }

  /** What may stand in front of a command, whole or its end: "computer" unless told. Ends an utterance. */
  setWakeWord(words: string): void {
    if (words === this.#wakeWord) return;
    this.#wakeWord = words;
    if (this.#grammar !== null) this.#useGrammar(this.#grammar.jsgf);
  }

  #useGrammar(jsgf: string): void {
    const grammar = readGrammar(jsgf);
    const waysOf = this.#pronouncer.pronounce(grammar.words);
    const alike = new WordsAlike(waysOf);
    waysOf.set(WAKE_TAIL, this.#tails());
    const decoder = new Decoder(this.#sphinx, this.#model, GRAMMAR);
    try {
      addWords(decoder, waysOf);
      const all = afterWakeWord(grammar);
      const search = this.#searched(decoder, all, waysOf, grammar.names);
      if (!decoder.useGrammar(all)) throw unusable();
      this.#grammar?.decoder[Symbol.dispose]();
      this.#grammar = { jsgf, decoder, search, alike };
    } catch (cause) {
      decoder[Symbol.dispose]();
      throw cause;
    }
    this.#waysOf = waysOf;
    this.#listening = false;
  }

  /** `only`: under this grammar this once; where it is none, nothing is heard. */
  start(only: string | null = null): void {
    this.#listening = false;
    this.#only = null;
    this.#sound.clear();
    if (this.#grammar === null) return;
    const { decoder } = this.#grammar;
    if (only === null) decoder.useAgain();
    else if (!this.#useOnce(decoder, only)) return;
    decoder.start();
    this.#listening = true;
  }

  feed(samples: Int16Array): void {
    if (!this.#listening) return;
    this.#grammar?.decoder.feed(samples);
    this.#sound.add(samples);
  }

  async finish(): Promise<CommandHeard> {
    const grammar = this.#listening ? this.#grammar : null;
    this.#grammar?.decoder.end();
    this.#listening = false;
    if (grammar === null) return { text: null, score: NOTHING, alike: [], nameMargin: null };
    const search = this.#only ?? grammar.search;
    const { text: said, ...judged } = await this.#ear.judge(this.#sound.all(), search, grammar.decoder.text());
    this.#sound.clear();
    const text = said === null ? null : withoutWakeTail(said);
    if (text === null) return { text, score: NOTHING, alike: [], nameMargin: null };
    return { text, ...judged, alike: grammar.alike.of(text) };
  }

  /** Each way to say the first of several words goes before each of the next. */
  #tails(): readonly string[] {
    const words = this.#wakeWord.split(" ");
    const waysOf = this.#pronouncer.pronounce(words);
    const ways = words.reduce<readonly string[]>(
      (before, word) => before.flatMap((said) => (waysOf.get(word) ?? []).map((way) => `${said} ${way}`.trim())),
      [""],
    );
    return wakeTails(ways);
  }

  #useOnce(decoder: Decoder, only: string): boolean {
    const { words, names } = readGrammar(only);
    const fresh = this.#pronouncer.pronounce([...words].filter((word) => !this.#waysOf.has(word)));
    addWords(decoder, fresh);
    for (const [word, ways] of fresh) this.#waysOf.set(word, ways);
    if (!decoder.useOnce(only)) return false;
    this.#only = this.#searched(decoder, only, this.#waysOf, names);
    return true;
  }

  #searched(
    decoder: Decoder,
    jsgf: string,
    waysOf: ReadonlyMap<string, Pronunciations>,
    names: ReadonlySet<string>,
  ): SearchedGrammar {
    const written = decoder.writeOut(jsgf);
    if (written === null) throw unusable();
    return searched(readWordGraph(written), waysOf, names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#grammar?.decoder[Symbol.dispose]();
    await this.#ear[Symbol.asyncDispose]();
  }
}

type Grammar = Readonly<{ jsgf: string; decoder: Decoder; search: SearchedGrammar; alike: WordsAlike }>;

function unusable(): AudioError {
  return new AudioError("bad-command", "PocketSphinx cannot use this grammar");
}

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

function addWords(decoder: Decoder, waysOf: ReadonlyMap<string, readonly string[]>): void {
  const words = [...waysOf];
  for (const [at, [word, ways]] of words.entries()) addWord(decoder, word, ways, at === words.length - 1);
}

/** The first way to say a word goes by its own name, the others by `word(2)`, `word(3)`. */
function addWord(decoder: Decoder, word: string, ways: readonly string[], last: boolean): void {
  ways.forEach((phones, i) => {
    decoder.add(i === 0 ? word : `${word}(${i + 1})`, phones, last && i === ways.length - 1);
  });
}
