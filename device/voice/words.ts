import { ARTICLES, TAIL, WAKE_WORD } from "./phrases.ts";

/** Longer texts are cut: nobody says more in one breath. */
const MAX_CHARS = 400;
/** A name is heard by at most so many words, of so many letters: it bounds the grammar. */
const MAX_NAME_WORDS = 5;
const MAX_WORD_LETTERS = 20;
/** Letters that are not a plain letter with a mark, as English speakers read them. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ħ: "h",
  ı: "i",
  ł: "l",
  þ: "th",
};

const DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/**
 * Lower-case words of a to z and inner apostrophes ("we're"), whatever the text was. Digits are words, one by one, and
 * a possessive that the recogniser hears as a word of its own belongs to the one before.
 */
export function wordsOf(text: string): string[] {
  const spelled = fold(text).replaceAll(/[0-9]/g, (digit) => ` ${DIGITS[Number(digit)] ?? ""} `);
  return spelled.replaceAll(" 's", "'s").match(/[a-z]+(?:'[a-z]+)*/g) ?? [];
}

/**
 * A name as it is heard: lower-case words of a to z, as the grammar holds them and the parser looks them up; empty
 * where nothing sayable is left. The wake word, an article in front and "please" behind are no part of a name.
 */
export function nameWords(name: string): string[] {
  const words = (
    fold(name)
      .replaceAll("'", "")
      .match(/[a-z]+/g) ?? []
  ).filter((word) => word !== WAKE_WORD);
  const articles: readonly string[] = ARTICLES;
  while (words.length > 1 && articles.includes(words[0] ?? "")) words.shift();
  while (words.length > 1 && words.at(-1) === TAIL) words.pop();
  return words.slice(0, MAX_NAME_WORDS).map((word) => word.slice(0, MAX_WORD_LETTERS));
}

/** Lower case without diacritics; curly apostrophes made plain. */
export function fold(text: string): string {
  return text
    .slice(0, MAX_CHARS)
    .toLowerCase()
    .normalize("NFKD")
    .slice(0, MAX_CHARS)
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[’‘ʼ`]/g, "'")
    .replaceAll(/[^\u0020-\u007e]/g, (letter) => PLAIN_LETTERS[letter] ?? " ");
}
