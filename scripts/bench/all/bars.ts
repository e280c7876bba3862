import { type Markup, markup, NOTHING } from "../../stage/page/markup.ts";
import type { Row } from "./results.ts";

const WIDTH = 220;
const HEIGHT = 18;
/** The longer of bar and budget leaves so much room. */
const FILL = 0.86;

/** A figure as a bar, with a mark where its budget is. Without a budget there is nothing to compare it with. */
export function bar({ value, budget, kept }: Row): Markup {
  if (budget === null || value === null) return NOTHING;
  const most = Math.max(Math.abs(value), Math.abs(budget));
  const scale = most === 0 ? 0 : (WIDTH * FILL) / most;
  const width = Math.max(1, Math.max(0, value) * scale);
  const mark = Math.max(0, budget) * scale + 1;
  return markup`<svg class="bar" aria-hidden="true" viewBox="0 0 ${WIDTH} ${HEIGHT}"><rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="3"/><rect class="${kept ? "within" : "over"}" y="4" width="${width}" height="${HEIGHT - 8}" rx="2"/><path class="mark" d="M${mark} 0V${HEIGHT}"/></svg>`;
}

/** Three digits that count. */
export function figure(value: number | null, unit: string): string {
  if (value === null) return "no number";
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit === "count" ? "" : unit}`.trim();
}
