import { SCENES } from "#hal/hal.ts";
import type { PageHome } from "./data.ts";
import { type Label, type Placed, place, widthOf } from "./labels.ts";
import { shortened } from "./letters.ts";
import { notRecorded, shining } from "./lights.ts";
import { type Markup, markup, NOTHING } from "./markup.ts";
import { type Span, within } from "./span.ts";
import { type Told, told } from "./told.ts";
import { type Track, waveform } from "./waveform.ts";

export const NAMES_WIDTH = 96;
export const PLOT_WIDTH = 864;

/** Where the rows of a lane lie, in units of the drawing from its top. */
export type Layout = Readonly<{
  peopleAt: number;
  loudspeakerAt: number;
  halfHeight: number;
  lightsTop: number;
  lightsHeight: number;
  /** Are scenes named, and events told in words, or only verdicts marked? */
  words: boolean;
}>;

export const SCENE: Layout = {
  peopleAt: 26,
  loudspeakerAt: 59,
  halfHeight: 15,
  lightsTop: 78,
  lightsHeight: 17,
  words: true,
};
export const OVERVIEW: Layout = {
  peopleAt: 26,
  loudspeakerAt: 47,
  halfHeight: 10,
  lightsTop: 60,
  lightsHeight: 10,
  words: false,
};

const ROW_HEIGHT = 19;
const MAX_ROWS = 9;
const MAX_LABEL_CHARS = 64;

/** One home on the axis: its name and rows beside, its waveforms, lights and events. */
export type Lane = Readonly<{ names: Markup; plot: Markup; height: number }>;

export function lane(home: PageHome, span: Span, layout: Layout): Lane {
  const marks = marksOf(home, span, layout);
  const rows = Math.max(1, ...marks.map(({ row }) => row + 1));
  const marksTop = layout.lightsTop + layout.lightsHeight + 7;
  const height = marksTop + rows * ROW_HEIGHT + 8;
  const [people, loudspeaker] = [sound(home, "people", span, layout), sound(home, "loudspeaker", span, layout)];
  const lit = lights(home, span, layout);
  const gaps = notRecorded(home, span);
  const plot = markup`<rect class="lane" width="${PLOT_WIDTH}" height="${height - 4}"/>${people.plot}${loudspeaker.plot}${lit.plot}${marks.map(
    (mark) => leader(mark, marksTop),
  )}${marks.map((mark) => (layout.words ? chip(mark, marksTop) : badge(mark, marksTop)))}${gaps.map((gap) => hatch(gap, span, height - 4))}`;
  const still = people.silent && loudspeaker.silent && lit.dark && marks.length === 0;
  if (still && layout.words && gaps.length === 0) return nothingIn(home.name);
  return { names: names(home.name, layout, marksTop), plot, height };
}

/** A lane of three flat lines would only take room. */
function nothingIn(name: string): Lane {
  const height = 34;
  const words = "nothing: silence, lights dark, no event";
  return {
    names: markup`<text class="home" x="4" y="20">${shortened(name, 13)}</text>`,
    plot: markup`<rect class="lane" width="${PLOT_WIDTH}" height="${height - 4}"/><text class="still" x="${PLOT_WIDTH / 2}" y="19">${words}</text>`,
    height,
  };
}

export function xOf(span: Span, atMs: number): number {
  const part = (atMs - span.fromMs) / (span.toMs - span.fromMs);
  return Math.max(0, Math.min(1, part)) * PLOT_WIDTH;
}

function names(name: string, layout: Layout, marksTop: number): Markup {
  const row = (y: number, text: string) => markup`<text class="row" x="4" y="${y}">${text}</text>`;
  return markup`<text class="home" x="4" y="12">${shortened(name, 13)}</text>${row(layout.peopleAt + 4, "people")}${row(
    layout.loudspeakerAt + 4,
    "loudspeaker",
  )}${row(layout.lightsTop + layout.lightsHeight / 2 + 4, "lights")}${row(marksTop + 13, layout.words ? "the unit" : "the gate")}`;
}

