import llama from "llama-tokenizer-js";

/** What may stand behind a sentence: the end, or a mark before it. */
export const ENDS: readonly [number, ...number[]] = [
  2,
  ...[".", "?", "!", ","].flatMap((mark) => llama.encode(`a${mark}`).slice(-1)),
];

/** Moonshine's own way to write text as numbers (Llama's); the first says that a sentence begins. */
export function tokensOf(sentence: string): readonly number[] {
  return llama.encode(sentence);
}

/** Words of a grammar as somebody would write them down: Moonshine has seen "Call Ben", and not "call ben". */
export function written(words: readonly string[], names: ReadonlySet<string>): string {
  const sentence = words
    .map((word) => (names.has(word) || word === "i" || word.startsWith("i'") ? capital(word) : word))
    .join(" ")
    .replaceAll(" 's", "'s");
  return capital(sentence);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
