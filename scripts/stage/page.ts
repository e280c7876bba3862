import { createHash } from "node:crypto";
import { closeUp, overview, seconds } from "./page/chart.ts";
import type { PageData, PageFigure, PageHome, PageStep } from "./page/data.ts";
import { legend, PATTERNS } from "./page/legend.ts";
import { type Markup, markup, NOTHING, trusted } from "./page/markup.ts";
import { clipped, pieces, type Span, spanOf } from "./page/span.ts";
import { SCRIPT, STYLE } from "./page/style.ts";
import { spanOfRecording } from "./page/waveform.ts";
import { inWords } from "./page/words.ts";

export type { PageData, PageFigure, PageHome, PageStep } from "./page/data.ts";

/** A picture of more than this has no room for words. */
const LONGEST_PICTURE_MS = 24_000;
const MOST_PICTURES = 12;
/** What led to a step and what it led to, shown with it. */
const MARGIN_MS = 700;

/**
 * What happened on the stage, as one HTML page that needs nothing else but the WAVs beside it: no network, no fonts, no
 * script but its own. Pure. All that is in `data` is shown as text, whatever it holds.
 */
export function page(given: PageData): string {
  const span = spanOf(given.startedMs, given.endedMs);
  const data = { ...given, startedMs: span.fromMs };
  const script = createHash("sha256").update(SCRIPT).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self' file:; script-src 'sha256-${script}'`;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>Porter: what happened in ${data.homes.length} homes</title><link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style></head><body>${PATTERNS}<main>
${opening(data, span)}
<h2>At a glance</h2>
<p>Time runs from left to right, in seconds from the start. Each numbered band is a step of the story; each lane is a home. The marks at the bottom of a lane are verdicts of the gate of that home: ✓ let in, ✕ dropped, … kept for later.</p>
${overview(data, span)}${legend()}
<p class="soft small">The height of a wave goes by the square root of the sound’s amplitude, so that soft sounds show too; what is softer than about −58 dBFS close up (−52 at a glance) is drawn flat.</p>
${steps(data)}${figures(data.figures)}${unplugged(data)}${listening(data)}
<h2>Step by step, close up</h2>
${data.steps.map((step, at) => closeUpOf(data, step, at + 1, span))}
</main><script>${trusted(SCRIPT)}</script></body></html>
`.toString();
}

function result(ok: boolean): Markup {
  return ok ? markup`<span class="result good">✓ passed</span>` : markup`<span class="result bad">✕ failed</span>`;
}

function opening({ ok, steps: all, homes, startedMs }: PageData, span: Span): Markup {
  const failed = all.filter((step) => !step.ok).length;
  const verdict = ok
    ? markup`<span class="result good big">✓ All ${all.length} steps passed</span>`
    : markup`<span class="result bad big">✕ ${failed === 0 ? "Failed" : `${failed} of ${all.length} steps failed`}</span>`;
  const names = homes.map(({ name }) => name).join(", ");
  const when = new Date(startedMs).toISOString();
  return markup`<header><p class="soft">Porter, calling for smart speakers · ${when.slice(0, -8).replace("T", " ")} UTC · ${seconds(span.toMs, span.fromMs)} s</p>
<h1>Who may ring at home is decided at home</h1><p>${verdict}</p>
<p>A porter stands at the door: he lets in whom the house wants, and turns the rest away without a word. Porter does this for the calls that reach a smart speaker, on the device itself and not in somebody’s cloud. Here it was put to the test in ${homes.length} simulated homes (${names}), each with a real unit running the real programs. The people’s voices are synthetic and spoken into the rooms; the units had to hear and understand them, call each other, and judge every call.</p>
<dl class="small"><dt>Unit</dt><dd>one smart speaker: a microphone, a loudspeaker, a light, a button. It wakes when somebody says “computer”.</dd>
<dt>Gate</dt><dd>the part of a unit that judges whatever comes from outside, by its owner’s book of people, before anything rings, lights up or is answered. <em>admit</em>: let in. <em>take-message</em>: no sound now, shown later. <em>hold</em>: out of sight until asked for. <em>drop</em>: nothing happens at all.</dd>
<dt>Hub</dt><dd>what carries sealed envelopes and sound between homes. It cannot read them, and decides nothing.</dd></dl></header>`;
}

function steps({ steps: all, startedMs }: PageData): Markup {
  const rows = all.map(
    ({ name, ok, atMs, ms, detail }, at) =>
      markup`<tr><td class="n">${at + 1}</td><th scope="row"><a href="#step-${at + 1}">${name}</a></th><td>${result(ok)}</td><td class="n">at ${seconds(atMs, startedMs)} s</td><td class="n">${(ms / 1_000).toFixed(1)} s</td><td>${detail}</td></tr>`,
  );
  return markup`<h2>The steps, and what was measured</h2><table class="steps"><thead><tr><th class="n" scope="col">No.</th><th scope="col">Step</th><th scope="col">Result</th><th scope="col">Began</th><th scope="col">Took</th><th scope="col">Measured</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function figures(all: readonly PageFigure[]): Markup {
  if (all.length === 0) return NOTHING;
  const rows = all.map(
    ({ what, measured, budget, ok }) =>
      markup`<tr><th scope="row">${what}</th><td>${measured}</td><td>${budget}</td><td>${ok ? markup`<span class="result good">✓ within</span>` : markup`<span class="result bad">✕ over</span>`}</td></tr>`,
  );
  return markup`<h2>How fast it was</h2><table class="figures"><thead><tr><th scope="col">What</th><th scope="col">Measured</th><th scope="col">Budget</th><th scope="col">Result</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function unplugged({ unplugged: sentence }: PageData): Markup {
  if (sentence === "") return NOTHING;
  return markup`<h2>Blocked, or just unplugged?</h2><p>Somebody who is blocked must not be able to tell that from calling a unit that is switched off. All that passed her unit’s wire was captured both times, outside the unit, and compared:</p><p><strong>${sentence}</strong></p>`;
}

function listening({ homes, startedMs }: PageData): Markup {
  const players = homes.map((home, at) =>
    home.recordings.map((recording, nth) => {
      const { fromMs, toMs } = spanOfRecording(recording);
      const label = `${home.name}’s room, from second ${seconds(fromMs, startedMs)} to ${seconds(toMs, startedMs)}`;
      return markup`<p><label for="${soundId(at, nth)}">${label}</label></p><audio controls preload="metadata" id="${soundId(at, nth)}" src="${beside(recording.wav)}"></audio>`;
    }),
  );
  return markup`<h2 class="screen">Listen</h2><p class="screen">What there was to hear in each room: people, and the unit’s loudspeaker.</p>${players.flat()}`;
}

function closeUpOf(data: PageData, step: PageStep, number: number, whole: Span): Markup {
  const asked = spanOf(step.atMs - MARGIN_MS, step.atMs + step.ms + MARGIN_MS);
  const span = clipped(asked, whole);
  if (!span) return NOTHING;
  const pictures = pieces(span, LONGEST_PICTURE_MS, MOST_PICTURES).map((piece) => closeUp(data, step, piece));
  const buttons = data.homes.map((home, at) => playButton(home, at, span));
  return markup`<section class="step" id="step-${number}" aria-labelledby="name-${number}"><div class="head-line"><h3 id="name-${number}">${number}. ${step.name}</h3>${result(step.ok)}<span class="soft small">second ${seconds(step.atMs, data.startedMs)} to ${seconds(step.atMs + step.ms, data.startedMs)}</span></div><p class="small">${step.detail}</p><p class="play">${buttons}</p>${pictures}${inWords(data, span)}</section>`;
}

function playButton({ name, recordings }: PageHome, home: number, { fromMs }: Span): Markup {
  const nth = recordings.findLastIndex((recording, at) => at === 0 || recording.startedMs <= fromMs);
  const recording = recordings[nth];
  if (!recording) return NOTHING;
  const at = Math.max(0, (fromMs - recording.startedMs) / 1_000);
  return markup`<button type="button" aria-pressed="false" data-sound="${soundId(home, nth)}" data-at="${at}">▶ Listen at ${name}’s</button> `;
}

function soundId(home: number, recording: number): string {
  return `sound-${home}-${recording}`;
}

/** A path below the page's own folder, whatever it was: no scheme, no host, no way up. */
function beside(path: string): string {
  const parts = path
    .toWellFormed()
    .split("/")
    .filter((part) => part !== "" && part !== "." && part !== "..");
  return `./${parts.map(encodeURIComponent).join("/")}`;
}
