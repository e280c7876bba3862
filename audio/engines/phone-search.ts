import type { PhoneGraph } from "./phone-graph.ts";
import { type Arrival, NEVER, Past, PlaceTokens, Tokens } from "./phone-tokens.ts";

/** Logarithms of what the phone model gives each phone in each frame: `count` frames of `width` numbers, in nats. */
export type PhoneOdds = Readonly<{ logOdds: Float32Array; frames: number; width: number }>;
/** The way through a grammar that fits best; words with their first and last frame, both inside. */
export type Found = Readonly<{ words: readonly FoundWord[]; logOdds: number }>;
export type FoundWord = Readonly<{ word: string; firstFrame: number; lastFrame: number; logOdds: number }>;

const NO_WORDS: ReadonlySet<string> = new Set();
/** What lies so many nats behind the best is not followed: with 14, "who called" gave way to others before it was heard whole. */
const BEAM = 26;
/** What lies so many nats behind the best way is not among several. */
const SEVERAL_NATS = 30;
/** Steps that are looked at for several. */
const MOST_TRIED = 4_000;

/**
 * Viterbi's way through a grammar under connectionist temporal classification (Graves et al. 2006): each phone once or
 * for some frames, none between phones where the model hears none, and surely between two of a kind.
 */
export class PhoneSearch {
  readonly #graph: PhoneGraph;
  readonly #here: Tokens;
  readonly #there: Tokens;
  readonly #places: PlaceTokens;
  readonly #isBarred: Uint8Array;
  #past = new Past();

  constructor(graph: PhoneGraph) {
    this.#graph = graph;
    this.#here = new Tokens(graph.phone.length);
    this.#there = new Tokens(graph.phone.length);
    this.#places = new PlaceTokens(graph.isEnd.length);
    this.#isBarred = new Uint8Array(graph.arcs.length);
  }

  /** `without`: words that nobody said. null: nothing in the grammar fits. */
  find(odds: PhoneOdds, without: ReadonlySet<string> = NO_WORDS): Found | null {
    return this.findSeveral(odds, 1, without)[0] ?? null;
  }

  /**
   * The ways that fit best, each of other words, the best first. All but the best may fit a little better than is told: where
   * their words meet is the best way's choice.
   */
  findSeveral({ logOdds, frames, width }: PhoneOdds, most: number, without: ReadonlySet<string> = NO_WORDS): Found[] {
    for (const [at, { word }] of this.#graph.arcs.entries()) {
      this.#isBarred[at] = without.size > 0 && word !== null && without.has(word) ? 1 : 0;
    }
    let [from, to] = [this.#here, this.#there];
    from.clear();
    this.#past = new Past();
    let silence = 0;
    let best = 0;
    for (let frame = 0; frame < frames; frame++) {
      const odds = logOdds.subarray(frame * width, (frame + 1) * width);
      to.clear();
      this.#places.clear();
      this.#places.offer(this.#graph.start, silence, NEVER, 0, -1, -1);
      this.#walk(from, to, odds, best - BEAM);
      best = Math.max(this.#enter(to, odds, frame), silence + (odds[0] ?? NEVER));
      silence += odds[0] ?? NEVER;
      [from, to] = [to, from];
    }
    this.#places.clear();
    this.#leave(from, NEVER);
    return this.#results(frames, most);
  }

  /** On in the words that are being said; whatever ends one arrives at a place. */
  #walk(from: Tokens, to: Tokens, odds: Float32Array, least: number): void {
    const { phone, next } = this.#graph;
    const none = odds[0] ?? NEVER;
    for (let i = 0; i < from.count; i++) {
      const node = from.nodes[i] ?? 0;
      const said = from.said[node] ?? NEVER;
      const gone = from.gone[node] ?? NEVER;
      const either = Math.max(said, gone);
      if (either < least) continue;
      const mine = phone[node] ?? 0;
      const saidPast = from.saidPast[node] ?? -1;
      const gonePast = from.gonePast[node] ?? -1;
      to.say(node, said + (odds[mine] ?? NEVER), saidPast);
      to.go(node, either + none, said >= gone ? saidPast : gonePast);
      const behind = next[node] ?? -1;
      if (behind >= 0) {
        const its = phone[behind] ?? 0;
        if (its !== mine && said > gone) to.say(behind, said + (odds[its] ?? NEVER), saidPast);
        else to.say(behind, gone + (odds[its] ?? NEVER), gonePast);
      }
    }
    this.#leave(from, least);
  }

  #leave(from: Tokens, least: number): void {
    const { phone, next, arc, arcs } = this.#graph;
    for (let i = 0; i < from.count; i++) {
      const node = from.nodes[i] ?? 0;
      if ((next[node] ?? -1) >= 0) continue;
      const said = from.said[node] ?? NEVER;
      const gone = from.gone[node] ?? NEVER;
      if (Math.max(said, gone) < least) continue;
      const its = arc[node] ?? 0;
      const past = (said >= gone ? from.saidPast[node] : from.gonePast[node]) ?? -1;
      this.#places.offer(arcs[its]?.to ?? 0, gone, said, phone[node] ?? 0, past, its);
    }
  }

