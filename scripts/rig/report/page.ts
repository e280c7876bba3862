import { createHash } from "node:crypto";
import { closeUp, overview, seconds } from "#scripts/stage/page/chart.ts";
import type { PageData } from "#scripts/stage/page/data.ts";
import { legend, PATTERNS } from "#scripts/stage/page/legend.ts";
import { type Markup, markup, NOTHING, trusted } from "#scripts/stage/page/markup.ts";
import { pieces, spanOf } from "#scripts/stage/page/span.ts";
import { SCRIPT, STYLE } from "#scripts/stage/page/style.ts";
import { inWords } from "#scripts/stage/page/words.ts";
import type { Performance } from "../perform.ts";
import { whatFailed } from "./junit.ts";

const LONGEST_PICTURE_MS = 24_000;
const MOST_PICTURES = 8;

/** One scenario's run as one page: the steps, and pictures of light and sound in every home. Pure. */
export function scenarioPage(target: string, performance: Performance): string {
  const { scenario, ok, steps, homes, fault, skipped } = performance;
  const span = spanOf(steps[0]?.atMs ?? performance.startedMs, performance.endedMs);
  const data: PageData = { ok, startedMs: span.fromMs, endedMs: span.toMs, steps, homes, figures: [], unplugged: "" };
  const rows = steps.map(
    (step, at) =>
      markup`<tr id="step-${at + 1}"><td class="n">${step.line}</td><th scope="row">${step.name}</th><td>${result(step)}</td><td class="n">at ${seconds(step.atMs, span.fromMs)} s</td><td class="n">${(step.ms / 1_000).toFixed(1)} s</td><td>${step.detail}</td></tr>`,
  );
  const left = scenario.steps.length - steps.length;
  const pictures = pieces(span, LONGEST_PICTURE_MS, MOST_PICTURES).map((piece) => {
    const name = `Second ${seconds(piece.fromMs, span.fromMs)} to ${seconds(piece.toMs, span.fromMs)}`;
    const step = { name, ok, atMs: piece.fromMs, ms: piece.toMs - piece.fromMs, detail: "" };
    return markup`<section class="step"><h3>${name}</h3>${closeUp(data, step, piece)}${inWords(data, piece)}</section>`;
  });
  return whole(
    `${scenario.name} (${target})`,
    markup`<p class="soft"><a href="index.html">All scenarios</a> · ${scenario.file} on ${target}</p><h1>${scenario.name}</h1><p>${result(performance)} ${left > 0 ? `${left} steps were not reached` : ""}</p>
${scenario.about === undefined ? NOTHING : markup`<p>${scenario.about}</p>`}${fault === null ? NOTHING : markup`<p><strong>${fault}</strong></p>`}${skipped === null ? NOTHING : markup`<p>The target lacks what it needs: ${skipped}</p>`}
<table class="steps"><thead><tr><th class="n" scope="col">Line</th><th scope="col">Step</th><th scope="col">Result</th><th scope="col">Began</th><th scope="col">Took</th><th scope="col">Seen</th></tr></thead><tbody>${rows}</tbody></table>
<h2>Light and sound</h2>${homes.length === 0 ? markup`<p>Nothing was recorded.</p>` : markup`${overview(data, span)}${legend()}${pictures}`}`,
  );
}

/** All scenarios of a run. `href` of each is where its page lies. Pure. */
export function indexPage(
  target: string,
  all: readonly Readonly<{ performance: Performance; href: string }>[],
): string {
  const skipped = all.filter(({ performance }) => performance.skipped !== null).length;
  const failed = all.filter(({ performance }) => !performance.ok).length - skipped;
  const rows = all.map(({ performance, href }) => {
    const { scenario, ok, startedMs, endedMs } = performance;
    return markup`<tr><th scope="row"><a href="${encodeURIComponent(href)}">${scenario.name}</a></th><td>${result(performance)}</td><td class="n">${((endedMs - startedMs) / 1_000).toFixed(1)} s</td><td>${ok ? "" : whatFailed(performance)}</td></tr>`;
  });
  const played = all.length - skipped;
  const left = skipped === 0 ? "" : `, ${skipped} were not played`;
  const verdict = `${failed === 0 ? `All ${played} passed` : `${failed} of ${played} failed`}${left}`;
  return whole(
    `Porter's rig: ${verdict}`,
    markup`<h1>Porter’s rig, target ${target}</h1><p>${result({ ok: failed === 0 && played > 0 })} ${verdict}</p><table><thead><tr><th scope="col">Scenario</th><th scope="col">Result</th><th scope="col">Took</th><th scope="col">What failed</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}

function whole(title: string, body: Markup): string {
  const script = createHash("sha256").update(SCRIPT).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${script}'`;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style></head><body>${PATTERNS}<main>${body}</main><script>${trusted(SCRIPT)}</script></body></html>
`.toString();
}

function result({ ok, skipped = null }: Readonly<{ ok: boolean; skipped?: string | null }>): Markup {
  if (skipped !== null) return markup`<span class="result">– not played</span>`;
  return ok ? markup`<span class="result good">✓ passed</span>` : markup`<span class="result bad">✕ failed</span>`;
}
