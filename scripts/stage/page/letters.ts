/** A text character by character, none of them cut in half. */
export function letters(text: string): string[] {
  return Array.from(text);
}

/** At most so many characters; what was cut off is marked. Cheap for a text of any length. */
export function shortened(text: string, maxChars: number): string {
  const head = letters(text.slice(0, maxChars * 2 + 2));
  return head.length <= maxChars ? text : `${head.slice(0, Math.max(0, maxChars - 1)).join("")}…`;
}
