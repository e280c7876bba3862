import type { Book } from "#device/gate/book.ts";
import type { Link } from "#device/link/link.ts";
import type { OwnPorts } from "#device/ports.ts";
import type { BookChange } from "#device/store/change.ts";
import { accountOf, bookWith, OWNER } from "./books.ts";
import { Brain, SIDE } from "./brain.ts";
import { fixedUnit } from "./fixed-keys.ts";

export const CORA = accountOf("cora");

/** Cora's: the same people and the same revision as Ben's, so that nothing but whose it is tells the books apart. */
export function corasBook(changes: Partial<Book> = {}): Book {
  return bookWith({ owner: CORA, ...changes });
}

/** A unit that Ben and Cora share: Ben is its first owner. `cora` is what she keeps; what sounds and shines is `ben`'s. */
export class Household {
  readonly cora: Brain;
  readonly ben: Brain;
  /** Whose link was to bring an envelope, and to whom. */
  readonly sent: (readonly [whose: "ben" | "cora", to: string])[] = [];

  constructor(bens: Book | null = bookWith(), coras: Book | null = corasBook()) {
    this.cora = new Brain(coras);
    const [network, corasNetwork] = [this.#network("ben"), this.#network("cora")];
    const { stores } = this.cora;
    this.ben = new Brain(bens, { network, household: [["Cora", { stores, network: corasNetwork }]] });
  }

  /** A link that can find nobody, and tells who asked it to. */
  #network(whose: "ben" | "cora"): OwnPorts["network"] {
    const link: Link = {
      state: "up",
      publish: async () => ({ ok: false, reason: "closed" }),
      settle: () => undefined,
      certificateOf: async (account) => {
        this.sent.push([whose, account]);
        return { ok: false, reason: "unknown" };
      },
      dayKeyOf: async () => ({ ok: false, reason: "none" }),
      turn: () => [],
      enrol: async () => ({ ok: true }),
      [Symbol.asyncDispose]: async () => undefined,
    };
    const { sealer } = fixedUnit(whose);
    return { link, keystore: sealer };
  }

  /** Somebody calls one of them. */
  offer(to: "ben" | "cora", from: string, changes: Parameters<Brain["offer"]>[1] = {}): string {
    return this.ben.offer(from, { ...addressed(to), ...changes });
  }

  renew(to: "ben" | "cora", from: string, offer: string, round: number): void {
    this.ben.arrive(from, { kind: "call.renewal", body: { ...SIDE, offer, round } }, addressed(to));
  }

  end(to: "ben" | "cora", from: string, offer: string): void {
    this.ben.arrive(from, { kind: "call.end", body: { offer } }, addressed(to));
  }

  leave(to: "ben" | "cora", from: string): string {
    return this.ben.leave(from, undefined, addressed(to));
  }

  /** By the control socket of one of them. */
  change(whose: "ben" | "cora", change: BookChange): void {
    const result = this.asOwner(whose).change(change, "cli", []);
    if (!result?.ok) throw new Error(`the book refused ${change.type}`);
  }

  asOwner(whose: "ben" | "cora") {
    return this.ben.daemon.ownersView(whose === "ben" ? 0 : 1);
  }

  bookOf(whose: "ben" | "cora"): Book {
    const { book } = this.asOwner(whose).state;
    if (!book) throw new Error("there is no book");
    return book;
  }

  get at(): string {
    return this.ben.daemon.state.call.at;
  }

  get scene(): string | undefined {
    return this.ben.scenes.at(-1);
  }
}

function addressed(to: "ben" | "cora") {
  return to === "ben" ? { to: OWNER, by: 0 } : { to: CORA, by: 1 };
}
