import { execFileSync } from "node:child_process";
import { AudioError } from "../audio-error.ts";

/** espeak-ng's phonemes of American English as phones of the CMU dictionary. What is not here makes no sound. */
const AS_CMU: ReadonlyMap<string, string> = new Map(
  (
    "a AE|aa AE|a# AH|A AA|A: AA|A@ AA R|0 AA|O AO|O: AO|O@ AO R|o@ AO R|O2 AH|i IY|i: IY|I IH|I2 IH|I# IH|E EH|E2 EH|" +
    "e EH|e@ EH R|eI EY|e: EY|aI AY|aU AW|oU OW|o OW|o: OW|OI OY|U UH|u UW|u: UW|V AH|@ AH|@- AH|@2 AH|@5 AH|3 ER|3: ER|" +
    "@L AH L|i@ IH R|i@3 IH R|U@ UH R|aI@ AY AH|aI3 AY ER|aU@ AW ER|p P|b B|t T|t# T|t2 T|d D|k K|g G|tS CH|dZ JH|f F|" +
    "v V|T TH|D DH|s S|z Z|S SH|Z ZH|h HH|m M|n N|N NG|n^ N Y|l L|l^ L Y|r R|r- R|R R|w W|w# W|j Y|x K|Q G|C HH"
  )
    .split("|")
    .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
);
/** Stress and length of pauses. */
const MARKS = /^[',%=_|]+/;
const TIMEOUT_MS = 10_000;

/** How espeak-ng says each word of plain letters, in CMU phones; a word of which it says nothing is left out. Blocks. */
export function espeakPhones(all: readonly string[]): ReadonlyMap<string, string> {
  const words = all.filter((word) => /[a-z0-9]/.test(word));
  if (words.length === 0) return new Map();
  let said: string;
  try {
    // Each line is a clause of its own, and so is what comes back.
    said = execFileSync("espeak-ng", ["-q", "-x", "--sep= ", "-v", "en-us", "--", words.join(",\n")], {
      encoding: "utf8",
      timeout: TIMEOUT_MS,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new AudioError(
        "engine-missing",
        "Names that no dictionary has need the Debian package espeak-ng",
        {},
        cause,
      );
    }
    throw new AudioError("engine-failed", "espeak-ng could not pronounce a word", {}, cause);
  }
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  if (lines.length !== words.length) return new Map();
  return new Map(words.map((word, at) => [word, asCmuPhones(lines[at] ?? "")]));
}

function asCmuPhones(line: string): string {
  const phonemes = line.trim().split(/\s+/);
  return phonemes.flatMap((phoneme) => AS_CMU.get(phoneme.replace(MARKS, "")) ?? []).join(" ");
}
