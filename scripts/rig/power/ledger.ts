import { type Book, emptyBook } from "#device/gate/book.ts";
import { lookup } from "#device/gate/lookup.ts";
import { applyChange } from "#device/store/change.ts";
import { contentOf, viewOf } from "./deeds.ts";
import { FirmwareLedger } from "./firmware-ledger.ts";
import { type Deed, type Found, type FoundFirmware, type Left, nameOf, type Plan, type Said } from "./messages.ts";

/** Something promised that is not there, or there against a promise. */
export type Loss = Readonly<{
  what: "book" | "message" | "part" | "replay" | "key" | "outbox" | "gate" | "firmware" | "start";
  detail: string;
}>;

type Kept = { message: Left; parts: Set<number>; wanted: boolean };

/** What one unit has promised over all its lives, kept on the host; and what it began and did not finish. */
export class Ledger {
  readonly #underWay = new Map<number, Deed>();
  readonly #messages = new Map<string, Kept>();
  readonly #removed = new Set<string>();
  readonly #outbox = new Set<string>();
  readonly firmware = new FirmwareLedger();
  #account: string | null = null;
  #book: Book | null = null;
  #hasKeys = false;
  /** Promises kept, by what they were about. */
  readonly counts: Record<Deed["do"], number> = {
    keys: 0,
    change: 0,
    arrive: 0,
    remove: 0,
    leave: 0,
    withdraw: 0,
    receive: 0,
    install: 0,
    activate: 0,
    confirm: 0,
  };

  begin(n: number, deed: Deed): void {
    this.#underWay.set(n, deed);
  }

  done(n: number): void {
    const deed = this.#underWay.get(n);
    if (!deed) throw new Error(`promise ${n} was never begun`);
    this.#underWay.delete(n);
    this.counts[deed.do] += 1;
    this.#take(deed);
  }

