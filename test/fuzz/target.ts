import type { Random } from "./random.ts";

/**
 * Something that takes what others wrote. `attack` makes one input, hands it over, and names what became of it by one
 * of the declared kinds; it throws where a promise was broken: an exception that came out, a result of no declared
 * kind, somebody let in who did not sign.
 */
export type Target = Readonly<{
  name: string;
  /** Ends that a run of a few thousand inputs must have met: else the attack does not get in, and proves nothing. */
  meets: readonly string[];
  open(): Promise<Attacked>;
}>;

export interface Attacked extends AsyncDisposable {
  attack(random: Random): string | Promise<string>;
}

/** For targets that hold nothing open. */
export function stateless(attack: Attacked["attack"]): () => Promise<Attacked> {
  return async () => ({ attack, [Symbol.asyncDispose]: async () => undefined });
}

/** A promise that was broken. */
export function broken(what: string): never {
  throw new Error(`broken: ${what}`);
}
