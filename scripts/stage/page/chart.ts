import type { PageData, PageStep } from "./data.ts";
import { wrapped } from "./labels.ts";
import { type Layout, lane, NAMES_WIDTH, OVERVIEW, PLOT_WIDTH, SCENE, xOf } from "./lane.ts";
import { type Markup, markup, NOTHING } from "./markup.ts";
import { clipped, type Span, spanOf } from "./span.ts";

const AXIS_HEIGHT = 22;
const BANDS_HEIGHT = 66;
const LINE_HEIGHT = 14;
const TICKS_S = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1_800, 3_600] as const;
const LEAST_BETWEEN_TICKS = 56;

/** The whole evening: every home, every step as a band. */
export function overview(data: PageData, span: Span): Markup {
  const label = `All ${data.homes.length} homes over ${seconds(span.toMs, span.fromMs)} seconds, in ${data.steps.length} steps; told in words further below.`;
  const bands = (height: number) => data.steps.map((step, at) => band(step, at + 1, span, height));
  return drawing(data, span, OVERVIEW, { label, top: BANDS_HEIGHT, behind: bands });
}

/** One stretch of a step, close up. */
export function closeUp(data: PageData, step: PageStep, span: Span): Markup {
  const label = `${step.name}, from second ${seconds(span.fromMs, data.startedMs)} to ${seconds(span.toMs, data.startedMs)}; told in words below the picture.`;
  const inside = clipped(spanOf(step.atMs, step.atMs + step.ms), span) ?? span;
  const behind = (height: number) => [
    markup`<rect class="inside" x="${xOf(span, inside.fromMs)}" width="${xOf(span, inside.toMs) - xOf(span, inside.fromMs)}" height="${height}"/>`,
  ];
  return drawing(data, span, SCENE, { label, top: 0, behind });
}

export function seconds(atMs: number, startedMs: number): string {
  return ((atMs - startedMs) / 1_000).toFixed(1);
}

type Frame = Readonly<{ label: string; top: number; behind(height: number): readonly Markup[] }>;

function drawing({ homes, startedMs }: PageData, span: Span, layout: Layout, { label, top, behind }: Frame): Markup {
  const names: Markup[] = [];
  const plots: Markup[] = [];
  let y = top + AXIS_HEIGHT;
  for (const home of homes) {
    const drawn = lane(home, span, layout);
    names.push(markup`<g transform="translate(0 ${y})">${drawn.names}</g>`);
    plots.push(markup`<g transform="translate(0 ${y})">${drawn.plot}</g>`);
    y += drawn.height + 6;
  }
  const axisName = markup`<text class="row" x="4" y="${top + 14}">seconds</text>`;
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="Picture, scrolls sideways on a small screen"><div class="drawing"><svg class="names" aria-hidden="true" viewBox="0 0 ${NAMES_WIDTH} ${y}">${axisName}${names}</svg><svg class="plot" role="img" aria-label="${label}" viewBox="0 0 ${PLOT_WIDTH} ${y}">${behind(y)}<g transform="translate(0 ${top})">${axis(span, startedMs, y - top)}</g>${plots}</svg></div></div>`;
}

function axis(span: Span, startedMs: number, height: number): Markup[] {
  const lengthS = (span.toMs - span.fromMs) / 1_000;
  const most = PLOT_WIDTH / LEAST_BETWEEN_TICKS;
  const everyS = TICKS_S.find((tick) => lengthS / tick <= most) ?? Math.ceil(lengthS / most);
  const ticks: Markup[] = [];
  const firstS = Math.ceil((span.fromMs - startedMs) / 1_000 / everyS) * everyS;
  for (let atS = firstS; atS <= (span.toMs - startedMs) / 1_000; atS += everyS) {
    const x = xOf(span, startedMs + atS * 1_000);
    const anchor = x > PLOT_WIDTH - 20 ? "end" : x < 12 ? "start" : "middle";
    ticks.push(
      markup`<path class="tick" d="M${x} ${AXIS_HEIGHT - 5}V${height}"/><text class="row" text-anchor="${anchor}" x="${x}" y="14">${atS}</text>`,
    );
  }
  return ticks;
}

function band(step: PageStep, number: number, span: Span, height: number): Markup {
  const part = clipped(spanOf(step.atMs, step.atMs + step.ms), span);
  if (!part) return NOTHING;
  const x = xOf(span, part.fromMs);
  const width = Math.max(2, xOf(span, part.toMs) - x);
  const lines = wrapped(step.name, width, 3);
  const text = lines.map((line, at) => markup`<text x="${x + 5}" y="${15 + (at + 1) * LINE_HEIGHT}">${line}</text>`);
  const sign = step.ok ? "✓" : "✕";
  const head =
    width < 12
      ? NOTHING
      : markup`<text class="number" x="${x + 5}" y="14">${width < 30 ? number : `${number} ${sign}`}</text>`;
  return markup`<a href="#step-${number}"><g class="band ${step.ok ? "good" : "bad"}${number % 2 === 0 ? " even" : ""}"><title>${number}. ${step.name}: ${step.ok ? "passed" : "failed"}</title><rect x="${x}" width="${width}" height="${height}"/><rect class="head" x="${x}" width="${Math.max(1, width - 1)}" height="${BANDS_HEIGHT - 4}"/>${head}${text}</g></a>`;
}
