import type { PhoneGraph } from "./phone-graph.ts";

/** Logarithms of what the phone model gives each phone in each frame: `count` frames of `width` numbers, in nats. */
export type PhoneOdds = Readonly<{ logOdds: Float32Array; frames: number; width: number }>;
/** The way through a grammar that fits best; words with their first and last frame, both inside. */
export type Found = Readonly<{ words: readonly FoundWord[]; logOdds: number }>;
export type FoundWord = Readonly<{ word: string; firstFrame: number; lastFrame: number; logOdds: number }>;

const NEVER = Number.NEGATIVE_INFINITY;
const NO_WORDS: ReadonlySet<string> = new Set();
/** What lies so many nats behind the best is not followed. */
const BEAM = 14;

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
  find({ logOdds, frames, width }: PhoneOdds, without: ReadonlySet<string> = NO_WORDS): Found | null {
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
    return this.#result(frames);
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
      const past = arc < 0 ? -1 : this.#past.add(arc, places.past[place] ?? -1, frame - 1, either);
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

  #result(frames: number): Found | null {
    const places = this.#places;
    let [best, end] = [NEVER, -1];
    for (let i = 0; i < places.count; i++) {
      const place = places.reached[i] ?? 0;
      const either = Math.max(places.gone[place] ?? NEVER, places.said[place] ?? NEVER);
      if (this.#graph.isEnd[place] === 1 && either > best) [best, end] = [either, place];
    }
    if (end < 0) return null;
    const words: FoundWord[] = [];
    let at = this.#past.add(places.arc[end] ?? -1, places.past[end] ?? -1, frames - 1, best);
    while (at >= 0) {
      const { arc, past, frame, odds } = this.#past.get(at);
      const before = past < 0 ? { frame: -1, odds: 0 } : this.#past.get(past);
      const word = this.#graph.arcs[arc]?.word ?? "";
      words.unshift({ word, firstFrame: before.frame + 1, lastFrame: frame, logOdds: odds - before.odds });
      at = past;
    }
    return { words, logOdds: best };
  }
}

/** Where the ways are in one frame: on a node's phone (`said`), or behind it in silence (`gone`). */
class Tokens {
  readonly said: Float64Array;
  readonly gone: Float64Array;
  readonly saidPast: Int32Array;
  readonly gonePast: Int32Array;
  readonly nodes: Int32Array;
  readonly #isHere: Uint8Array;
  count = 0;
  best = NEVER;

  constructor(size: number) {
    this.said = new Float64Array(size).fill(NEVER);
    this.gone = new Float64Array(size).fill(NEVER);
    this.saidPast = new Int32Array(size);
    this.gonePast = new Int32Array(size);
    this.nodes = new Int32Array(size);
    this.#isHere = new Uint8Array(size);
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) {
      const node = this.nodes[i] ?? 0;
      this.said[node] = NEVER;
      this.gone[node] = NEVER;
      this.#isHere[node] = 0;
    }
    this.count = 0;
    this.best = NEVER;
  }

  say(node: number, odds: number, past: number): void {
    if (odds <= (this.said[node] ?? NEVER)) return;
    this.#come(node, odds);
    this.said[node] = odds;
    this.saidPast[node] = past;
  }

  go(node: number, odds: number, past: number): void {
    if (odds <= (this.gone[node] ?? NEVER)) return;
    this.#come(node, odds);
    this.gone[node] = odds;
    this.gonePast[node] = past;
  }

  #come(node: number, odds: number): void {
    if (odds > this.best) this.best = odds;
    if (this.#isHere[node] === 1) return;
    this.#isHere[node] = 1;
    this.nodes[this.count] = node;
    this.count += 1;
  }
}

/** The best word that ends at each place in one frame. */
class PlaceTokens {
  readonly gone: Float64Array;
  readonly said: Float64Array;
  readonly phone: Uint8Array;
  readonly past: Int32Array;
  readonly arc: Int32Array;
  readonly reached: Int32Array;
  count = 0;

  constructor(size: number) {
    this.gone = new Float64Array(size).fill(NEVER);
    this.said = new Float64Array(size).fill(NEVER);
    this.phone = new Uint8Array(size);
    this.past = new Int32Array(size);
    this.arc = new Int32Array(size);
    this.reached = new Int32Array(size);
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) {
      const place = this.reached[i] ?? 0;
      this.gone[place] = NEVER;
      this.said[place] = NEVER;
    }
    this.count = 0;
  }

  offer(place: number, gone: number, said: number, phone: number, past: number, arc: number): void {
    const either = Math.max(this.gone[place] ?? NEVER, this.said[place] ?? NEVER);
    if (Math.max(gone, said) <= either) return;
    if (either === NEVER) {
      this.reached[this.count] = place;
      this.count += 1;
    }
    this.gone[place] = gone;
    this.said[place] = said;
    this.phone[place] = phone;
    this.past[place] = past;
    this.arc[place] = arc;
  }
}

/** Which words each way has behind it: as many entries as places were reached. */
class Past {
  readonly #entries: number[] = [];

  add(arc: number, past: number, frame: number, odds: number): number {
    this.#entries.push(arc, past, frame, odds);
    return this.#entries.length / 4 - 1;
  }

  get(at: number): Readonly<{ arc: number; past: number; frame: number; odds: number }> {
    const [arc = -1, past = -1, frame = -1, odds = NEVER] = this.#entries.slice(4 * at, 4 * at + 4);
    return { arc, past, frame, odds };
  }
}
