import { expect, test } from "vitest";
import { place } from "../../../scripts/stage/page/labels.ts";
import { shining } from "../../../scripts/stage/page/lights.ts";
import { waveform } from "../../../scripts/stage/page/waveform.ts";
import { type PageData, page } from "../../../scripts/stage/page.ts";
import { evening, home, START_MS, sound, step } from "./evening.ts";

const HOSTILE = `</script></title><img src=x onerror="alert('1')">&\u202E\u0000\uD800`;

test("nothing that comes from data is markup, wherever it stands", () => {
  const html = page(everywhere(HOSTILE));
  expect(html).not.toContain("<img");
  expect(html).not.toMatch(/onerror="/);
  expect(html).not.toMatch(/[\u202E\0]/);
  expect(html.isWellFormed()).toBe(true);
  expect(tagsOf(html)).toEqual(tagsOf(page(everywhere("x".repeat(HOSTILE.length)))));
});

test("every name, measurement and word that is handed in can be read on the page", () => {
  const html = page(everywhere("Zoë"));
  for (const text of ["3. Zoë", "judges Zoë: Zoë, because Zoë", "hears “Zoë”", "says “Zoë”", "shows the light “Zoë”"]) {
    expect(html).toContain(text);
  }
});

test("the page asks for nothing but the WAVs beside it", () => {
  const paths = [
    "https://example.org/a.wav",
    "//example.org/a.wav",
    "../../etc/a.wav",
    "javascript:alert(1)",
    "ben/room.wav",
  ];
  const homes = paths.map((wav) => {
    const one = home("Ben", {});
    return { ...one, recordings: one.recordings.map((recording) => ({ ...recording, wav })) };
  });
  const html = page(evening({ homes }));
  const asked = [...html.matchAll(/\s(?:src|href)="([^"#][^"]*)"/g)].map(([, url]) => url ?? "");
  expect(asked.filter((url) => url !== "data:,")).toEqual([
    "./https%3A/example.org/a.wav",
    "./example.org/a.wav",
    "./etc/a.wav",
    "./javascript%3Aalert(1)",
    "./ben/room.wav",
  ]);
  expect(html).not.toMatch(/@import|url\((?!#)|<link(?! rel="icon")/);
});

test("three homes that talk for four minutes without a breath fit into 1.5 MB", () => {
  const always = [[0, 240]] as const;
  const homes = ["Ana", "Ben", "Mallory"].map((name) =>
    home(name, { people: always, loudspeaker: always, lengthS: 240 }),
  );
  const steps = Array.from({ length: 8 }, (_, at) => step(`step ${at}`, at * 30, at * 30 + 30));
  const html = page(evening({ endedMs: START_MS + 240_000, homes, steps }));
  expect(html.match(/class="(people|loudspeaker)" d="M0 /g)?.length).toBeGreaterThan(40);
  expect(Buffer.byteLength(html)).toBeLessThan(1_500_000);
});

test("a step that failed says so in words, and so does the whole", () => {
  const steps = [step("It rings", 1, 9), step("It is silent", 10, 19, { ok: false })];
  const html = page(evening({ ok: false, steps }));
  expect(html).toContain("1 of 2 steps failed");
  expect(html.match(/✕ failed/g)).toHaveLength(2);
  expect(html.match(/✓ passed/g)).toHaveLength(2);
  expect(page(evening({ steps: [step("It rings", 1, 9)] }))).not.toContain("failed");
});

test("every picture has a text in its place, and every event in it stands in a list", () => {
  const ben = home("Ben", { lines: [[5, "journal", { act: "drop", because: "blocked", kind: "call.offer" }]] });
  const html = page(evening({ homes: [ben], steps: [step("Mallory calls", 1, 9)] }));
  expect(html.match(/<svg class="plot" role="img" aria-label="[^"]{20,}"/g)).toHaveLength(2);
  expect(html).toContain("gate: drop a call (blocked)");
  expect(html).toContain("the gate judges a call: drop, because blocked");
});

test("a home where nothing happened is said to be silent and dark, and one where something did is not", () => {
  const steps = [step("Mallory calls", 1, 9)];
  const nothing = "nothing: silence, lights dark";
  expect(page(evening({ homes: [home("Ben", {})], steps }))).toContain(nothing);
  expect(page(evening({ homes: [home("Ben", { loudspeaker: [[5, 5.1]] })], steps }))).not.toContain(nothing);
  expect(page(evening({ homes: [home("Ben", { lines: [[0, "show", { scene: "fault" }]] })], steps }))).not.toContain(
    nothing,
  );
});

test("numbers that make no sense still make a page", () => {
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, -1e300, 1e300, 0]) {
    const steps = [step("odd", 1, 2, { atMs: odd, ms: odd })];
    const lines = [[odd, "ring"] as const];
    const lights = [{ scene: "ringing", atMs: odd }];
    const homes = [{ ...home("Ben", { lines }), lights }];
    expect(page(evening({ startedMs: odd, steps, homes }))).toContain("</html>");
    expect(page(evening({ endedMs: odd, steps, homes }))).not.toMatch(/="[^"]*(NaN|Infinity)/);
  }
});

test("a flood of events neither swells the page nor hides how many there were", () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, at) => [5 + at / 10_000, "says", { sentence: "again ".repeat(160) }] as const,
  );
  const html = page(evening({ homes: [home("Ben", { lines })], steps: [step("a flood", 1, 9)] }));
  expect(html.length).toBeLessThan(1_500_000);
  expect(html).toContain("And 19700 more.");
});

test("a sound is drawn in the column of its time, and silence not at all", () => {
  const people = sound(10, [[5, 6]]);
  const recording = { startedMs: START_MS, people, loudspeaker: new Int16Array(0), wav: "" };
  const span = { fromMs: START_MS, toMs: START_MS + 20_000 };
  const path = waveform([recording], "people", span, { columns: 20, halfHeight: 10 });
  expect([...path.matchAll(/M(\d+)/g)].map(([, column]) => column)).toEqual(["5"]);
  expect(waveform([recording], "loudspeaker", span, { columns: 20, halfHeight: 10 })).toBe("");
});

test("the lights go out where a unit ended, and what it told before is not forgotten", () => {
  const [first, second] = [START_MS, START_MS + 40_000];
  const recordings = [first, second].map((startedMs) => ({
    startedMs,
    people: sound(20, []),
    loudspeaker: sound(20, []),
    wav: "",
  }));
  const ben = {
    ...home("Ben", { lines: [[10, "show-guest", { scene: "talking" }]] }),
    recordings,
    lights: [{ scene: "muted", atMs: START_MS + 50_000 }],
  };
  const shone = shining(ben, { fromMs: START_MS, toMs: START_MS + 60_000 });
  expect(shone.map(({ scene, fromMs, toMs }) => [scene, fromMs - START_MS, toMs - START_MS])).toEqual([
    ["talking", 10_000, 20_000],
    ["muted", 50_000, 60_000],
  ]);
});

test("labels in one row never overlap, and none leaves the picture", () => {
  const labels = Array.from({ length: 60 }, (_, at) => ({ x: (at * 37) % 800, text: "m".repeat(at % 30), of: at }));
  const placed = place(labels, 800, 20);
  expect(placed.length).toBeGreaterThan(40);
  for (const one of placed) {
    expect(one.left + one.width).toBeLessThanOrEqual(800);
    const beside = placed.filter((other) => other !== one && other.row === one.row);
    expect(beside.every(({ left, width }) => left >= one.left + one.width || left + width <= one.left)).toBe(true);
  }
});

/** The text wherever data may hold one. */
function everywhere(text: string): PageData {
  const verdict = { act: text, because: text, kind: text };
  const unit = home(text, {
    lines: [
      [1, "journal", verdict],
      [1, "ears-heard", { text }],
      [2, "says", { sentence: text }],
      [2, "call", { at: text }],
      [3, "link", { state: text }],
      [3, "refused", { effect: text }],
      [4, "show", { scene: text }],
      [5, text, { [text]: text }],
    ],
  });
  return evening({
    homes: [unit],
    steps: [step("a", 0, 2), step("b", 2, 4), step(text, 0, 40, { detail: text })],
    figures: [{ what: text, measured: text, budget: text, ok: false }],
    unplugged: text,
  });
}

function tagsOf(html: string): string[] {
  return [...html.matchAll(/<\/?[a-z0-9]+/g)].map(([tag]) => tag);
}
