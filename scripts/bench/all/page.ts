import { type Markup, markup, NOTHING, trusted } from "../../stage/page/markup.ts";
import { STYLE } from "../../stage/page/style.ts";
import { bar, figure } from "./bars.ts";
import { plots } from "./lines.ts";
import type { Result, Results, Row } from "./results.ts";

const OWN_STYLE = `
.bar{width:220px;height:18px;display:block}.bar .ground{fill:var(--band)}.bar .within{fill:var(--good)}.bar .over{fill:var(--bad)}
.bar .mark{stroke:var(--ink);stroke-width:2}
.lines{display:block;min-width:44rem;width:100%;height:auto}.line{fill:none;stroke-width:1.8}
.k0{stroke:var(--people)}.k1{stroke:var(--loud);stroke-dasharray:6 3}.k2{stroke:var(--good);stroke-dasharray:2 3}
.k3{stroke:var(--bad);stroke-dasharray:9 3 2 3}.k4{stroke:var(--soft)}
pre{overflow-x:auto;background:var(--band);padding:.6rem;border-radius:.5rem;font-size:.85rem}
.rows td.n{text-align:right}
@media(max-width:40rem){.rows thead{display:none}.rows tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
.rows th,.rows td,.rows td.n{display:inline-block;border:0;padding:0 .6rem 0 0;text-align:left}.rows th{display:block}.bar{width:150px;height:13px}}
`;

/**
 * What all benchmarks measured, as one HTML page that needs nothing else: no network, no fonts, no script. Pure. All that
 * is in `results` is shown as text, whatever it holds.
 */
export function resultsPage(results: Results): string {
  const { startedMs, quick, machine, results: all } = results;
  const failed = all.filter(({ passed }) => !passed).length;
  const rows = all.flatMap((result) => result.rows).filter(({ budget }) => budget !== null);
  const missed = rows.filter(({ kept }) => !kept).length;
  const ended =
    failed === 0
      ? markup`<span class="result good big">✓ All ${all.length} benchmarks ended well</span>`
      : markup`<span class="result bad big">✕ ${failed} of ${all.length} benchmarks failed</span>`;
  const kept =
    missed === 0
      ? markup`<span class="result good big">✓ ${rows.length} budgets kept</span>`
      : markup`<span class="result bad big">✕ ${missed} of ${rows.length} budgets missed</span>`;
  const when = new Date(startedMs).toISOString().slice(0, -8).replace("T", " ");
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>Porter: what was measured</title><link rel="icon" href="data:,">
<style>${trusted(STYLE)}${trusted(OWN_STYLE)}</style></head><body><main>
<header><p class="soft">Porter, calling for smart speakers · ${when} UTC</p><h1>What was measured</h1><p>${ended} ${kept}</p>
<p>On ${machine.cpu}, ${String(machine.cores)} cores, ${String(machine.memoryGb)} GB, Node ${machine.node}.${quick ? markup` <strong>The quick variants: shorter, and so less sure.</strong>` : NOTHING} A bar is what was measured, the upright mark its budget. What Porter promises stands in README.md; all figures in results.json beside this page.</p></header>
${contents(all)}${all.map(section)}
</main></body></html>
`.toString();
}

function contents(all: readonly Result[]): Markup {
  const rows = all.map(
    ({ name, summary, passed, seconds, rows: own }) =>
      markup`<tr><th scope="row"><a href="#bench-${name}">${name}</a></th><td>${verdict(passed)}</td><td class="n">${duration(seconds)}</td><td class="n">${missedOf(own)}</td><td>${summary}</td></tr>`,
  );
  return markup`<table class="steps"><thead><tr><th scope="col">Benchmark</th><th scope="col">Result</th><th class="n" scope="col">Took</th><th class="n" scope="col">Budgets</th><th scope="col">What it asks</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function section({ name, summary, passed, fault, rows, series }: Result): Markup {
  const why = passed || fault === "" ? NOTHING : markup`<pre>${fault}</pre>`;
  return markup`<section class="step" id="bench-${name}" aria-labelledby="name-${name}"><div class="head-line"><h2 id="name-${name}">${name}</h2>${verdict(passed)}</div><p>${summary}</p>${why}${table(rows)}${plots(series)}</section>`;
}

function table(rows: readonly Row[]): Markup {
  if (rows.length === 0) return NOTHING;
  const body = rows.map((row) => {
    const { what, value, unit, budget, kept, atLeast, proposed } = row;
    const sign = atLeast ? "≥" : "≤";
    const limit = budget === null ? NOTHING : markup`${sign} ${figure(budget, unit)}${proposed ? " (proposed)" : ""}`;
    const result =
      budget === null
        ? NOTHING
        : kept
          ? markup`<span class="result good">✓ kept</span>`
          : markup`<span class="result bad">✕ missed</span>`;
    return markup`<tr><th scope="row">${what}</th><td>${bar(row)}</td><td class="n">${figure(value, unit)}</td><td class="n">${limit}</td><td>${result}</td></tr>`;
  });
  return markup`<table class="rows"><thead><tr><th scope="col">What</th><th scope="col">Beside its budget</th><th class="n" scope="col">Measured</th><th class="n" scope="col">Budget</th><th scope="col">Result</th></tr></thead><tbody>${body}</tbody></table>`;
}

function verdict(passed: boolean): Markup {
  return passed
    ? markup`<span class="result good">✓ ended well</span>`
    : markup`<span class="result bad">✕ failed</span>`;
}

function missedOf(rows: readonly Row[]): string {
  const budgets = rows.filter(({ budget }) => budget !== null);
  const kept = budgets.filter((row) => row.kept).length;
  return budgets.length === 0 ? "none" : `${kept} of ${budgets.length} kept`;
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
}
