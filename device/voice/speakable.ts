import { WAKE_WORD } from "./phrases.ts";
import { fold } from "./words.ts";

const MAX_NAME_CHARS = 40;
/** Said where nothing of a name can be spoken. */
export const NAMELESS = "somebody";

/**
 * A name fit to be spoken: letters, digits, and what holds words together. Markup, control and direction characters
 * are gone, and so is the wake word: a name must not wake the unit, nor steer the synthesiser.
 */
export function speakable(name: string): string {
  const plain = name
    .slice(0, MAX_NAME_CHARS * 4)
    .normalize("NFKC")
    .replaceAll(/[\p{Cc}\p{Z}]+/gu, " ")
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/[^\p{L}\p{M}\p{Nd}' -]|(?<!\p{L}\p{M}*)['-]|['-](?!\p{L})/gu, " ")
    .replaceAll(/(\p{M}{3})\p{M}+/gu, "$1");
  const words = plain.split(" ").filter((word) => word !== "" && !soundsLikeWakeWord(word));
  const kept = words.join(" ").slice(0, MAX_NAME_CHARS).trim();
  return kept === "" || soundsLikeWakeWord(kept) ? NAMELESS : kept;
}

function soundsLikeWakeWord(text: string): boolean {
  return fold(text)
    .replaceAll(/[^a-z]/g, "")
    .includes(WAKE_WORD);
}
