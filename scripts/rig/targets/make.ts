import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import type { TargetName } from "../scenario/schema.ts";
import { GuestTarget } from "./guest.ts";
import { SimTarget } from "./sim.ts";
import type { Target, TargetOptions } from "./target.ts";

const IMAGE = new URL("../guest/image", import.meta.url).pathname;
const MAX_OUTPUT_BYTES = 16 * 1_024 * 1_024;

export type MakerOptions = Readonly<{
  /** What `--board` names, for the target of that name. */
  board: string | null;
  onProgress(what: string): void;
}>;

/** How units of a target are made; what they need beforehand (an image) is built here, once. */
export async function targetMaker(
  name: TargetName,
  { onProgress }: MakerOptions,
): Promise<(options: TargetOptions) => Target> {
  switch (name) {
    case "sim":
      return (options) => new SimTarget(options);
    case "qemu": {
      const cache = cacheFolder();
      onProgress(`making ready what the machine boots, in ${cache} (the first time takes two minutes)`);
      await promisify(execFile)(IMAGE, [cache], { maxBuffer: MAX_OUTPUT_BYTES }).catch((error: unknown) => {
        throw new Error(v.is(v.object({ stderr: v.string() }), error) ? error.stderr.trim() : String(error));
      });
      return (options) => GuestTarget.make(cache, options);
    }
    default:
      throw new Error(`there is no target "${name}" yet`);
  }
}

function cacheFolder(): string {
  const { PORTER_RIG_CACHE: own, XDG_CACHE_HOME: caches = join(homedir(), ".cache") } = process.env;
  return own ?? join(caches, "porter-rig");
}