  /** Into the words that may begin at the places that were reached; gives the best token's odds. */
  #enter(to: Tokens, odds: Float32Array, frame: number): number {
    const { entries, entryStart, phone, arc: arcOf } = this.#graph;
    const places = this.#places;
    for (let i = 0; i < places.count; i++) {
      const place = places.reached[i] ?? 0;
      const gone = places.gone[place] ?? NEVER;
      const said = places.said[place] ?? NEVER;
      const either = Math.max(gone, said);
      const arc = places.arc[place] ?? -1;
      const arrivals = places.arrivals(place);
      const past = arc < 0 ? -1 : this.#past.add({ frame: frame - 1, odds: either, arrivals });
      const last = places.phone[place] ?? 0;
      for (let at = entryStart[place] ?? 0; at < (entryStart[place + 1] ?? 0); at++) {
        const node = entries[at] ?? 0;
        if (this.#isBarred[arcOf[node] ?? 0] === 1) continue;
        const its = phone[node] ?? 0;
        to.say(node, (its === last ? gone : either) + (odds[its] ?? NEVER), past);
      }
    }
    return to.best;
  }

  #results(frames: number, most: number): Found[] {
    const places = this.#places;
    const ends: Arrival[] = [];
    for (let i = 0; i < places.count; i++) {
      const place = places.reached[i] ?? 0;
      // One by one: a book of many thousands has more of them than a call takes arguments.
      if (this.#graph.isEnd[place] === 1) for (const arrival of places.arrivals(place)) ends.push(arrival);
    }
    const best = ends.reduce((sofar, { odds }) => Math.max(sofar, odds), NEVER);
    const all = this.#past.add({ frame: frames - 1, odds: best, arrivals: ends });
    const open: Way[] = [{ at: all, odds: best, word: null, behind: null }];
    const found = new Map<string, Found>();
    for (let tried = 0; tried < MOST_TRIED && found.size < most; tried++) {
      const way = open.pop();
      if (way === undefined) break;
      if (way.at < 0) {
        const words = wordsOf(way);
        const text = words.map(({ word }) => word).join(" ");
        if (!found.has(text)) found.set(text, { words, logOdds: way.odds });
        continue;
      }
      const step = this.#past.get(way.at);
      for (const { arc, past, odds } of step.arrivals) {
        const its = way.odds + odds - step.odds;
        if (its < best - SEVERAL_NATS) continue;
        const before = this.#past.get(past);
        const word = this.#graph.arcs[arc]?.word ?? "";
        const itself = { word, firstFrame: before.frame + 1, lastFrame: step.frame, logOdds: odds - before.odds };
        insert(open, { at: past, odds: its, word: itself, behind: way });
      }
    }
    return [...found.values()];
  }
}

/** A way that is known from `word` to its end (`behind`, one after the other), and the best that leads there. */
type Way = Readonly<{ at: number; odds: number; word: FoundWord | null; behind: Way | null }>;

function wordsOf(first: Way): FoundWord[] {
  const words: FoundWord[] = [];
  for (let way: Way | null = first; way !== null; way = way.behind) if (way.word !== null) words.push(way.word);
  return words;
}

/** The best last. */
function insert(ways: Way[], way: Way): void {
  let at = ways.length;
  while (at > 0 && (ways[at - 1]?.odds ?? NEVER) > way.odds) at--;
  ways.splice(at, 0, way);
}
