import { SCENE, sceneClass } from "./lane.ts";
import { type Markup, markup } from "./markup.ts";

const ZIGZAG = "M2 8H5M6 6V10M9 3V13M12 1V15M15 5V11M18 2V14M21 6V10M24 4V12M27 7V9M29 8H33";

/** The pattern behind what was not recorded; drawn once, used by every picture. */
export const PATTERNS = markup`<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs><pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="hatch-back" width="8" height="8"/><path class="hatch-line" d="M0 8L8 0"/></pattern></defs></svg>`;

export function legend(): Markup {
  const sample = (drawn: Markup, words: string) =>
    markup`<li><svg viewBox="0 0 34 16" aria-hidden="true">${drawn}</svg>${words}</li>`;
  const chip = (kind: string) => markup`<g class="chip ${kind}"><rect x="1" y="1" width="32" height="14" rx="3"/></g>`;
  return markup`<ul class="legend">
${sample(markup`<path class="people" d="${ZIGZAG}"/>`, "people speaking in the room")}
${sample(markup`<path class="loudspeaker" d="${ZIGZAG}"/>`, "what the unit’s loudspeaker played")}
${sample(markup`<rect class="light ${sceneClass("ringing")}" x="1" y="${SCENE.lightsHeight - 15}" width="32" height="12"/>`, "its lights, named")}
${sample(chip("k-heard"), "what the unit heard")}
${sample(chip("k-says"), "what it said, or rang")}
${sample(chip("k-call"), "where the call is, changes")}
${sample(chip("k-verdict"), "the gate let something in or kept it (✓ …)")}
${sample(chip("k-verdict drop"), "the gate dropped it (✕)")}
${sample(markup`<rect class="gap" x="1" y="1" width="32" height="14"/>`, "unit not running")}
</ul>`;
}
