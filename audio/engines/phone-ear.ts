import { NOTHING } from "./confidence.ts";
import { MoonshineAtHand } from "./moonshine-at-hand.ts";
import { phoneGraph } from "./phone-graph.ts";
import { FRAME_SAMPLES as PHONE_SAMPLES, PhoneModel } from "./phone-model.ts";
import { freely, scoreOf, withoutBias } from "./phone-score.ts";
import { type Found, type FoundWord, type PhoneOdds, PhoneSearch } from "./phone-search.ts";
import { type Spot, spot } from "./phone-spot.ts";
import type { Pronunciations } from "./pronunciation.ts";
import { written } from "./sentence-tokens.ts";
import { WAKE_TAIL } from "./spoken-grammar.ts";
import type { WordGraph } from "./word-graph.ts";

export type WaysOf = ReadonlyMap<string, Pronunciations>;
/** What a grammar may be searched for. */
export type SearchedGrammar = Readonly<{ search: PhoneSearch; waysOf: WaysOf; names: ReadonlySet<string> }>;
export type Judged = Readonly<{ text: string | null; score: number; nameMargin: number | null }>;

/** Sentences that are looked at closely. */
const MOST_SENTENCES = 6;
/** What a nat of Moonshine's evidence counts, in nats of the phones'. */
const EVIDENCE_SHARE = 1.25;
/** Words in doubt: how well their phones must fit where they fit best, in nats each, before Moonshine is asked, and its evidence. */
const LEAST_FIT = -4.5;
const LEAST_EVIDENCE = 5;
const NO_NAMES: ReadonlySet<string> = new Set();
/** Sound before the words that is listened to, too: no more, as the wake word may end there. */
const BEFORE_SAMPLES = 1_600;
/** … and behind a sentence; less behind words in doubt, where a sentence may go on. */
const BEHIND_SAMPLES = { sentence: 6_400, doubt: 4_000 } as const;

export function searched(graph: WordGraph, waysOf: WaysOf, names: ReadonlySet<string>): SearchedGrammar {
  return { search: new PhoneSearch(phoneGraph(graph, waysOf)), waysOf, names };
}

/**
 * Judges which sentence of a grammar was said. A network of our own tells phones, a search finds the sentences that fit
 * them, and Moonshine, which knows real people and noise but few names, has its say about each.
 */
export class PhoneEar implements AsyncDisposable {
  readonly #model: PhoneModel;
  readonly #moonshine = new MoonshineAtHand();

  private constructor(model: PhoneModel) {
    this.#model = model;
  }

  static async open(): Promise<PhoneEar> {
    return new PhoneEar(await PhoneModel.open());
  }

  /** Somebody begins to speak. */
  prepare(): void {
    this.#moonshine.prepare();
  }

  /** Mono, 16 kHz, all of an utterance. */
  async judge(sound: Int16Array, grammar: SearchedGrammar): Promise<Judged> {
    const odds = withoutBias(await this.#model.listen(sound));
    const free = freely(odds);
    // Where not a phone is heard nothing was said, whatever would fit silence least badly.
    const ways = free.phones === 0 ? [] : candidates(odds, grammar);
    const texts = ways.map(({ words }) => written(wordsOf(words), grammar.names));
    const evidence = ways[0] === undefined ? null : await this.#moonshine.evidence(spoken(sound, ways[0]), texts);
    const fits = ways.map((way, at) => ({
      ...way,
      evidence: evidence?.[at] ?? 0,
      fit: way.logOdds + EVIDENCE_SHARE * (evidence?.[at] ?? 0),
    }));
    fits.sort((one, other) => other.fit - one.fit);
    const [best] = fits;
    if (best === undefined || evidence === null) return { text: null, score: NOTHING, nameMargin: null };
    const named = namesIn(best, grammar);
    const other = named.length === 0 ? undefined : fits.find((each) => isOfOthers(namesIn(each, grammar), named));
    return {
      text: textOf(best.words),
      score: scoreOf(best.logOdds, { nats: best.evidence, phones: freely(odds, firstFrame(best)).phones }, free),
      nameMargin: other === undefined ? null : best.fit - other.fit,
    };
  }

  /** Whether these words were said somewhere in a sound, of which `ways` are ways to say all of them. Mono, 16 kHz. */
  async isSaid(sound: Int16Array, words: readonly string[], ways: Pronunciations): Promise<boolean> {
    const found = spot(withoutBias(await this.#model.listen(sound)), ways);
    if (found === null || found.fit < LEAST_FIT) return false;
    const [evidence = 0] =
      (await this.#moonshine.evidence(around(sound, found, BEHIND_SAMPLES.doubt), [written(words, NO_NAMES)])) ?? [];
    return evidence > LEAST_EVIDENCE;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model[Symbol.asyncDispose]();
    await this.#moonshine[Symbol.asyncDispose]();
  }
}

/** The sentences that fit best, and the best that names somebody else. */
function candidates(odds: PhoneOdds, { search, waysOf, names }: SearchedGrammar): readonly Found[] {
  const found = search.findSeveral(odds, MOST_SENTENCES);
  const named = new Set(found[0]?.words.flatMap(({ word }) => (names.has(word) ? [word] : [])));
  const others = named.size === 0 ? [] : search.findSeveral(odds, 1, named);
  const texts = new Set([...found, ...others].map(({ words }) => textOf(words)));
  return [...texts].flatMap((text) => fitting(text, waysOf, odds) ?? []);
}

/** Somebody else, or nobody: "Sam" may well be "Sam Lee", but "Sam Cook" is not. */
function isOfOthers(names: readonly string[], named: readonly string[]): boolean {
  const lacks = (some: readonly string[], others: readonly string[]) => some.some((name) => !others.includes(name));
  return names.length === 0 || (lacks(names, named) && lacks(named, names));
}

/** How well these words fit, and no others; null where they are longer than the sound. */
function fitting(text: string, waysOf: WaysOf, odds: PhoneOdds): Found | null {
  const words = text.split(" ");
  const arcs = words.map((word, at) => ({ from: at, to: at + 1, word }));
  const graph = phoneGraph({ places: words.length + 1, start: 0, end: words.length, arcs }, waysOf);
  return new PhoneSearch(graph).find(odds);
}

/** The part of the sound in which these words were said. */
function spoken(sound: Int16Array, { words }: Pick<Found, "words">): Int16Array {
  const where = { firstFrame: firstFrame({ words }), lastFrame: words.at(-1)?.lastFrame ?? 0 };
  return around(sound, where, BEHIND_SAMPLES.sentence);
}

function around(
  sound: Int16Array,
  { firstFrame: first, lastFrame: last }: Omit<Spot, "fit">,
  behind: number,
): Int16Array {
  const from = Math.max(0, first * PHONE_SAMPLES - BEFORE_SAMPLES);
  return sound.subarray(from, (last + 1) * PHONE_SAMPLES + behind);
}

/** Of what was said behind the wake word. */
function firstFrame({ words }: Pick<Found, "words">): number {
  return words.find(({ word }) => word !== WAKE_TAIL)?.firstFrame ?? 0;
}

function textOf(words: readonly FoundWord[]): string {
  return words.map(({ word }) => word).join(" ");
}

function wordsOf(words: readonly FoundWord[]): string[] {
  return words.map(({ word }) => word).filter((word) => word !== WAKE_TAIL);
}

function namesIn({ words }: Found, { names }: SearchedGrammar): string[] {
  return words.map(({ word }) => word).filter((word) => names.has(word));
}
