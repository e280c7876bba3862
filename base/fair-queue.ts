export type FairLimits = Readonly<{ entries: number; entriesPerSender: number }>;

/** What waits, bounded in all and for each sender, and taken from the senders in turn, each in order. Pure. */
export class FairQueue<Item extends Readonly<{ sender: string }>> {
  readonly #limits: FairLimits;
  /** The sender who comes first has waited longest. Never holds an empty list. */
  readonly #bySender = new Map<string, Item[]>();
  #size = 0;

  constructor(limits: FairLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns what had to go: the newcomer itself, or the newest of whoever holds most; null when there was room. */
  offer(item: Item): Item | null {
    const own = this.#bySender.get(item.sender)?.length ?? 0;
    if (own >= this.#limits.entriesPerSender) return item;
    let evicted: Item | null = null;
    if (this.#size >= this.#limits.entries) {
      const [greediest, held] = this.#longest();
      if (held <= own + 1) return item;
      evicted = this.#remove(greediest, -1);
    }
    this.#add(item, "last");
    return evicted;
  }

  /** The oldest of the sender whose turn it is; that sender goes to the end. */
  next(): Item | null {
    const first = this.#bySender.keys().next();
    if (first.done) return null;
    const item = this.#remove(first.value, 0);
    const rest = this.#bySender.get(first.value);
    if (rest) {
      this.#bySender.delete(first.value);
      this.#bySender.set(first.value, rest);
    }
    return item;
  }

  /** Puts back what was taken and not used, before all that this sender has waiting. */
  putBack(item: Item): void {
    this.#add(item, "first");
  }

  /** Takes in what had its place before, behind all that this sender has waiting, whatever the bounds. */
  restore(item: Item): void {
    this.#add(item, "last");
  }

  /** Takes out what is not to be kept. */
  removeUnless(keep: (item: Item) => boolean): Item[] {
    const removed: Item[] = [];
    for (const [sender, items] of this.#bySender) {
      const kept = items.filter(keep);
      if (kept.length === items.length) continue;
      removed.push(...items.filter((item) => !keep(item)));
      if (kept.length === 0) this.#bySender.delete(sender);
      else this.#bySender.set(sender, kept);
    }
    this.#size -= removed.length;
    return removed;
  }

  #add(item: Item, where: "first" | "last"): void {
    const items = this.#bySender.get(item.sender);
    if (!items) this.#bySender.set(item.sender, [item]);
    else if (where === "first") items.unshift(item);
    else items.push(item);
    this.#size += 1;
  }

  #remove(sender: string, index: 0 | -1): Item | null {
    const items = this.#bySender.get(sender);
    const item = index === 0 ? items?.shift() : items?.pop();
    if (!items || !item) return null;
    if (items.length === 0) this.#bySender.delete(sender);
    this.#size -= 1;
    return item;
  }

  #longest(): [sender: string, held: number] {
    let longest: [string, number] = ["", 0];
    for (const [sender, items] of this.#bySender) if (items.length > longest[1]) longest = [sender, items.length];
    return longest;
  }
}
