/** Numbers as people dictate them, digit by digit. Sources: ITU-T E.161 (digits), E.123 ("plus"). */
const DIGITS: Readonly<Record<string, string>> = {
  zero: "0",
  oh: "0",
  one: "1",
  two: "2",
  three: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7",
  eight: "8",
  nine: "9",
};
const TIMES: Readonly<Record<string, number>> = { double: 2, triple: 3 };
const DIGIT_WORDS = Object.keys(DIGITS);
/** The shortest that is anybody's number, and the longest that E.164 has. */
const LEAST_DIGITS = 3;
const MOST_DIGITS = 15;

/** "plus four four double seven" as "+4477"; null where a word is no digit, or there are too few or too many. */
export function digitsIn(words: readonly string[]): string | null {
  const isPlus = words[0] === "plus";
  let digits = "";
  let times = 1;
  for (const word of isPlus ? words.slice(1) : words) {
    const digit = Object.hasOwn(DIGITS, word) ? DIGITS[word] : undefined;
    if (digit !== undefined) {
      digits += digit.repeat(times);
      times = 1;
    } else if (times === 1 && Object.hasOwn(TIMES, word)) times = TIMES[word] ?? 1;
    else return null;
    if (digits.length > MOST_DIGITS) return null;
  }
  return times === 1 && digits.length >= LEAST_DIGITS ? `${isPlus ? "+" : ""}${digits}` : null;
}

/** A number as it is read back: digit by digit, in groups of three and a last one of up to four. */
export function readBack(number: string): string {
  const digits = Array.from(number.replaceAll(/[^0-9]/g, ""), (digit) =>
    DIGIT_WORDS.find((word) => DIGITS[word] === digit),
  );
  const groups: string[] = [];
  for (let at = 0; at < digits.length; ) {
    const size = digits.length - at <= 4 ? digits.length - at : 3;
    groups.push(digits.slice(at, at + size).join(" "));
    at += size;
  }
  return `${number.startsWith("+") ? "plus " : ""}${groups.join(", ")}`;
}

/** The right side of the grammar's rule for such a number. */
export const NUMBER_RULE = `[ plus ] ( [ ${Object.keys(TIMES).join(" | ")} ] ( ${DIGIT_WORDS.join(" | ")} ) )+`;
