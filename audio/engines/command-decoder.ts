import { AudioError } from "../audio-error.ts";
import type { Alike, Rival } from "../protocol-words.ts";
import { bestPath } from "./best-path.ts";
import { NOTHING } from "./confidence.ts";
import { type Grammar, readGrammar } from "./jsgf.ts";
import { Decoder, findModel, loadPocketSphinx, type Model, type PocketSphinx } from "./pocketsphinx.ts";
import { Pronouncer } from "./pronunciation.ts";
import { SecondHearing } from "./second-hearing.ts";
import { afterWakeWord, WAKE_TAIL, WAKE_TAIL_PHONES } from "./spoken-grammar.ts";
import { WordsAlike } from "./words-alike.ts";

/** A loop over any phones, to compare with: context-independent and widely searched, as it is a small search. */
const PHONE_LOOP = { "-allphone_ci": "yes", "-beam": "1e-20", "-pbeam": "1e-20", "-lw": "2.0" };
/**
 * PocketSphinx's own weight of a grammar (6.5) costs every phrase a share for each other one that there is, and its own
 * beams (1e-48, 7e-29) lose the right path among so many: of 96 phrases in four voices 91 were right, now 96. Some
 * 2,000 states are followed in a frame, or a book of thousands takes up to 0.4 s of CPU for a second of speech.
 */
const GRAMMAR = { "-lw": "1.5", "-beam": "1e-80", "-wbeam": "1e-60", "-pbeam": "1e-80", "-maxhmmpf": "2000" };

/**
 * What was not surely heard, but may well be a command, is listened to once more where the first time took no more CPU
 * than this: the second takes about as much, while the owner waits.
 */
const LISTEN_AGAIN_BELOW = -2.2;
const LISTEN_AGAIN_FROM = -8;
const MOST_AGAIN_MS = 1_200;
/** At most so sure of a name that a second hearing did not find. */
const UNCONFIRMED = -3;
/** The grammar of more names is held once: of 400 it takes some 40 MB. */
const MOST_NAMES_TWICE = 500;

/** What was heard; `rival`: null where nobody was named, or nobody else can have been. */
export type Decoded = Readonly<{
  text: string | null;
  score: number;
  alike: readonly Alike[];
  rival: Rival | null;
}>;

/** The two decoders of the recogniser, side by side, and two that listen again. Blocks: for the worker thread (and tools). */
export class CommandDecoder implements Disposable {
  readonly #sphinx: PocketSphinx;
  readonly #model: Model;
  readonly #phones: Decoder;
  readonly #phonesAgain: Decoder;
  readonly #pronouncer: Pronouncer;
  #grammar: Decoder | null = null;
  #jsgf = "";
  /** Those that the grammar's decoder knows. */
  #words = new Set<string>();
  #alike = new WordsAlike(new Map());
  #second: SecondHearing | null = null;
  /** The sound since `start`. */
  #sound: Int16Array[] = [];
  /** CPU that its decoding took as it came. */
  #spentMs = 0;
  /** It listens for an answer alone. */
  #only = false;
  #listening = false;

  constructor(modelFolder?: string) {
    this.#sphinx = loadPocketSphinx();
    this.#model = findModel(modelFolder);
    this.#pronouncer = new Pronouncer(this.#model.dictionary);
    this.#phones = this.#phoneLoop();
    this.#phonesAgain = this.#phoneLoop();
  }

