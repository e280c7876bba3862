import type { Rival } from "../protocol-words.ts";
import { type BestPath, bestPath } from "./best-path.ts";
import type { Grammar } from "./jsgf.ts";
import type { Decoder } from "./pocketsphinx.ts";
import type { Pronunciations } from "./pronunciation.ts";
import { findRival, nameIn, othersThan } from "./rivals.ts";

/** Somebody who speaks for longer than this names nobody, and PocketSphinx takes no more at once. */
const LONGEST_SAMPLES = 30 * 16_000;

type Options = Readonly<{
  /** It has the words of the grammar. */
  grammar: Decoder;
  phoneLoop: Decoder;
  /** The grammar itself is too large to be held twice: it only listens for who else was named. */
  isNamesAlone: boolean;
  tagged: Grammar["tagged"];
  waysOf: ReadonlyMap<string, Pronunciations>;
}>;

/**
 * Listens to a whole utterance. What comes in pieces is normalised by what was heard before, of another talker or in
 * another noise; a whole one by itself, which is surer and always the same. Its decoders are its own: PocketSphinx
 * breaks off where one that has heard a whole utterance gets pieces again. Disposes of the grammar's alone.
 */
export class SecondHearing implements Disposable {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Null where it cannot. */
  hear(sound: Int16Array): BestPath | null {
    const { grammar, phoneLoop, isNamesAlone } = this.#options;
    if (isNamesAlone || sound.length > LONGEST_SAMPLES) return null;
    grammar.useAgain();
    grammar.hear(sound);
    phoneLoop.hear(sound);
    return bestPath(grammar, phoneLoop);
  }

  /** Who else may have been named in it than whom `text` names; null where it names nobody. */
  rivalIn(text: string, sound: Int16Array): Rival | "unconfirmed" | null {
    const { grammar, waysOf } = this.#options;
    const named = sound.length > LONGEST_SAMPLES ? null : nameIn(text, this.#options);
    return named === null ? null : findRival(grammar, sound, named, othersThan(named.name, this.#options, waysOf));
  }

  [Symbol.dispose](): void {
    this.#options.grammar[Symbol.dispose]();
  }
}
