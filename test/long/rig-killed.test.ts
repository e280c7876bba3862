import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const SCENARIO = `
name: Somebody lives next door
neighbours: { Mallory: [ring] }
steps:
  - wait: 1 min
`;
const PARTS = ["hub/main.ts", "turnserver", "device/main.ts", "audio/main.ts"];
/** It does what setpriv does, but for binding. */
const UNBOUND = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n';

/** Whose command line or environment speaks of this folder. */
async function processesOf(folder: string): Promise<{ pid: number; command: string }[]> {
  const found: { pid: number; command: string }[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const read = (file: string) => readFile(`/proc/${name}/${file}`, "latin1").catch(() => "");
    const [command, environment] = await Promise.all([read("cmdline"), read("environ")]);
    if (command !== "" && (command + environment).includes(folder)) found.push({ pid: Number(name), command });
  }
  return found;
}

/** Ends a rig in `folder` once all that it starts is there, and waits until nothing is left of that, or for `ms`. */
async function leftAfterEnd(
  folder: string,
  ms: number,
  path: string,
): Promise<Awaited<ReturnType<typeof processesOf>>> {
  const file = join(folder, "a.yaml");
  await writeFile(file, SCENARIO);
  const rig = spawn("npm", ["run", "-s", "rig", "--", file, "--out", folder], {
    stdio: "ignore",
    cwd: ROOT,
    // Whatever it starts inherits this, and is known by it.
    env: { ...process.env, PATH: path, PORTER_RIG_CACHE: folder },
  });
  const others = async () => (await processesOf(folder)).filter(({ pid }) => pid !== rig.pid);
  const parts = async () => {
    const all = (await others()).map(({ command }) => command).join();
    return PARTS.filter((part) => all.includes(part));
  };
  await expect.poll(parts, { timeout: 90_000, interval: 250 }).toEqual(PARTS);
  rig.kill("SIGTERM");
  await once(rig, "exit");
  const deadline = Date.now() + ms;
  while ((await others()).length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  return others();
}

test.concurrent("a rig that is ended by a signal leaves no process behind", async () => {
  await using folder = await makeTempFolder();
  expect(await leftAfterEnd(folder.path, 30_000, process.env.PATH ?? "")).toEqual([]);
});

test.concurrent("control: one that binds nothing to itself leaves its hub and its neighbours running", async () => {
  await using folder = await makeTempFolder();
  const setpriv = join(folder.path, "setpriv");
  await writeFile(setpriv, UNBOUND);
  await chmod(setpriv, 0o755);
  const left = await leftAfterEnd(folder.path, 2_000, `${folder.path}${delimiter}${process.env.PATH}`);
  spawnSync("kill", ["-KILL", ...left.map(({ pid }) => String(pid))]);
  expect(left.length).toBeGreaterThanOrEqual(PARTS.length);
});
