import { hashOf } from "./packed-map.ts";

/** A shard holds this many keys when it is new, so that a copy of one costs microseconds. */
const NEW_SHARD = 16;
/** Beyond this the layer is spread over more shards. */
const FULL_SHARD = 128;

/** What a layer holds of a key that is no more. */
const GONE = null;
/** A `Map`, or what is read like one. */
type Base<Value> = Readonly<{
  size: number;
  get(key: string): Value | undefined;
  has(key: string): boolean;
  keys(): Iterable<string>;
}>;
type Shard<Value> = ReadonlyMap<string, Value | typeof GONE>;

/**
 * A map that never changes: an edit makes another one. What it was first made with is one map, which all that come
 * of it share; what was changed since lies above that, in shards, of which an edit copies those that it touches. So a
 * change costs the same whatever the size, and the old map still answers.
 */
export class LayeredMap<Value> {
  readonly #base: Base<Value>;
  readonly #shards: readonly Shard<Value>[];
  readonly #changed: number;

  constructor(base: Base<Value> = new Map(), shards: readonly Shard<Value>[] = [], changed = 0) {
    this.#base = base;
    this.#shards = shards;
    this.#changed = changed;
  }

  get(key: string): Value | undefined {
    const found = this.#changed === 0 ? undefined : this.#shards[placeOf(key, this.#shards.length)]?.get(key);
    return found === undefined ? this.#base.get(key) : (found ?? undefined);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  *keys(): Generator<string> {
    for (const key of this.#base.keys()) if (this.has(key)) yield key;
    for (const shard of this.#shards) {
      for (const [key, value] of shard) if (value !== GONE && !this.#base.has(key)) yield key;
    }
  }

  edit(): MapEdit<Value> {
    const isEmpty = this.#base.size === 0 && this.#changed === 0;
    return isEmpty ? new FirstEdit() : new LayerEdit(this.#base, this.#shards, this.#changed);
  }
}

/** A map on its way from one value to the next; not to be used once it is done. */
export interface MapEdit<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  done(): LayeredMap<Value>;
}

class FirstEdit<Value> implements MapEdit<Value> {
  readonly #base = new Map<string, Value>();

  get(key: string): Value | undefined {
    return this.#base.get(key);
  }

  set(key: string, value: Value): void {
    this.#base.set(key, value);
  }

  delete(key: string): void {
    this.#base.delete(key);
  }

  done(): LayeredMap<Value> {
    return new LayeredMap(this.#base);
  }
}

class LayerEdit<Value> implements MapEdit<Value> {
  readonly #base: Base<Value>;
  #shards: Shard<Value>[];
  /** Those of the shards that nobody else has. */
  #own: (Map<string, Value | typeof GONE> | undefined)[] = [];
  #changed: number;

  constructor(base: Base<Value>, shards: readonly Shard<Value>[], changed: number) {
    this.#base = base;
    this.#shards = shards.length === 0 ? [new Map()] : [...shards];
    this.#changed = changed;
  }

  get(key: string): Value | undefined {
    const found = this.#shards[placeOf(key, this.#shards.length)]?.get(key);
    return found === undefined ? this.#base.get(key) : (found ?? undefined);
  }

  set(key: string, value: Value): void {
    this.#put(key, value);
  }

  delete(key: string): void {
    this.#put(key, GONE);
  }

  done(): LayeredMap<Value> {
    return new LayeredMap(this.#base, this.#shards, this.#changed);
  }

  #put(key: string, value: Value | typeof GONE): void {
    const shard = this.#shardFor(key);
    const before = shard.size;
    shard.set(key, value);
    this.#changed += shard.size - before;
    if (this.#changed > this.#shards.length * FULL_SHARD) this.#spread();
  }

  #shardFor(key: string): Map<string, Value | typeof GONE> {
    const place = placeOf(key, this.#shards.length);
    const own = this.#own[place];
    if (own) return own;
    const copy = new Map(this.#shards[place]);
    this.#own[place] = copy;
    this.#shards[place] = copy;
    return copy;
  }

  #spread(): void {
    const count = 2 ** Math.ceil(Math.log2(this.#changed / NEW_SHARD));
    const fresh = Array.from({ length: count }, () => new Map<string, Value | typeof GONE>());
    for (const shard of this.#shards) {
      for (const [key, value] of shard) fresh[placeOf(key, count)]?.set(key, value);
    }
    this.#shards = fresh;
    this.#own = [...fresh];
  }
}

/** Which shard a key belongs to; `count` is a power of two. */
function placeOf(key: string, count: number): number {
  return count < 2 ? 0 : hashOf(key) & (count - 1);
}