function sound(home: PageHome, track: Track, span: Span, layout: Layout): { plot: Markup; silent: boolean } {
  const path = waveform(home.recordings, track, span, { columns: PLOT_WIDTH, halfHeight: layout.halfHeight });
  const y = track === "people" ? layout.peopleAt : layout.loudspeakerAt;
  const silence = layout.words ? markup`<text class="still" x="${PLOT_WIDTH / 2}" y="-3">silence</text>` : NOTHING;
  const plot = markup`<g transform="translate(0.5 ${y})"><path class="zero" d="M0 0H${PLOT_WIDTH}"/>${path === "" ? silence : markup`<path class="${track}" d="${path}"/>`}</g>`;
  return { plot, silent: path === "" };
}

function lights(
  home: PageHome,
  span: Span,
  { lightsTop, lightsHeight, words }: Layout,
): { plot: Markup; dark: boolean } {
  const shone = shining(home, span);
  const boxes = shone.map(({ fromMs, toMs, scene }, at) => {
    const [x, end] = [xOf(span, fromMs), xOf(span, toMs)];
    // A name may run on over the dark that follows.
    const room = (shone[at + 1] ? xOf(span, shone[at + 1]?.fromMs ?? 0) : PLOT_WIDTH) - x;
    const fits = words && room >= widthOf(scene);
    const name = fits ? markup`<text x="${x + 4}" y="${lightsTop + 12.5}">${shortened(scene, 40)}</text>` : NOTHING;
    return markup`<rect class="light ${sceneClass(scene)}" x="${x}" y="${lightsTop}" width="${Math.max(1.5, end - x)}" height="${lightsHeight}"><title>${scene}</title></rect>${name}`;
  });
  const dark = shone.length === 0;
  const off =
    dark && words ? markup`<text class="still" x="${PLOT_WIDTH / 2}" y="${lightsTop + 12.5}">dark</text>` : NOTHING;
  return {
    plot: markup`<rect class="strip" y="${lightsTop}" width="${PLOT_WIDTH}" height="${lightsHeight}"/>${boxes}${off}`,
    dark,
  };
}

const LIT: ReadonlySet<string> = new Set(SCENES.filter((scene) => scene !== "off"));

export function sceneClass(scene: string): string {
  return LIT.has(scene) ? `light-${scene}` : "light-other";
}

function marksOf(home: PageHome, span: Span, { words }: Layout): Placed<Told>[] {
  const labels: Label<Told>[] = [];
  for (const line of home.timeline) {
    const event = within(span, line.at) ? told(line) : null;
    if (!event || event.kind === "light" || (!words && event.kind !== "verdict")) continue;
    const text = words ? shortened(event.label, MAX_LABEL_CHARS) : signOf(event.act);
    labels.push({ x: xOf(span, event.atMs), text, of: event });
  }
  return place(labels, PLOT_WIDTH, words ? MAX_ROWS : 3);
}

/** How a verdict looks where there is no room for words. */
export function signOf(act: string | null): string {
  switch (act) {
    case "admit":
      return "✓";
    case "drop":
      return "✕";
    default:
      return "…";
  }
}

function leader({ x, row, of }: Placed<Told>, marksTop: number): Markup {
  return markup`<path class="leader k-${of.kind}" d="M${x} ${4}V${marksTop + row * ROW_HEIGHT + 8}"/>`;
}

function chip({ left, width, row, text, of }: Placed<Told>, marksTop: number): Markup {
  const y = marksTop + row * ROW_HEIGHT;
  return markup`<g class="chip k-${of.kind}${of.act === "drop" ? " drop" : ""}"><rect x="${left}" y="${y}" width="${width}" height="16" rx="3"/><text x="${left + 5}" y="${y + 12}">${text}</text></g>`;
}

function badge({ left, width, row, text, of }: Placed<Told>, marksTop: number): Markup {
  const y = marksTop + row * ROW_HEIGHT;
  return markup`<g class="chip k-verdict${of.act === "drop" ? " drop" : ""}"><title>${of.label}</title><rect x="${left}" y="${y}" width="${width}" height="16" rx="8"/><text x="${left + 4}" y="${y + 12}">${text}</text></g>`;
}

function hatch(gap: Span, span: Span, height: number): Markup {
  const [x, end] = [xOf(span, gap.fromMs), xOf(span, gap.toMs)];
  const wide = end - x > 110;
  const words = wide
    ? markup`<text class="still" x="${(x + end) / 2}" y="${height / 2 + 4}">not recorded</text>`
    : NOTHING;
  return markup`<rect class="gap" x="${x}" width="${end - x}" height="${height}"><title>not recorded: the unit was not running</title></rect>${words}`;
}
