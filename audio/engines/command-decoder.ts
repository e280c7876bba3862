import { AudioError } from "../audio-error.ts";
import type { Alike } from "../protocol-words.ts";
import { confidence, NOTHING } from "./confidence.ts";
import { readGrammar } from "./jsgf.ts";
import { Decoder, findModel, loadPocketSphinx, type Model, type PocketSphinx } from "./pocketsphinx.ts";
import { Pronouncer } from "./pronunciation.ts";
import { afterWakeWord, WAKE_TAIL, wakeTails, withoutWakeTail } from "./spoken-grammar.ts";
import { WordsAlike } from "./words-alike.ts";

/** A loop over any phones, to compare with: context-independent and widely searched, as it is a small search. */
const PHONE_LOOP = { "-allphone_ci": "yes", "-beam": "1e-20", "-pbeam": "1e-20", "-lw": "2.0" };
/**
 * PocketSphinx's own weight of a grammar (6.5) costs every phrase a share for each other one that there is, and its own
 * beams (1e-48, 7e-29) lose the right path among so many: of 96 phrases in four voices 91 were right, now 96. Some
 * 2,000 states are followed in a frame, or a book of thousands takes up to 0.4 s of CPU for a second of speech.
 */
const GRAMMAR = { "-lw": "1.5", "-beam": "1e-80", "-wbeam": "1e-60", "-pbeam": "1e-80", "-maxhmmpf": "2000" };

/** The two decoders of the recogniser, side by side. Blocks: for the worker thread (and for tools). */
export class CommandDecoder implements Disposable {
  readonly #sphinx: PocketSphinx;
  readonly #model: Model;
  readonly #phones: Decoder;
  readonly #pronouncer: Pronouncer;
  #grammar: Decoder | null = null;
  #jsgf = "";
  #wakeWord = "computer";
  /** Those that the grammar's decoder knows. */
  #words = new Set<string>();
  #alike = new WordsAlike(new Map());
  #listening = false;

  constructor(modelFolder?: string) {
    this.#sphinx = loadPocketSphinx();
    this.#model = findModel(modelFolder);
    this.#pronouncer = new Pronouncer(this.#model.dictionary);
    this.#phones = new Decoder(this.#sphinx, this.#model, PHONE_LOOP);
    if (!this.#phones.usePhoneLoop(this.#model.phones)) {
      throw new AudioError("model-invalid", `PocketSphinx cannot use ${this.#model.phones}`);
    }
  }

  /**
   * Throws an AudioError `bad-command` for what is no grammar; the one before stays. Ends an utterance. Each grammar
   * gets a decoder of its own (some 10 ms), so that names of people who are gone are gone from here too. The same
   * grammar again costs nothing.
   */
  setGrammar(jsgf: string): void {
    if (jsgf !== this.#jsgf) this.#useGrammar(jsgf);
  }

  /** What may stand in front of a command, whole or its end: "computer" unless told. Ends an utterance. */
  setWakeWord(words: string): void {
    if (words === this.#wakeWord) return;
    this.#wakeWord = words;
    if (this.#jsgf !== "") this.#useGrammar(this.#jsgf);
  }

  #useGrammar(jsgf: string): void {
    const grammar = readGrammar(jsgf);
    const waysOf = this.#pronouncer.pronounce(grammar.words);
    const decoder = new Decoder(this.#sphinx, this.#model, GRAMMAR);
    try {
      for (const [word, ways] of waysOf) addWord(decoder, word, ways, false);
      addWord(decoder, WAKE_TAIL, this.#tails(), true);
      if (!decoder.useGrammar(afterWakeWord(grammar))) {
        throw new AudioError("bad-command", "PocketSphinx cannot use this grammar");
      }
    } catch (cause) {
      decoder[Symbol.dispose]();
      throw cause;
    }
    this.#grammar?.[Symbol.dispose]();
    this.#grammar = decoder;
    this.#jsgf = jsgf;
    this.#alike = new WordsAlike(waysOf);
    this.#words = new Set(grammar.words);
    this.#listening = false;
  }

  /** `only`: under this grammar this once; where it is none, nothing is heard. */
  start(only: string | null = null): void {
    this.#listening = false;
    if (this.#grammar === null) return;
    if (only === null) this.#grammar.useAgain();
    else if (!this.#useOnce(this.#grammar, only)) return;
    this.#grammar.start();
    this.#phones.start();
    this.#listening = true;
  }

  feed(samples: Int16Array): void {
    this.#grammar?.feed(samples);
    this.#phones.feed(samples);
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
    const { words } = readGrammar(only);
    const fresh = [...this.#pronouncer.pronounce([...words].filter((word) => !this.#words.has(word)))];
    for (const [at, [word, ways]] of fresh.entries()) {
      addWord(decoder, word, ways, at === fresh.length - 1);
      this.#words.add(word);
    }
    return decoder.useOnce(only);
  }

  finish(): { text: string | null; score: number; alike: readonly Alike[] } {
    this.#grammar?.end();
    this.#phones.end();
    const heard = this.#listening ? this.#grammar : null;
    this.#listening = false;
    const said = heard?.text() ?? null;
    const text = said === null ? null : withoutWakeTail(said);
    if (heard === null || text === null) return { text, score: NOTHING, alike: [] };
    const words = heard.segments().filter(({ word }) => !word.startsWith(WAKE_TAIL));
    return { text, score: confidence(words, this.#phones.segments()), alike: this.#alike.of(text) };
  }

  [Symbol.dispose](): void {
    this.#grammar?.[Symbol.dispose]();
    this.#phones[Symbol.dispose]();
  }
}

/** The first way to say a word goes by its own name, the others by `word(2)`, `word(3)`. */
function addWord(decoder: Decoder, word: string, ways: readonly string[], last: boolean): void {
  ways.forEach((phones, i) => {
    decoder.add(i === 0 ? word : `${word}(${i + 1})`, phones, last && i === ways.length - 1);
  });
}
