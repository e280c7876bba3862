import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const HEAR = fileURLToPath(new URL("../../scripts/hear.ts", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "porter-hear-"));
const inFolder = (name: string) => path.join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

beforeAll(() => {
  say("computer, call ben", "woken.wav");
  say("call mum", "bare.flac");
  execFileSync("sox", ["-n", "-r", "16000", "-c", "1", "-b", "16", inFolder("noise.wav"), "synth", "5", "pinknoise"]);
  const people = [
    { id: "m1", name: "Mum" },
    { id: "b1", name: "Ben", aliases: ["Benny"], grants: ["ring"] },
  ];
  writeFileSync(inFolder("book.json"), JSON.stringify({ region: "GB", timeZone: "Europe/London", people }));
  writeFileSync(inFolder("g.jsgf"), "#JSGF V1.0;\ngrammar g;\npublic <a> = call mum | hang up;\n");
});

test("a recorded command after the wake word becomes an intent with the person's id", async () => {
  const { lines, code } = await hear("--book", inFolder("book.json"), "--wake", inFolder("woken.wav"));
  expect(code).toBe(0);
  expect(lines).toMatchObject([
    { file: inFolder("woken.wav"), heard: "call ben", accepted: true, intent: { type: "call", person: "b1" } },
  ]);
  expect(lines[0]?.wake).toHaveLength(1);
});

test("a recording without the wake word wakes nothing, and nothing is recognised in it", async () => {
  const { lines } = await hear("--book", inFolder("book.json"), "--wake", inFolder("bare.flac"));
  expect(lines).toMatchObject([{ wake: [], heard: null, accepted: false, intent: null }]);
});

test("a grammar of one's own gives words and no intents; FLAC is read, noise is mixed in the same way each time", async () => {
  const args = ["--grammar", inFolder("g.jsgf"), "--noise", inFolder("noise.wav"), "--snr", "20", "--seed", "7"];
  const { lines } = await hear(...args, inFolder("bare.flac"), inFolder("bare.flac"));
  expect(lines).toMatchObject([{ heard: "call mum", intent: null }, { heard: "call mum" }]);
  const again = await hear(...args, inFolder("bare.flac"));
  expect(again.lines[0]?.score).toBe(lines[0]?.score);
});

test("a file that cannot be used is named, the others are heard, and the exit says so", async () => {
  writeFileSync(inFolder("broken.flac"), "fLaC, or so it says");
  const files = ["broken.flac", "book.json", "none.wav", "bare.flac"].map(inFolder);
  const { lines, errors, code } = await hear("--grammar", inFolder("g.jsgf"), ...files);
  expect(code).toBe(1);
  expect(lines).toMatchObject([{ heard: "call mum" }]);
  for (const name of ["broken.flac", "book.json", "none.wav"]) expect(errors).toContain(name);
});

test("what it is asked for wrongly is refused with a reason before anything is heard", async () => {
  writeFileSync(inFolder("odd.json"), JSON.stringify({ region: "GB", timeZone: "Europe/London", friends: [] }));
  const wrong = [
    [],
    ["--book", inFolder("book.json")],
    ["--book", inFolder("odd.json"), inFolder("bare.flac")],
    ["--grammar", inFolder("none.jsgf"), inFolder("bare.flac")],
    ["--grammar", inFolder("book.json"), inFolder("bare.flac")],
    ["--grammar", inFolder("g.jsgf"), "--snr", "12", inFolder("bare.flac")],
    ["--grammar", inFolder("g.jsgf"), "--noise", inFolder("noise.wav"), "--snr", "loud", inFolder("bare.flac")],
  ];
  for (const args of wrong) {
    const { lines, errors, code } = await hear(...args);
    expect({ args, code, lines: lines.length }).toEqual({ args, code: 2, lines: 0 });
    expect(errors).toMatch(/^hear: .+\n$/);
  }
});

type Line = Record<string, unknown>;

function hear(...args: string[]): Promise<{ lines: Line[]; errors: string; code: number }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [HEAR, ...args], (_, out, errors) => {
      const lines = out
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Line);
      resolve({ lines, errors, code: child.exitCode ?? -1 });
    });
  });
}

function say(text: string, name: string): void {
  execFileSync("flite", ["-voice", "slt", "-t", text, "-o", inFolder("flite.wav")]);
  execFileSync("sox", ["-D", inFolder("flite.wav"), "-r", "16000", "-b", "16", inFolder(name), "pad", "0.5", "1"]);
}
