import { type Markup, markup } from "../../stage/page/markup.ts";
import { figure } from "./bars.ts";
import type { Line } from "./results.ts";

const WIDTH = 860;
const HEIGHT = 240;
const LEFT = 64;
const BOTTOM = 30;
const TOP = 10;
const RIGHT = 12;
const TICKS = 4;
/** Lines are told apart by their dashes too, for those who see no colours. */
const KINDS = 5;

/** Each group of lines with the same axes as one picture. */
export function plots(series: readonly Line[]): Markup[] {
  const groups = Map.groupBy(
    series.filter(({ points }) => points.length > 1),
    ({ unit, x }) => `${unit} ${x}`,
  );
  return [...groups.values()].map(plot);
}

type Range = Readonly<{ from: number; to: number }>;

function plot(lines: readonly Line[]): Markup {
  const [first] = lines;
  const all = lines.flatMap(({ points }) => points);
  const xs = rangeOf(all.map(([x]) => x));
  // From zero: a small change should not look like a large one.
  const ys = { from: 0, to: rangeOf(all.map(([, y]) => y)).to * 1.08 };
  const xAt = (x: number): number => LEFT + ((x - xs.from) / (xs.to - xs.from || 1)) * (WIDTH - LEFT - RIGHT);
  const yAt = (y: number): number => HEIGHT - BOTTOM - (y / (ys.to || 1)) * (HEIGHT - BOTTOM - TOP);
  const drawn = lines.map(({ points }, at) => {
    const path = points.map(([x, y]) => `${xAt(x).toFixed(1)} ${yAt(y).toFixed(1)}`).join("L");
    return markup`<path class="line k${at % KINDS}" d="M${path}"/>`;
  });
  const legend = lines.map(
    ({ what }, at) =>
      markup`<li><svg aria-hidden="true" viewBox="0 0 34 16"><path class="line k${at % KINDS}" d="M0 8H34"/></svg>${what}</li>`,
  );
  const label = `${lines.map(({ what }) => what).join(", ")}, in ${first?.unit ?? ""}, by ${first?.x ?? ""}`;
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="Plot, scrolls sideways on a small screen"><svg class="lines" role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${yTicks(ys, yAt, first?.unit ?? "")}${xTicks(xs, xAt, first?.x ?? "")}${drawn}</svg></div><ul class="legend">${legend}</ul>`;
}

function yTicks({ to }: Range, at: (y: number) => number, unit: string): Markup[] {
  return steps({ from: 0, to }).map(
    (y) =>
      markup`<path class="tick" d="M${LEFT} ${at(y)}H${WIDTH - RIGHT}"/><text class="row" text-anchor="end" x="${LEFT - 6}" y="${at(y) + 4}">${figure(y, unit)}</text>`,
  );
}

function xTicks(range: Range, at: (x: number) => number, what: string): Markup[] {
  return steps(range).map((x, index) => {
    const label = index === 0 ? `${figure(x, "")} ${what}` : figure(x, "");
    const anchor = index === 0 ? "start" : index === TICKS ? "end" : "middle";
    return markup`<text class="row" text-anchor="${anchor}" x="${at(x)}" y="${HEIGHT - 8}">${label}</text>`;
  });
}

function steps({ from, to }: Range): number[] {
  return Array.from({ length: TICKS + 1 }, (_, index) => from + ((to - from) * index) / TICKS);
}

function rangeOf(values: readonly number[]): Range {
  let [from, to] = [Infinity, -Infinity];
  for (const value of values) {
    from = Math.min(from, value);
    to = Math.max(to, value);
  }
  return { from, to };
}