  /** What was under way when the power was cut, or the unit ended. */
  get underWay(): readonly Deed["do"][] {
    return [...this.#underWay.values()].map((deed) => deed.do);
  }

  /** Holds what was found after a start against every promise. From here on what was found is what is promised. */
  judge(found: Found, firmware: FoundFirmware): readonly Loss[] {
    const underWay = [...this.#underWay.values()];
    this.#underWay.clear();
    const losses = this.firmware.judge(firmware, underWay);
    if (found.fault !== null) {
      const fault: Loss = { what: "start", detail: `the unit lets nobody in: ${found.fault}` };
      return [...losses, fault, ...this.#judgeInbox(found, underWay), ...this.#judgeOutbox(found, underWay)];
    }
    if (this.#account !== null && this.#account !== found.account) {
      return [...losses, { what: "start", detail: "the unit has another account" }];
    }
    this.#account = found.account;
    losses.push(...found.warnings.map((detail): Loss => ({ what: "start", detail })));
    if (!found.journalHolds) losses.push({ what: "start", detail: "the journal does not hold" });
    if (this.#hasKeys && !found.keys) losses.push({ what: "key", detail: "the day's keys" });
    this.#hasKeys = found.keys;
    losses.push(...this.#judgeBook(found, underWay), ...this.#judgeInbox(found, underWay));
    losses.push(...this.#judgeOutbox(found, underWay), ...this.#judgeVerdicts(found));
    return losses;
  }

  /** The whole unit says less of itself; nothing of what was promised is under way afterwards. */
  judgeWhole({ people, blocks, fault, firmware }: Extract<Said, { say: "unit" }>): readonly Loss[] {
    const underWay = [...this.#underWay.values()];
    // What was on trial confirms itself, and does not say so.
    const losses = this.firmware.judge(firmware, [...underWay, { do: "confirm", slot: firmware.slot }]);
    if (fault !== null) losses.push({ what: "start", detail: `the whole unit lets nobody in: ${fault}` });
    const books = this.#possibleBooks(underWay);
    // Empty where it was never up before: then it has promised nothing.
    if (books.length > 0 && !books.some((book) => book.people.length === people && book.blocks.length === blocks)) {
      losses.push({ what: "book", detail: `the whole unit has ${people} people and ${blocks} blocks` });
    }
    return losses;
  }

  /** What the next life is to look for. */
  plan(): Pick<Plan, "seen" | "spent" | "unfinished"> {
    const all = [...this.#messages.values()];
    const complete = all.filter(({ message, parts }) => parts.size === message.parts);
    const begun = all.filter(({ message, parts, wanted }) => wanted && parts.size > 0 && parts.size < message.parts);
    const wanted = complete.filter((each) => each.wanted).map(({ message }) => message);
    return {
      seen: wanted.map(({ from, id }) => ({ from, id })),
      spent: wanted.filter(({ oneTime }) => oneTime).map(({ key }) => key),
      unfinished: begun.map(({ message, parts }) => ({ message, have: [...parts] })),
    };
  }

  /** Whom the gate is asked about: everybody whom the book names. */
  callers(): readonly string[] {
    if (!this.#book) return [];
    const blocked = this.#book.blocks.flatMap((block) => ("account" in block ? [block.account] : []));
    return [...new Set([...this.#book.people.flatMap(({ accounts }) => accounts), ...blocked])];
  }

  #take(deed: Deed): void {
    switch (deed.do) {
      case "keys":
        this.#hasKeys = true;
        return;
      case "change":
        this.#book = this.#bookAfter(deed.change);
        return;
      case "arrive":
        this.#arrive(deed.message, deed.part);
        return;
      case "remove":
        this.#removed.add(nameOf(deed.from, deed.id));
        return;
      case "leave":
        this.#outbox.add(deed.text);
        return;
      case "withdraw":
        this.#outbox.delete(deed.text);
        return;
      case "receive":
      case "install":
      case "activate":
      case "confirm":
        this.firmware.done(deed);
    }
  }

  #bookAfter(change: Extract<Deed, { do: "change" }>["change"]): Book | null {
    if (!this.#book) return null;
    const applied = applyChange(this.#book, change);
    return applied.ok ? applied.book : this.#book;
  }

  /**
   * What a blocked account leaves is turned away unopened, and its sender's hub is told the same. What came whole before
   * the block stays, also where the hub delivers a part of it once more.
   */
  #arrive(message: Left, part: number): void {
    const name = nameOf(message.from, message.id);
    const isBlocked = this.#book !== null && lookup(this.#book).blocked(message.from);
    const kept = this.#messages.get(name) ?? { message, parts: new Set<number>(), wanted: true };
    this.#messages.set(name, kept);
    if (isBlocked && kept.parts.size < message.parts) kept.wanted = false;
    kept.parts.add(part);
  }

  #judgeBook(found: Found, underWay: readonly Deed[]): Loss[] {
    this.#book ??= emptyBook(found.account, "GB", "Europe/London", (what, key) => `${what} ${key}`);
    const book = this.#possibleBooks(underWay).find((each) => viewOf(each) === found.book);
    if (book) {
      this.#book = book;
      return [];
    }
    return [{ what: "book", detail: `found ${found.book}, promised ${viewOf(this.#book)}` }];
  }

  /** The one that is promised, and with what was under way. */
  #possibleBooks(underWay: readonly Deed[]): Book[] {
    const after = underWay.flatMap((deed) => (deed.do === "change" ? [this.#bookAfter(deed.change)] : []));
    return [this.#book, ...after].filter((book) => book !== null);
  }

  #judgeInbox(found: Found, underWay: readonly Deed[]): Loss[] {
    const losses: Loss[] = [];
    const there = new Map(found.inbox.map((each) => [nameOf(each.from, each.id), each.content]));
    const removing = new Set(underWay.flatMap((deed) => (deed.do === "remove" ? [nameOf(deed.from, deed.id)] : [])));
    for (const deed of underWay) {
      // The unit had it, and the hub was not told: it delivers it again, and is told so.
      if (deed.do === "arrive" && there.has(nameOf(deed.message.from, deed.message.id)))
        this.#arrive(deed.message, deed.part);
    }
    for (const [name, { message, parts, wanted }] of this.#messages) {
      const content = there.get(name);
      const isComplete = parts.size === message.parts;
      if (this.#removed.has(name)) {
        if (content !== undefined) losses.push({ what: "message", detail: `${name} is back after it was deleted` });
      } else if (content === undefined) {
        if (isComplete && wanted && !removing.has(name)) losses.push({ what: "message", detail: `${name} is gone` });
        if (isComplete && removing.has(name)) this.#removed.add(name);
      } else if (!wanted) losses.push({ what: "gate", detail: `${name} is there, and its sender is blocked` });
      else if (content !== contentOf(message)) losses.push({ what: "message", detail: `${name} has another content` });
      // It is whole, whatever its console got to say of the last part.
      else for (let part = 0; part < message.parts; part += 1) parts.add(part);
    }
    for (const name of there.keys()) {
      if (!this.#messages.has(name)) losses.push({ what: "message", detail: `${name} is there, and nobody sent it` });
    }
    losses.push(...found.unseen.map((name): Loss => ({ what: "replay", detail: `${name} could come again` })));
    losses.push(...found.unspent.map((key): Loss => ({ what: "key", detail: `${key} is not spent` })));
    return losses;
  }

  #judgeOutbox(found: Found, underWay: readonly Deed[]): Loss[] {
    const there = new Set(found.outbox);
    const may = new Set(underWay.flatMap((deed) => (deed.do === "withdraw" || deed.do === "leave" ? [deed.text] : [])));
    const gone = [...this.#outbox].filter((text) => !there.has(text) && !may.has(text));
    const extra = [...there].filter((text) => !this.#outbox.has(text) && !may.has(text));
    this.#outbox.clear();
    for (const text of there) this.#outbox.add(text);
    return [
      ...gone.map((text): Loss => ({ what: "outbox", detail: `${text} is gone` })),
      ...extra.map((text): Loss => ({ what: "outbox", detail: `${text} is back` })),
    ];
  }

  /** Of whom the plan asked, in its order: the callers as they were before the cut. */
  #judgeVerdicts(found: Found): Loss[] {
    const { asked } = this;
    const known = this.#book && lookup(this.#book);
    if (!known) return [];
    return asked.flatMap((account, index): Loss[] => {
      const verdict = found.verdicts[index] ?? "nothing";
      const person = known.person(account);
      if (known.blocked(account))
        return verdict === "drop blocked" ? [] : [{ what: "gate", detail: `${account}: ${verdict}` }];
      const mayRing = person?.grants.includes("ring") === true;
      return verdict === (mayRing ? "admit granted" : verdict) && (mayRing || !verdict.startsWith("admit"))
        ? []
        : [{ what: "gate", detail: `${account}: ${verdict}` }];
    });
  }

  /** Whom the last plan asked about. */
  asked: readonly string[] = [];
}
