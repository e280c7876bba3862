import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { AudioError } from "../audio-error.ts";
import { espeakPhones } from "./espeak-phones.ts";

/** Ways to say a word; each is phones of the CMU dictionary with blanks between. */
export type Pronunciations = readonly string[];

/** Phones that flite has and the dictionary lacks. */
const AS_CMU: Readonly<Record<string, string>> = {
  AX: "AH",
  AXR: "ER",
  IX: "IH",
  DX: "D",
  NX: "N",
  EL: "L",
  EM: "M",
  EN: "N",
};
const CMU_PHONES = new Set(
  "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split(" "),
);
/** For a word nobody can say (another script, say): no speech sounds like this, so the rest of its grammar still works. */
const UNSAYABLE: Pronunciations = ["ZH OY ZH OY ZH OY ZH OY ZH"];
/** The dictionary spells it; nobody does. */
const POSSESSIVE: readonly [string, Pronunciations] = ["'s", ["Z", "S", "IH Z"]];
/** Words handed to flite at once. */
const BATCH = 40;
const FLITE_TIMEOUT_MS = 10_000;

/**
 * Finds words in the dictionary file, and asks the letter-to-sound rules of flite and of espeak-ng for the rest: where
 * they differ, so may people. Remembers what it found.
 */
export class Pronouncer {
  readonly #dictionary: string;
  readonly #known = new Map<string, Pronunciations>([POSSESSIVE]);

  constructor(dictionaryFile: string) {
    this.#dictionary = dictionaryFile;
  }

  /** Every word gets at least one. Blocks: for a worker thread. */
  pronounce(words: Iterable<string>): Map<string, Pronunciations> {
    const wanted = [...words];
    const missing = new Set(wanted.filter((word) => !this.#known.has(word)));
    if (missing.size > 0) {
      for (const [word, ways] of readDictionary(this.#dictionary, missing)) this.#known.set(word, ways);
      const unlisted = [...missing].filter((word) => !this.#known.has(word));
      for (let start = 0; start < unlisted.length; start += BATCH) {
        for (const [word, ways] of lettersToSound(unlisted.slice(start, start + BATCH))) this.#known.set(word, ways);
      }
    }
    return new Map(wanted.map((word) => [word, this.#known.get(word) ?? UNSAYABLE]));
  }
}

/** Lines are `word PH PH PH`, further ways `word(2) PH PH`. */
function readDictionary(file: string, wanted: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const blank = line.indexOf(" ");
    if (blank < 1) continue;
    const bracket = line.indexOf("(");
    const word = line.slice(0, bracket > 0 && bracket < blank ? bracket : blank);
    if (!wanted.has(word)) continue;
    const ways = found.get(word) ?? [];
    ways.push(line.slice(blank + 1).trim());
    found.set(word, ways);
  }
  return found;
}

/** flite says phones without word borders, but pauses at commas: one pause a word, or each word is asked for alone. */
function lettersToSound(words: readonly string[]): Map<string, Pronunciations> {
  const spoken = words.map(asSpelled);
  const groups = askFlite(spoken.join(", "));
  const all = groups.length === words.length ? groups : spoken.map((word) => askFlite(word).flat());
  const others = espeakPhones(spoken);
  return new Map(
    words.map((word, i) => {
      const ways = [all[i]?.join(" ") ?? "", others.get(spoken[i] ?? "") ?? ""].filter((way) => way !== "");
      return [word, ways.length > 0 ? [...new Set(ways)] : UNSAYABLE];
    }),
  );
}

/** flite reads plain letters: no accents, nothing that it could take for an abbreviation's end. */
function asSpelled(word: string): string {
  const plain = word.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("’", "'");
  return plain.replace(/[^a-z0-9']+/g, " ").trim();
}

/** The phones of each group between pauses. */
function askFlite(text: string): string[][] {
  if (!/[a-z0-9]/.test(text)) return [];
  let phones: string;
  try {
    phones = execFileSync("flite", ["-ps", "-o", "none", "-t", text], {
      encoding: "utf8",
      timeout: FLITE_TIMEOUT_MS,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new AudioError("engine-missing", "Names that no dictionary has need the Debian package flite", {}, cause);
    }
    throw new AudioError("engine-failed", "flite could not pronounce a word", {}, cause);
  }
  return phones
    .split(/\bpau\b/)
    .map((group) =>
      group
        .trim()
        .split(/\s+/)
        .map(asCmuPhone)
        .filter((phone) => CMU_PHONES.has(phone)),
    )
    .filter((group) => group.length > 0);
}

function asCmuPhone(phone: string): string {
  const upper = phone.toUpperCase().replace(/\d/g, "");
  return AS_CMU[upper] ?? upper;
}
