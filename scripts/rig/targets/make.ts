import { spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { stagePackages } from "../../bundle/stage.ts";
import type { TargetName } from "../scenario/schema.ts";
import { type GuestKind, GuestTarget } from "./guest.ts";
import { SimTarget } from "./sim.ts";
import type { Target, TargetOptions } from "./target.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");

/** How units of a target are made; what they need beforehand (an image) is built here, once. */
export async function targetMaker(
  name: TargetName,
  onProgress: (what: string) => void,
): Promise<(options: TargetOptions) => Target> {
  switch (name) {
    case "sim":
      return (options) => new SimTarget(options);
    case "qemu": {
      const boots = await bootsX64(onProgress);
      return (options) => GuestTarget.make({ wired: true, boots }, options);
    }
    case "arm64": {
      const cache = cacheFolder();
      await build("image-arm64", cache, onProgress);
      const modules = join(
        stagePackages(CHECKOUT, join(cache, "packages"), { arch: "arm64" }, onProgress),
        "node_modules",
      );
      const boots = {
        arch: "arm64",
        image: join(cache, "arm64"),
        modules,
        code: join(cache, "arm64", "code"),
      } as const;
      return (options) => GuestTarget.make({ wired: false, boots }, options);
    }
  }
}

/** Makes ready what an x86-64 guest boots. */
export async function bootsX64(onProgress: (what: string) => void): Promise<GuestKind["boots"]> {
  const cache = cacheFolder();
  await build("image", cache, onProgress);
  return {
    arch: "x64",
    image: cache,
    modules: realpathSync(join(CHECKOUT, "node_modules")),
    code: join(cache, "code"),
  };
}

/** Runs one of the scripts in `guest/`, which do nothing where all is there; the last line they say is why they failed. */
async function build(script: string, cache: string, onProgress: (what: string) => void): Promise<void> {
  const child = spawn(join(CHECKOUT, "scripts/rig/guest", script), [cache], { stdio: ["ignore", "ignore", "pipe"] });
  let last = "it said nothing";
  for await (const line of createInterface({ input: child.stderr })) {
    last = line;
    if (line.startsWith("rig image")) onProgress(line);
  }
  const code = child.exitCode ?? (await once(child, "exit"))[0];
  if (code !== 0) throw new Error(`what the machine boots cannot be built: ${last}`);
}

function cacheFolder(): string {
  const { PORTER_RIG_CACHE: own, XDG_CACHE_HOME: caches = join(homedir(), ".cache") } = process.env;
  return own ?? join(caches, "porter-rig");
}
