import { AudioError } from "../audio-error.ts";
import { confidence, NOTHING } from "./confidence.ts";
import { readGrammar } from "./jsgf.ts";
import { Decoder, findModel, loadPocketSphinx } from "./pocketsphinx.ts";
import { Pronouncer } from "./pronunciation.ts";
import { afterWakeWord, WAKE_TAIL, WAKE_TAIL_PHONES, withoutWakeTail } from "./spoken-grammar.ts";

/** A loop over any phones, to compare with: context-independent and widely searched, as it is a small search. */
const PHONE_LOOP = { "-allphone_ci": "yes", "-beam": "1e-20", "-pbeam": "1e-20", "-lw": "2.0" };

/** The two decoders of the recogniser, side by side. Blocks: for the worker thread (and for tools). */
export class CommandDecoder implements Disposable {
  readonly #grammar: Decoder;
  readonly #phones: Decoder;
  readonly #pronouncer: Pronouncer;
  readonly #added = new Set<string>();
  #usable = false;
  #listening = false;

  constructor(modelFolder?: string) {
    const sphinx = loadPocketSphinx();
    const model = findModel(modelFolder);
    this.#pronouncer = new Pronouncer(model.dictionary);
    this.#grammar = new Decoder(sphinx, model);
    this.#phones = new Decoder(sphinx, model, PHONE_LOOP);
    if (!this.#phones.usePhoneLoop(model.phones)) {
      throw new AudioError("model-invalid", `PocketSphinx cannot use ${model.phones}`);
    }
    this.#add(WAKE_TAIL, WAKE_TAIL_PHONES, true);
  }

  /** Throws an AudioError `bad-command` for what is no grammar; the one before stays. Ends an utterance. */
  setGrammar(jsgf: string): void {
    const grammar = readGrammar(jsgf);
    const missing = [...grammar.words].filter((word) => !this.#added.has(word));
    const pronunciations = [...this.#pronouncer.pronounce(missing)];
    pronunciations.forEach(([word, ways], i) => {
      this.#add(word, ways, i === pronunciations.length - 1);
    });
    if (!this.#grammar.useGrammar(afterWakeWord(grammar))) {
      throw new AudioError("bad-command", "PocketSphinx cannot use this grammar");
    }
    this.#usable = true;
    this.#listening = false;
  }

  start(): void {
    if (!this.#usable) return;
    this.#grammar.start();
    this.#phones.start();
    this.#listening = true;
  }

  feed(samples: Int16Array): void {
    this.#grammar.feed(samples);
    this.#phones.feed(samples);
  }

  finish(): { text: string | null; score: number } {
    this.#grammar.end();
    this.#phones.end();
    const said = this.#listening ? this.#grammar.text() : null;
    this.#listening = false;
    const text = said === null ? null : withoutWakeTail(said);
    if (text === null) return { text, score: NOTHING };
    const words = this.#grammar.segments().filter(({ word }) => !word.startsWith(WAKE_TAIL));
    return { text, score: confidence(words, this.#phones.segments()) };
  }

  /** The best paths of the last utterance, for tools that look into the score. */
  paths() {
    return { words: this.#grammar.segments(), phones: this.#phones.segments() };
  }

  [Symbol.dispose](): void {
    this.#grammar[Symbol.dispose]();
    this.#phones[Symbol.dispose]();
  }

  /** The first way to say a word goes by its own name, the others by `word(2)`, `word(3)`. */
  #add(word: string, ways: readonly string[], last: boolean): void {
    ways.forEach((phones, i) => {
      this.#grammar.add(i === 0 ? word : `${word}(${i + 1})`, phones, last && i === ways.length - 1);
    });
    this.#added.add(word);
  }
}
