import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { publicKeyOf, signKeyList } from "#device/update/key-list.ts";
import { collect } from "../../bundle/collect.ts";
import type { Target } from "../../bundle/packages.ts";
import { writeBundle } from "../../bundle/write.ts";

/** A quick level of zstd's: a bundle that is made anew at each run need not be small. */
const LEVEL = 1;
const VERSION = "0.0.1";

/** A signed bundle on this machine's disk, and the public key of the root that a unit has to trust for it. */
export type Firmware = Readonly<{ path: string; root: string }>;

/**
 * The bundle that `npm run bundle` would build of this checkout for a processor, signed with keys that nobody keeps.
 * `staging`: where `stagePackages` installed that processor's packages.
 */
export async function buildFirmware(
  { checkout, staging, folder }: Readonly<{ checkout: string; staging: string; folder: string }>,
  target: Target,
  say: (line: string) => void,
): Promise<Firmware> {
  const [rootKey, signingKey] = [newKey(), newKey()];
  const path = join(folder, "porter.bundle");
  say(`building the firmware bundle for ${target.arch}`);
  await writeBundle({
    files: collect(checkout, staging, target, say).files,
    about: { version: VERSION, counter: 1, board: "sim", arch: target.arch, builtAtS: Math.floor(Date.now() / 1_000) },
    keys: signKeyList({ format: 1, number: 1, keys: [{ key: publicKeyOf(signingKey), use: "release" }] }, rootKey),
    root: publicKeyOf(rootKey),
    signingKey,
    out: path,
    level: LEVEL,
  });
  return { path, root: publicKeyOf(rootKey) };
}

function newKey() {
  return generateKeyPairSync("ed25519").privateKey;
}
