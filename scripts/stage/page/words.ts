import { seconds } from "./chart.ts";
import type { PageData } from "./data.ts";
import { type Markup, markup, NOTHING } from "./markup.ts";
import { type Span, within } from "./span.ts";
import { type Told, told } from "./told.ts";

/** More than this in one step is a flood, not a story. */
const MAX_LINES = 300;

/** What the units told in a stretch of time, as a list: all that the pictures show, for those who do not see them. */
export function inWords({ homes, startedMs }: PageData, span: Span): Markup {
  const lines: (Told & { home: string })[] = [];
  for (const { name, timeline } of homes) {
    for (const line of timeline) {
      const event = within(span, line.at) ? told(line) : null;
      if (event) lines.push({ ...event, home: name });
    }
  }
  lines.sort((a, b) => a.atMs - b.atMs);
  const rows = lines
    .slice(0, MAX_LINES)
    .map(
      ({ atMs, home, sentence }) =>
        markup`<tr><td class="n">${seconds(atMs, startedMs)} s</td><th scope="row">${home}’s unit</th><td>${sentence}</td></tr>`,
    );
  const left = lines.length - rows.length;
  const more = left > 0 ? markup`<p>And ${left} more.</p>` : NOTHING;
  if (rows.length === 0) return markup`<p class="soft small">No unit told of anything here.</p>`;
  return markup`<details><summary>In words, line by line (${lines.length})</summary><table><thead><tr><th scope="col">When</th><th scope="col">Where</th><th scope="col">What</th></tr></thead><tbody>${rows}</tbody></table>${more}</details>`;
}
