import type { Performance } from "../perform.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** JUnit's XML as build servers read it: one suite a target, one case a scenario. Pure. */
export function junit(target: string, performances: readonly Performance[]): string {
  const cases = performances.map((performance) => testCase(target, performance));
  const skipped = performances.filter((each) => each.skipped !== null).length;
  const failures = performances.filter(({ ok }) => !ok).length - skipped;
  const seconds = performances.reduce((sum, { startedMs, endedMs }) => sum + (endedMs - startedMs) / 1_000, 0);
  const totals = `tests="${performances.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  const startedMs = performances[0]?.startedMs ?? 0;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="porter rig" ${totals}>
<testsuite name="${escaped(target)}" ${totals} timestamp="${new Date(startedMs).toISOString().slice(0, 19)}">
${cases.join("\n")}
</testsuite>
</testsuites>
`;
}

function testCase(target: string, performance: Performance): string {
  const { scenario, ok, startedMs, endedMs, steps, skipped } = performance;
  const head = `classname="rig.${escaped(target)}" name="${escaped(scenario.name)}" file="${escaped(scenario.file)}" time="${((endedMs - startedMs) / 1_000).toFixed(3)}"`;
  if (skipped !== null) return `<testcase ${head}><skipped message="${escaped(skipped)}"/></testcase>`;
  const told = steps.map((step) => `${step.ok ? "ok  " : "FAIL"} line ${step.line}: ${step.name}: ${step.detail}`);
  const out = `<system-out>${escaped(told.join("\n"))}</system-out>`;
  if (ok) return `<testcase ${head}>${out}</testcase>`;
  return `<testcase ${head}><failure message="${escaped(whatFailed(performance))}"/>${out}</testcase>`;
}

/** The one line that says why. */
export function whatFailed({ fault, steps, scenario, skipped }: Performance): string {
  if (skipped !== null) return skipped;
  if (fault !== null) return fault;
  const failed = steps.find(({ ok }) => !ok);
  return failed ? `${scenario.file}:${failed.line}: ${failed.name}: ${failed.detail}` : "it did not come to its end";
}

/** XML 1.0 has no place for most control characters. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll(/[&<>"]/g, (char) => ENTITIES[char] ?? "");
}
