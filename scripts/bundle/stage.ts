import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "./packages.ts";

/**
 * The lockfile's production packages for one processor, installed by npm itself (which holds each against the lockfile's
 * integrity) into a folder that is kept until the lockfile changes. No install script runs.
 */
export function stagePackages(checkout: string, cache: string, { arch }: Target, say: (line: string) => void): string {
  const inputs = ["package.json", "package-lock.json"];
  const hash = createHash("sha256");
  for (const name of inputs) hash.update(readFileSync(join(checkout, name)));
  const folder = join(cache, `${arch}-${hash.digest("hex").slice(0, 16)}`);
  const done = join(folder, ".done");
  if (existsSync(done)) return folder;
  say(`packages for ${arch}, by npm (about 700 MB on disk, kept in ${cache})`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of inputs) copyFileSync(join(checkout, name), join(folder, name));
  const target = [`--cpu=${arch}`, "--os=linux", "--libc=glibc"];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const npm = spawnSync("npm", ["ci", "--omit=dev", "--ignore-scripts", ...target, ...quiet], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  if (npm.status !== 0) throw new Error("npm ci failed: see the lines above");
  writeFileSync(done, "");
  return folder;
}
