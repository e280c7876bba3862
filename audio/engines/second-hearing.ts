import type { Rival } from "../protocol-words.ts";
import { type BestPath, bestPath } from "./best-path.ts";
import type { Grammar } from "./jsgf.ts";
import type { Decoder } from "./pocketsphinx.ts";
import { findRival, nameIn, othersThan } from "./rivals.ts";

/** Somebody who speaks for longer than this names nobody, and PocketSphinx takes no more at once. */
const LONGEST_SAMPLES = 30 * 16_000;

/**
 * Listens to a whole utterance. What comes in pieces is normalised by what was heard before, of another talker or in
 * another noise; a whole one by itself, which is surer and always the same. Its decoders are its own: PocketSphinx
 * breaks off where one that has heard a whole utterance gets pieces again. They are made when they are first needed.
 */
export class SecondHearing implements Disposable {
  readonly #make: Readonly<{ grammar: () => Decoder; phoneLoop: () => Decoder }>;
  readonly #named: Pick<Grammar, "tagged">;
  #grammar: Decoder | null = null;
  #phoneLoop: Decoder | null = null;

  constructor(make: Readonly<{ grammar: () => Decoder; phoneLoop: () => Decoder }>, named: Pick<Grammar, "tagged">) {
    this.#make = make;
    this.#named = named;
  }

  hear(sound: Int16Array): BestPath {
    this.#grammar ??= this.#make.grammar();
    this.#phoneLoop ??= this.#make.phoneLoop();
    this.#grammar.useAgain();
    this.#grammar.hear(sound);
    this.#phoneLoop.hear(sound);
    return bestPath(this.#grammar, this.#phoneLoop);
  }

  /** Who else may have been named in it than whom `text` names; null where it names nobody. */
  rivalIn(text: string, sound: Int16Array): Rival | null {
    const named = sound.length > LONGEST_SAMPLES ? null : nameIn(text, this.#named);
    if (named === null) return null;
    this.#grammar ??= this.#make.grammar();
    return findRival(this.#grammar, sound, named, othersThan(named.name, this.#named));
  }

  [Symbol.dispose](): void {
    this.#grammar?.[Symbol.dispose]();
    this.#phoneLoop?.[Symbol.dispose]();
  }
}
