import { confidence } from "./confidence.ts";
import { Decoder, findModel, loadPocketSphinx } from "./pocketsphinx.ts";

/** Words that are often said alone, so that "start" is not heard as "stop"; what rhymes with it may be. */
const PHONES: Readonly<Record<string, string>> = {
  stop: "S T AA P",
  step: "S T EH P",
  stay: "S T EY",
  start: "S T AA R T",
  stuff: "S T AH F",
  star: "S T AA R",
  sorry: "S AA R IY",
  what: "W AH T",
  not: "N AA T",
  but: "B AH T",
  okay: "OW K EY",
  yes: "Y EH S",
  no: "N OW",
  so: "S OW",
  bye: "B AY",
  please: "P L IY Z",
  well: "W EH L",
  and: "AE N D",
  hello: "HH AH L OW",
  thanks: "TH AE NG K S",
};
const GRAMMAR = `#JSGF V1.0;\ngrammar word;\npublic <word> = ${Object.keys(PHONES).join(" | ")};\n`;
const PHONE_LOOP = { "-allphone_ci": "yes", "-beam": "1e-20", "-pbeam": "1e-20", "-lw": "2.0" };
/** Seven of eight synthetic voices (all but one of 8 kHz) pass, and nothing that does not end like it. */
const LEAST_CONFIDENCE = -2.7;

/** Tells whether somebody said "stop" and nothing else. Loads in some 50 ms; blocks: for a worker thread. */
export class StopWord implements Disposable {
  readonly #words: Decoder;
  readonly #phones: Decoder;

  constructor() {
    const [sphinx, model] = [loadPocketSphinx(), findModel()];
    this.#words = new Decoder(sphinx, model);
    for (const [word, phones] of Object.entries(PHONES)) this.#words.add(word, phones, word === "thanks");
    this.#words.useGrammar(GRAMMAR);
    this.#phones = new Decoder(sphinx, model, PHONE_LOOP);
    this.#phones.usePhoneLoop(model.phones);
  }

  /** What was said, of the words above, and how sure that is (as `Heard.score`). */
  hear(samples: Int16Array): Readonly<{ word: string | null; score: number }> {
    for (const decoder of [this.#words, this.#phones]) {
      decoder.start();
      decoder.feed(samples);
      decoder.end();
    }
    return { word: this.#words.text(), score: confidence(this.#words.segments(), this.#phones.segments()) };
  }

  isStop(samples: Int16Array): boolean {
    const { word, score } = this.hear(samples);
    return word === "stop" && score >= LEAST_CONFIDENCE;
  }

  [Symbol.dispose](): void {
    this.#words[Symbol.dispose]();
    this.#phones[Symbol.dispose]();
  }
}