  /**
   * Throws an AudioError `bad-command` for what is no grammar; the one before stays. Ends an utterance. Each grammar
   * gets a decoder of its own (some 10 ms), so that names of people who are gone are gone from here too. The same
   * grammar again costs nothing.
   */
  setGrammar(jsgf: string): void {
    if (jsgf === this.#jsgf) return;
    const grammar = readGrammar(jsgf);
    const waysOf = this.#pronouncer.pronounce(grammar.words);
    const decoder = this.#decoderOf(waysOf, grammar);
    const isNamesAlone = grammar.tagged.size > MOST_NAMES_TWICE;
    let again: Decoder;
    try {
      again = this.#decoderOf(waysOf, isNamesAlone ? null : grammar);
    } catch (cause) {
      decoder[Symbol.dispose]();
      throw cause;
    }
    this.#grammar?.[Symbol.dispose]();
    this.#grammar = decoder;
    this.#second?.[Symbol.dispose]();
    const { tagged } = grammar;
    this.#second = new SecondHearing({ grammar: again, phoneLoop: this.#phonesAgain, isNamesAlone, tagged, waysOf });
    this.#jsgf = jsgf;
    this.#alike = new WordsAlike(waysOf);
    this.#words = new Set(grammar.words);
    this.#listening = false;
  }

  /** `grammar` null: with its words alone. */
  #decoderOf(waysOf: ReadonlyMap<string, readonly string[]>, grammar: Grammar | null): Decoder {
    const decoder = new Decoder(this.#sphinx, this.#model, GRAMMAR);
    try {
      for (const [word, ways] of waysOf) addWord(decoder, word, ways, false);
      addWord(decoder, WAKE_TAIL, WAKE_TAIL_PHONES, true);
      if (grammar !== null && !decoder.useGrammar(afterWakeWord(grammar))) {
        throw new AudioError("bad-command", "PocketSphinx cannot use this grammar");
      }
    } catch (cause) {
      decoder[Symbol.dispose]();
      throw cause;
    }
    return decoder;
  }

  #phoneLoop(): Decoder {
    const phones = new Decoder(this.#sphinx, this.#model, PHONE_LOOP);
    if (!phones.usePhoneLoop(this.#model.phones)) {
      throw new AudioError("model-invalid", `PocketSphinx cannot use ${this.#model.phones}`);
    }
    return phones;
  }

  /** `only`: under this grammar this once; where it is none, nothing is heard. */
  start(only: string | null = null): void {
    this.#listening = false;
    this.#sound = [];
    this.#spentMs = 0;
    this.#only = only !== null;
    if (this.#grammar === null) return;
    if (only === null) this.#grammar.useAgain();
    else if (!this.#useOnce(this.#grammar, only)) return;
    this.#grammar.start();
    this.#phones.start();
    this.#listening = true;
  }

  /** Keeps the buffer until the end of the utterance. */
  feed(samples: Int16Array): void {
    if (!this.#listening) return;
    const startedUs = usedUs();
    this.#sound.push(samples);
    this.#grammar?.feed(samples);
    this.#phones.feed(samples);
    this.#spentMs += (usedUs() - startedUs) / 1_000;
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

  finish(): Decoded {
    this.#grammar?.end();
    this.#phones.end();
    const heard = this.#listening ? this.#grammar : null;
    this.#listening = false;
    // For an answer there is no second hearing: whoever can be meant was named by the unit.
    const second = this.#only ? null : this.#second;
    const sound = joined(this.#sound);
    this.#sound = [];
    if (heard === null) return UNHEARD;
    let { text, score } = bestPath(heard, this.#phones);
    const isUnsure = score < LISTEN_AGAIN_BELOW && score >= LISTEN_AGAIN_FROM;
    if (isUnsure && this.#spentMs < MOST_AGAIN_MS) ({ text, score } = second?.hear(sound) ?? { text, score });
    if (text === null) return UNHEARD;
    const rival = second?.rivalIn(text, sound) ?? null;
    const alike = this.#alike.of(text);
    // Heard once, and not the second time: that is not surely heard.
    if (rival === "unconfirmed") return { text, score: Math.min(score, UNCONFIRMED), alike, rival: null };
    return { text, score, alike, rival };
  }

  [Symbol.dispose](): void {
    this.#grammar?.[Symbol.dispose]();
    this.#second?.[Symbol.dispose]();
    this.#phones[Symbol.dispose]();
    this.#phonesAgain[Symbol.dispose]();
  }
}

/** The first way to say a word goes by its own name, the others by `word(2)`, `word(3)`. */
function addWord(decoder: Decoder, word: string, ways: readonly string[], last: boolean): void {
  ways.forEach((phones, i) => {
    decoder.add(i === 0 ? word : `${word}(${i + 1})`, phones, last && i === ways.length - 1);
  });
}

const UNHEARD: Decoded = { text: null, score: NOTHING, alike: [], rival: null };

function usedUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function joined(pieces: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(pieces.reduce((samples, piece) => samples + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
