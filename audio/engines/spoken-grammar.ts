import type { Grammar } from "./jsgf.ts";

/**
 * The wake word is over 80 to 240 ms before it is detected, and the command may follow it in one breath. So the
 * utterance starts this long before the detection, and the grammar lets it begin with the wake word or its tail.
 */
export const PRE_ROLL_MS = 500;

/** Words of many ways to say them cost the search for each. */
const MOST_TAILS = 48;

/** Stands for the wake word in front of a command; taken out of what was heard. No grammar of ours has such a word. */
export const WAKE_TAIL = "porter.wake";
const VOWEL = /^[AEIOU]/;

/** A wake word by its phones (several words one behind the other), and what is left of it when the pre-roll cuts into it. */
export function wakeTails(ways: readonly string[]): readonly string[] {
  const tails = ways.flatMap((way) => {
    const phones = way.split(" ");
    return phones.map((_, at) => phones.slice(at)).filter((tail) => tail.some((phone) => VOWEL.test(phone)));
  });
  return [...new Set(tails.map((tail) => tail.join(" ")))].slice(0, MOST_TAILS);
}

/** The whole text: any public rule, the wake word or its tail before it or not. */
export function afterWakeWord(grammar: Grammar): string {
  const commands = grammar.publicRules.map((rule) => `<${rule}>`).join(" | ");
  const start = `public <porter.start> = [ ${WAKE_TAIL} ] ( ${commands} ) ;`;
  return `#JSGF V1.0;\ngrammar porter;\n${grammar.rules}\n${start}\n`;
}

export function withoutWakeTail(text: string): string | null {
  const command = text
    .split(" ")
    .filter((word) => word !== WAKE_TAIL)
    .join(" ");
  return command === "" ? null : command;
}
