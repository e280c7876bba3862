import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const MAIN = new URL("../../scripts/stage/main.ts", import.meta.url).pathname;

/** The whole demo, as a newcomer runs it; what it must not pass is in test/long/demo-controls.test.ts. */
test("the demo plays to its end, and leaves its page, its report and the sound of each room", {
  timeout: 600_000,
}, async () => {
  await using folder = await makeTempFolder();
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "--json", "--out", folder.path], {
    maxBuffer: 16 * 1_024 * 1_024,
  });
  const report: unknown = JSON.parse(stdout);
  expect(report).toEqual(JSON.parse(await readFile(`${folder.path}/report.json`, "utf8")));
  expect(report).toMatchObject({
    ok: true,
    blocked: { peakDbfs: -120, lightChanges: 0, published: 0 },
    callerSeesUnplugged: true,
  });
  const files = await readdir(folder.path);
  expect(files.toSorted()).toEqual([
    ".porter-demo",
    "ana-1.wav",
    "ben-1.wav",
    "ben-2.wav",
    "ben-3.wav",
    "index.html",
    "mallory-1.wav",
    "report.json",
  ]);
});
