import { NOTHING } from "./confidence.ts";
import { phoneGraph } from "./phone-graph.ts";
import { PhoneModel } from "./phone-model.ts";
import { freely, scoreOf, withoutBias } from "./phone-score.ts";
import { type PhoneOdds, PhoneSearch } from "./phone-search.ts";
import type { Pronunciations } from "./pronunciation.ts";
import type { WordGraph } from "./word-graph.ts";

export type WaysOf = ReadonlyMap<string, Pronunciations>;
/** What a grammar may be searched for. */
export type SearchedGrammar = Readonly<{ search: PhoneSearch; waysOf: WaysOf; names: ReadonlySet<string> }>;
export type Judged = Readonly<{ text: string | null; score: number; nameMargin: number | null }>;

/** So many nats worse may what PocketSphinx heard fit, and is still believed: it knows more voices. */
const BENEFIT_NATS = 8;
/** What both heard counts as so much nearer: of 322 such sentences, a third of them in noise, none was wrong. */
const AGREED = 0.5;

export function searched(graph: WordGraph, waysOf: WaysOf, names: ReadonlySet<string>): SearchedGrammar {
  return { search: new PhoneSearch(phoneGraph(graph, waysOf)), waysOf, names };
}

/** The second recogniser: a network of our own that tells phones, and a search through the grammar. */
export class PhoneEar implements AsyncDisposable {
  readonly #model: PhoneModel;

  private constructor(model: PhoneModel) {
    this.#model = model;
  }

  static async open(): Promise<PhoneEar> {
    return new PhoneEar(await PhoneModel.open());
  }

  /** `heard`: what PocketSphinx heard of the same sound under the same grammar. */
  async judge(sound: Int16Array, { search, waysOf, names }: SearchedGrammar, heard: string | null): Promise<Judged> {
    const odds = withoutBias(await this.#model.listen(sound));
    const found = search.find(odds);
    const own = found === null ? null : { text: found.words.map(({ word }) => word).join(" "), logOdds: found.logOdds };
    const its = heard === null ? null : fitting(heard, waysOf, odds);
    const isBelieved = its !== null && (own === null || its.logOdds >= own.logOdds - BENEFIT_NATS);
    const best = isBelieved ? its : own;
    if (best === null) return { text: null, score: NOTHING, nameMargin: null };
    const agreed = its !== null && own !== null && its.text === own.text;
    const score = scoreOf(best.logOdds, freely(odds)) * (agreed ? AGREED : 1);
    const nameMargin = agreed ? null : marginOf(best, { search, waysOf, names }, odds);
    return { text: best.text, score, nameMargin };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model[Symbol.asyncDispose]();
  }
}

/** How well these words fit, and no others; null where they are longer than the sound. */
function fitting(text: string, waysOf: WaysOf, odds: PhoneOdds): Readonly<{ text: string; logOdds: number }> | null {
  const words = text.split(" ");
  const arcs = words.map((word, at) => ({ from: at, to: at + 1, word }));
  const graph = phoneGraph({ places: words.length + 1, start: 0, end: words.length, arcs }, waysOf);
  const found = new PhoneSearch(graph).find(odds);
  return found === null ? null : { text, logOdds: found.logOdds };
}

/** Of whoever is named: by how much all fits worse that names somebody else; null where nobody is named. */
function marginOf(best: { text: string; logOdds: number }, grammar: SearchedGrammar, odds: PhoneOdds): number | null {
  const named = new Set(best.text.split(" ").filter((word) => grammar.names.has(word)));
  if (named.size === 0) return null;
  const other = grammar.search.find(odds, named);
  return other === null ? null : best.logOdds - other.logOdds;
}
