import { spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { collect } from "../../bundle/collect.ts";
import { stagePackages } from "../../bundle/stage.ts";
import type { TargetName } from "../scenario/schema.ts";
import { makeArm64, makeDisk } from "./arm64.ts";
import { BoardTarget } from "./board/board.ts";
import { lacksOf } from "./board/lacks.ts";
import type { BoardSettings } from "./board/settings.ts";
import { type GuestKind, GuestTarget } from "./guest.ts";
import { SimTarget } from "./sim.ts";
import { LOOPBACK, type TargetKind } from "./target.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");

/** Nothing is missing where machine and unit are of our own making. */
const WHOLE = { address: LOOPBACK, lacks: {} } as const;

/** How units of a target are made; what they need beforehand (an image) is built here, once. */
export async function targetKind(
  name: TargetName,
  board: BoardSettings | null,
  onProgress: (what: string) => void,
): Promise<TargetKind> {
  switch (name) {
    case "sim":
      return { ...WHOLE, make: (options) => new SimTarget(options) };
    case "qemu": {
      const boots = await bootsX64(onProgress);
      return { ...WHOLE, make: (options) => GuestTarget.make({ wired: true, boots }, options) };
    }
    case "board": {
      if (!board) throw new Error("which board? Say --port, or --board FILE (test/scenarios/README.md)");
      const { address } = board;
      return { address, lacks: await lacksOf(board), make: (options) => new BoardTarget(board, options) };
    }
    case "arm64": {
      const cache = cacheFolder();
      await build("image-arm64", cache, onProgress);
      const arch = "arm64";
      const image = join(cache, arch);
      const staging = stagePackages(CHECKOUT, join(cache, "packages"), { arch }, onProgress);
      const { files } = collect(CHECKOUT, staging, { arch }, () => undefined);
      const disk = await makeDisk(files, image, onProgress);
      const boots = { arch, image, modules: join(staging, "node_modules"), code: join(image, "code") } as const;
      return { ...WHOLE, make: (options) => makeArm64(boots, disk, options) };
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
