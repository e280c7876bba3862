import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NODE } from "#device/update/manifest.ts";
import { closureOf, filesIn, isForUnit, packagesIn, readLock, type Target } from "./packages.ts";
import type { Source } from "./write.ts";

/** What of the checkout runs on a unit. */
const APP = ["base", "device", "audio", "hal", "install", "LICENSE"];
/** A unit finds what it imports by the names in it; scripts and what is for development stay behind. */
const PACKAGE_KEYS = ["name", "version", "license", "type", "imports"];

export type Collected = Readonly<{ files: readonly Source[]; packages: readonly string[] }>;

/** Every file of a bundle: Node, the app as it is tracked, and the packages that the app imports, for one processor. */
export function collect(checkout: string, staging: string, target: Target, say: (line: string) => void): Collected {
  const tracked = execFileSync("git", ["ls-files", "-z", "--", ...APP], { cwd: checkout, encoding: "utf8" });
  const app = tracked.split("\0").filter((path) => path !== "" && !path.endsWith(".d.ts"));
  const sources = app.filter((path) => path.endsWith(".ts")).map((path) => readFileSync(join(checkout, path), "utf8"));
  const lock = readLock(join(checkout, "package-lock.json"));
  const closure = (names: readonly string[]) => closureOf(names, lock, staging);
  const broken = closure(packagesIn(sources)).filter((folder) => lacksBinary(staging, folder, target));
  const named = packagesIn(sources).filter((name) => {
    const missing = closure([name]).find((folder) => broken.includes(folder));
    if (missing !== undefined) say(`${name} is left out: ${missing} has no binary in its package`);
    return missing === undefined;
  });
  const packaged = closure(named).flatMap((folder) => packageFiles(staging, folder, target));
  const files: Source[] = [
    { path: NODE, mode: "755", read: () => readFileSync(join(staging, nodePackage(target), "bin/node")) },
    { path: "NODE-LICENSE", mode: "644", read: () => readFileSync(join(staging, nodePackage(target), "LICENSE")) },
    { path: "app/package.json", mode: "644", read: () => packageJson(checkout) },
    ...app.map((path) => source(`app/${path}`, join(checkout, path))),
    ...packaged,
  ];
  const packages = named.filter((name) =>
    packaged.some(({ path }) => path === `app/node_modules/${name}/package.json`),
  );
  return { files, packages };
}

function nodePackage({ arch }: Target): string {
  return `node_modules/node-linux-${arch}`;
}

function source(path: string, from: string): Source {
  return { path, mode: "644", read: () => readFileSync(from) };
}

function packageFiles(staging: string, folder: string, target: Target): Source[] {
  return keptFiles(staging, folder, target).map((path) => source(`app/${folder}/${path}`, join(staging, folder, path)));
}

function keptFiles(staging: string, folder: string, target: Target): string[] {
  const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  return filesIn(join(staging, folder)).filter((path) => isForUnit(name, path, target));
}

/** It would have to be built on the unit, which nothing does; nor does anything run there that needs it. */
function lacksBinary(staging: string, folder: string, target: Target): boolean {
  const isBuilt = existsSync(join(staging, folder, "binding.gyp"));
  return isBuilt && !keptFiles(staging, folder, target).some((path) => path.endsWith(".node"));
}

function packageJson(checkout: string): Uint8Array {
  const whole: Record<string, unknown> = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const kept = Object.fromEntries(PACKAGE_KEYS.map((key) => [key, whole[key]]));
  return Buffer.from(`${JSON.stringify(kept, null, 2)}\n`);
}
