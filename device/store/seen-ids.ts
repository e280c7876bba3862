/** One id that a sender used, and until when it must be known. `id` "" stands for all of the sender's. */
export type SeenId = Readonly<{ sender: string; id: string; keepUntilMs: number }>;

export type SeenLimits = Readonly<{ eachSender: number; all: number }>;

/** A sender with less than this part of their share is not the one who filled the memory. */
const FILLS_FROM = 1 / 4;

/** All senders are gone through at most so often: it takes milliseconds, and a full memory would ask for it each time. */
const PRUNE_EVERY_MS = 1_000;

const ALL_IDS = "";

/**
 * The ids in memory, bounded and fair. What cannot be told from a replay counts as one: a sender whose share is full
 * is not heard until some of it runs out; when all is full, the sender with the most is not heard until all of theirs
 * has run out. Nothing is ever forgotten in a way that lets it in a second time.
 */
export class SeenIds {
  readonly #senders = new Map<string, Map<string, number>>();
  readonly #closed: SeenId[] = [];
  readonly #limits: SeenLimits;
  #size = 0;
  #nextPruneMs = 0;
  #forgottenMs = 0;

  constructor(limits: SeenLimits) {
    this.#limits = limits;
  }

  /** The latest time until which an id had to be kept that is forgotten now; 0 where none is. */
  get forgottenMs(): number {
    return this.#forgottenMs;
  }

  has(sender: string, id: string, nowMs: number): boolean {
    return this.knows(sender, id, nowMs) || !this.#makeRoom(sender, nowMs);
  }

  /** Whether it was added, whatever room is left for more. */
  knows(sender: string, id: string, nowMs: number): boolean {
    const own = this.#senders.get(sender);
    const keepUntilMs = own?.get(id) ?? own?.get(ALL_IDS);
    return keepUntilMs !== undefined && keepUntilMs > nowMs;
  }

  /** False where it was there already, or no room is left. */
  add({ sender, id, keepUntilMs }: SeenId, nowMs: number): boolean {
    if (this.#senders.get(sender)?.has(id) || !this.#makeRoom(sender, nowMs)) return false;
    this.#put({ sender, id, keepUntilMs });
    return true;
  }

  /** Takes back what was stored before. */
  restore(entry: SeenId): void {
    this.#put(entry);
  }

  /** Takes back until when that was to be kept which was forgotten before. */
  restoreForgotten(keepUntilMs: number): void {
    this.#forgottenMs = Math.max(this.#forgottenMs, keepUntilMs);
  }

  /** The senders closed since this was last asked: to be stored in place of their ids. */
  takeClosed(): SeenId[] {
    return this.#closed.splice(0);
  }

  /** Forgets what has run out, only where there is no room: so that a flood pays for its own cleaning. */
  #makeRoom(sender: string, nowMs: number): boolean {
    if (this.#hasRoom(sender)) return true;
    this.#prune(sender, nowMs);
    if (this.#size >= this.#limits.all && nowMs >= this.#nextPruneMs) {
      this.#nextPruneMs = nowMs + PRUNE_EVERY_MS;
      for (const each of this.#senders.keys()) this.#prune(each, nowMs);
    }
    if (this.#size >= this.#limits.all) this.#closeLargest();
    return this.#hasRoom(sender);
  }

  #prune(sender: string, nowMs: number): void {
    const own = this.#senders.get(sender);
    if (!own) return;
    for (const [id, keepUntilMs] of own) {
      if (keepUntilMs > nowMs) continue;
      own.delete(id);
      this.#size -= 1;
      this.restoreForgotten(keepUntilMs);
    }
    if (own.size === 0) this.#senders.delete(sender);
  }

  #hasRoom(sender: string): boolean {
    const own = this.#senders.get(sender);
    return this.#size < this.#limits.all && (own?.size ?? 0) < this.#limits.eachSender && !own?.has(ALL_IDS);
  }

  #closeLargest(): void {
    let largest: [sender: string, own: ReadonlyMap<string, number>] | null = null;
    for (const entry of this.#senders) {
      if (entry[1].size > (largest?.[1].size ?? 0)) largest = entry;
    }
    if (!largest || largest[1].size < this.#limits.eachSender * FILLS_FROM) return;
    const [sender, own] = largest;
    let keepUntilMs = 0;
    for (const each of own.values()) keepUntilMs = Math.max(keepUntilMs, each);
    this.#size -= own.size;
    this.#senders.delete(sender);
    const closed = { sender, id: ALL_IDS, keepUntilMs };
    this.#put(closed);
    this.#closed.push(closed);
  }

  #put({ sender, id, keepUntilMs }: SeenId): void {
    const own = this.#senders.get(sender) ?? new Map<string, number>();
    if (!own.has(id)) this.#size += 1;
    own.set(id, keepUntilMs);
    this.#senders.set(sender, own);
  }
}
