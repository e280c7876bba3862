import type { Random } from "./vary.ts";

/** The glue of English. */
const COMMON = (
  "the of and a to in is you that it he was for on are as with his they I at be this have from or one had by word but " +
  "not what all were we when your can said there use an each which she do how their if will up other about out many " +
  "then them these so some her would make like him into time has look two more write go see number no way could people " +
  "water morning kitchen yesterday remember football together important telephone computer dinner understand"
).split(" ");
const ONSETS = "b ch d f g h j k l m n p r s sh t th v w y z bl br dr fl gr kr pl pr sk sl sp st str tr".split(" ");
const VOWELS = "a e i o u ee oo ai ow ar or er".split(" ");
const CODAS = ["", "", "", "n", "m", "t", "k", "s", "l", "p", "d", "nt", "st", "x", "ng"];
/** espeak-ng's, of many kinds. */
const ACCENTS = ["en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"];
const VARIANTS = "f1 m1 f2 m2 f3 m3 f4 m4 f5 m5 m6 m7 Andy Annie klatt klatt3 max Mike steph travis".split(" ");
const WORDS = 50;
const NEAR_WORDS = 24;

/** Pieces of some 20 s each; of those to learn from so many are near the word. */
const PIECES = { taught: 24, near: 8, judging: 12 } as const;

type Say = (text: string, voice: string, wordsPerMinute: number) => Promise<Int16Array>;
type Others = Readonly<{ taught: readonly Int16Array[]; judging: readonly Int16Array[] }>;

/** Other speech to learn a word against, and to judge by what was learned: twelve minutes. */
export async function makeOthers(say: Say, random: Random, word: string): Promise<Others> {
  const make = async (near: string | null): Promise<Int16Array> => {
    const { text, voice, wordsPerMinute } = otherSpeech(random, near);
    return say(text, voice, wordsPerMinute);
  };
  const taught: Int16Array[] = [];
  for (let piece = 0; piece < PIECES.taught; piece += 1) taught.push(await make(piece < PIECES.near ? word : null));
  const judging: Int16Array[] = [];
  for (let piece = 0; piece < PIECES.judging; piece += 1) judging.push(await make(null));
  return { taught, judging };
}

/** What is said, in which of espeak-ng's voices, how fast. */
type Speech = Readonly<{ text: string; voice: string; wordsPerMinute: number }>;

/** Words, and words that are none; where a word is given, also such as are a little like it. */
function otherSpeech(random: Random, word: string | null = null): Speech {
  const near = word === null ? [] : nearTo(word, random);
  const words = Array.from({ length: WORDS }, () => {
    const kind = random();
    const said =
      kind < 0.5 ? pick(COMMON, random) : kind < 0.8 || near.length === 0 ? madeUp(random) : pick(near, random);
    return random() < 0.12 ? `${said}.` : said;
  });
  return {
    text: words.join(" "),
    voice: `${pick(ACCENTS, random)}+${pick(VARIANTS, random)}`,
    wordsPerMinute: Math.round(120 + 80 * random()),
  };
}

/** Its halves, and what it is with two of its sounds others: with one it may be the word in somebody's mouth. */
function nearTo(word: string, random: Random): string[] {
  const parts: string[] = word.match(/[aeiouy]+|[^aeiouy]+/g) ?? [];
  const half = Math.ceil(parts.length / 2);
  const other = (part: string) => pick(/[aeiouy]/.test(part) ? VOWELS : ONSETS, random);
  const changed = Array.from({ length: NEAR_WORDS }, () => {
    const at = Math.floor(random() * parts.length);
    const beside = (at + 1) % Math.max(1, parts.length);
    return parts
      .with(at, other(parts[at] ?? ""))
      .with(beside, other(parts[beside] ?? ""))
      .join("");
  });
  return [...changed, parts.slice(0, half).join(""), parts.slice(half).join("")].filter((each) => each.length > 1);
}

function madeUp(random: Random): string {
  const syllable = () => pick(ONSETS, random) + pick(VOWELS, random) + pick(CODAS, random);
  return Array.from({ length: 1 + Math.floor(3 * random()) }, syllable).join("");
}

function pick(from: readonly string[], random: Random): string {
  return from[Math.floor(random() * from.length)] ?? "";
}
