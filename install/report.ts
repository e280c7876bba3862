import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sound } from "#device/smp/unit-messages.ts";
import type { ExitCode } from "./exit.ts";
import type { Step } from "./journal.ts";

/** What was done to one unit, and how it ended. */
export type UnitReport = Readonly<{
  command: string;
  port: string;
  at: string;
  exitCode: ExitCode;
  failure: string | null;
  steps: readonly Step[];
  sound: Sound | null;
}>;

/** Two files a unit, named by its port: JSON for scripts, a page for people. Returns the page's path. */
export function writeReport(folder: string, report: UnitReport): string {
  mkdirSync(folder, { recursive: true });
  const name = report.port.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  const page = join(folder, `${name}.html`);
  writeFileSync(page, pageOf(report));
  return page;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%}td{border-top:1px solid #ddd;padding:.3rem .6rem;vertical-align:top}
.ok{color:#0a6b2d}.failed{color:#b00020;font-weight:bold}.skipped{color:#666}svg{width:100%;height:auto}`;

export function pageOf({ command, port, at, failure, steps, sound, exitCode }: UnitReport): string {
  const rows = steps.map(
    ({ what, outcome, detail }) =>
      `<tr><td class="${outcome}">${outcome}</td><td>${escapeHtml(what)}</td><td>${escapeHtml(detail)}</td></tr>`,
  );
  const verdict =
    failure === null && exitCode === 0
      ? '<p class="ok">All is well.</p>'
      : `<p class="failed">${escapeHtml(failure ?? "A check failed.")}</p>`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(command)} ${escapeHtml(port)}</title><style>${STYLE}</style>
<h1>porter-install ${escapeHtml(command)}</h1>
<p>${escapeHtml(port)}, ${escapeHtml(at)}</p>
${verdict}
${sound ? pictureOf(sound) : ""}
<table>${rows.join("\n")}</table>
</html>
`;
}

const FROM_DBFS = -100;
const WIDTH = 600;
const LEFT = 170;
const ROW = 34;

/** Levels as bars on one scale: what the microphone hears of the room, of the tones, and its loudest sample. */
export function pictureOf(sound: Sound): string {
  const bars = [
    ["noise of the room", sound.noiseTenthsDbfs, "#8aa"],
    ["tones, as heard", sound.levelTenthsDbfs, "#0a6b2d"],
    ["loudest sample", sound.peakTenthsDbfs, "#c77700"],
  ] as const;
  const xOf = (dbfs: number) => LEFT + (Math.min(Math.max(dbfs - FROM_DBFS, 0), -FROM_DBFS) / -FROM_DBFS) * WIDTH;
  const scale = [-100, -80, -60, -40, -20, 0].map(
    (dbfs) =>
      `<line x1="${xOf(dbfs)}" y1="0" x2="${xOf(dbfs)}" y2="${ROW * 3}" stroke="#ddd"/><text x="${xOf(dbfs)}" y="${ROW * 3 + 16}" text-anchor="middle">${dbfs}</text>`,
  );
  const rows = bars.map(([what, tenths, colour], index) => {
    const y = index * ROW;
    const label = `<text x="${LEFT - 8}" y="${y + 22}" text-anchor="end">${what}</text>`;
    if (tenths === null) return `${label}<text x="${LEFT + 8}" y="${y + 22}">not heard</text>`;
    const width = (xOf(tenths / 10) - LEFT).toFixed(1);
    return `${label}<rect x="${LEFT}" y="${y + 6}" width="${width}" height="${ROW - 12}" fill="${colour}"/>`;
  });
  const tones = `tones heard: ${sound.tones ?? 0} of 3${sound.delayMs === null ? "" : `, after ${sound.delayMs} ms`}`;
  const height = ROW * 3 + 44;
  return `<figure><svg viewBox="0 0 ${LEFT + WIDTH + 30} ${height}" font-family="system-ui,sans-serif" font-size="13" role="img" aria-label="levels in dBFS">
${scale.join("")}${rows.join("\n")}
<text x="${LEFT}" y="${height - 6}">${tones}; scale in dBFS</text></svg></figure>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** What a unit says may hold anything. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? each);
}
