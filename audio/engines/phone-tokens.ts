/** Log odds of what cannot be. */
export const NEVER = Number.NEGATIVE_INFINITY;

/** Where the ways are in one frame: on a node's phone (`said`), or behind it in silence (`gone`). */
export class Tokens {
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

/** A word that ended at a place: on which arc, what lies behind it, and the odds of all. */
export type Arrival = Readonly<{ arc: number; past: number; odds: number }>;

/** The words that end at each place in one frame: the best, and those not far behind it. */
export class PlaceTokens {
  readonly gone: Float64Array;
  readonly said: Float64Array;
  readonly phone: Uint8Array;
  readonly past: Int32Array;
  readonly arc: Int32Array;
  readonly reached: Int32Array;
  readonly #arrivals: Arrival[][];
  count = 0;

  constructor(size: number) {
    this.gone = new Float64Array(size).fill(NEVER);
    this.said = new Float64Array(size).fill(NEVER);
    this.phone = new Uint8Array(size);
    this.past = new Int32Array(size);
    this.arc = new Int32Array(size);
    this.reached = new Int32Array(size);
    this.#arrivals = Array.from({ length: size }, () => []);
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) {
      const place = this.reached[i] ?? 0;
      this.gone[place] = NEVER;
      this.said[place] = NEVER;
      const arrivals = this.#arrivals[place];
      if (arrivals !== undefined && arrivals.length > 0) this.#arrivals[place] = [];
    }
    this.count = 0;
  }

  offer(place: number, gone: number, said: number, phone: number, past: number, arc: number): void {
    const either = Math.max(this.gone[place] ?? NEVER, this.said[place] ?? NEVER);
    const odds = Math.max(gone, said);
    if (odds === NEVER) return;
    if (arc >= 0) this.#arrivals[place]?.push({ arc, past, odds });
    if (odds <= either) return;
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

  /** All words that ended there, the best among them, in no order; kept by whoever asks. */
  arrivals(place: number): readonly Arrival[] {
    return this.#arrivals[place] ?? [];
  }
}

type Step = Readonly<{ frame: number; odds: number; arrivals: readonly Arrival[] }>;

/** Which words each way has behind it: as many steps as places were reached. */
export class Past {
  readonly #steps: Step[] = [];

  add(step: Step): number {
    this.#steps.push(step);
    return this.#steps.length - 1;
  }

  get(at: number): Step {
    return this.#steps[at] ?? { frame: -1, odds: 0, arrivals: [] };
  }
}
