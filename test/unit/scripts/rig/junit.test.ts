import { describe, expect, test } from "vitest";
import type { Performance } from "#scripts/rig/perform.ts";
import { junit } from "#scripts/rig/report/junit.ts";
import { indexPage, scenarioPage } from "#scripts/rig/report/page.ts";
import { readScenario } from "#scripts/rig/scenario/read.ts";

const TEXT = "name: A <b>ring\nsteps:\n  - wait: 1 s\n  - wait: 2 s\n";

function performance(over: Partial<Performance>): Performance {
  const read = readScenario("a.yaml", TEXT);
  if (!read.ok) throw new Error(read.faults.join());
  const step = { line: 3, name: "wait: 1 s", ok: true, atMs: 1_000, ms: 1_000, detail: "waited" };
  const steps = [step, { ...step, line: 4, atMs: 2_000 }];
  const tone = new Int16Array(16_000).map((_, at) => Math.round(9_000 * Math.sin(at / 5)));
  const recordings = [{ startedMs: 1_000, people: new Int16Array(16_000), loudspeaker: tone, wav: "" }];
  const homes = [{ name: "Ben", recordings, lights: [{ scene: "ringing", atMs: 1_200 }], timeline: [] }];
  return {
    scenario: read.scenario,
    ok: true,
    startedMs: 500,
    endedMs: 3_000,
    steps,
    homes,
    fault: null,
    skipped: null,
    ...over,
  };
}

const FAILED = performance({
  ok: false,
  steps: [{ line: 3, name: "wait: 1 s", ok: false, atMs: 1_000, ms: 10, detail: 'it shows "off" & <more>\u0000' }],
});

describe("what a rig leaves", () => {
  test("is JUnit's XML that counts what failed, and says at which line and why", () => {
    const xml = junit("sim", [performance({}), FAILED, performance({ ok: false, fault: "no hub" })]);
    expect(xml).toMatch(/<testsuite name="sim" tests="3" failures="2" /);
    expect(xml).toContain('failure message="a.yaml:3: wait: 1 s: it shows &quot;off&quot; &amp; &lt;more&gt;\uFFFD"');
    expect(xml).toContain('failure message="no hub"');
    expect(xml).toContain('name="A &lt;b&gt;ring"');
  });

  test("tells what was not played, and why, apart from what failed and from what passed", () => {
    const skipped = performance({ ok: false, steps: [], homes: [], skipped: "power: name what <switches> it" });
    const xml = junit("board", [performance({}), FAILED, skipped]);
    expect(xml).toMatch(/tests="3" failures="1" errors="0" skipped="1"/);
    expect(xml).toContain('<skipped message="power: name what &lt;switches&gt; it"/></testcase>');
    const index = (all: readonly Performance[]) =>
      indexPage(
        "board",
        all.map((each) => ({ performance: each, href: "a.html" })),
      );
    expect(index([performance({}), skipped])).toContain("All 1 passed, 1 were not played");
    expect(index([skipped])).not.toContain("✓ passed");
    expect(scenarioPage("board", skipped)).toContain("name what &lt;switches&gt; it");
    expect(scenarioPage("board", skipped)).not.toContain("failed");
  });

  test("is a page with a picture of the sound and the lights, on which nothing of a scenario's is markup", () => {
    const page = scenarioPage("sim", performance({}));
    expect(page).toContain('class="loudspeaker" d="M');
    expect(page).toContain("light-ringing");
    expect(page).toContain("A &lt;b&gt;ring");
    expect(page).not.toContain("<b>ring");
  });

  test("says on its first page what failed, and where more is to be read", () => {
    const page = indexPage("sim", [{ performance: FAILED, href: "a.html" }]);
    expect(page).toContain("1 of 1 failed");
    expect(page).toContain('href="a.html"');
    expect(page).toContain("a.yaml:3: wait: 1 s");
  });

  test("is there even where nothing could be started", () => {
    const page = scenarioPage("sim", performance({ ok: false, steps: [], homes: [], fault: "no <hub>" }));
    expect(page).toContain("no &lt;hub&gt;");
    expect(page).toContain("2 steps were not reached");
  });
});
