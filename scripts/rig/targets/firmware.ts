import { createHash, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { publicKeyOf, signKeyList } from "#device/update/key-list.ts";
import { type Source, writeBundle } from "../../bundle/write.ts";

/** A quick level of zstd's: a bundle that is made anew with each change need not be small. */
const LEVEL = 1;
const VERSION = "0.0.1";

/** A signed bundle on this machine's disk, and the public key of the root that a unit has to trust for it. */
export type Firmware = Readonly<{ path: string; root: string }>;

/** The bundle that `npm run bundle` would build of these files, signed with keys that nobody keeps. */
export async function buildFirmware(
  files: readonly Source[],
  arch: "x64" | "arm64",
  folder: string,
): Promise<Firmware> {
  const [rootKey, signingKey] = [newKey(), newKey()];
  const path = join(folder, "porter.bundle");
  await writeBundle({
    files,
    about: { version: VERSION, counter: 1, board: "sim", arch, builtAtS: Math.floor(Date.now() / 1_000) },
    keys: signKeyList({ format: 1, number: 1, keys: [{ key: publicKeyOf(signingKey), use: "release" }] }, rootKey),
    root: publicKeyOf(rootKey),
    signingKey,
    out: path,
    level: LEVEL,
  });
  return { path, root: publicKeyOf(rootKey) };
}

/** Tells whether any byte of any file is another. */
export function digestOf(files: readonly Source[]): string {
  const hash = createHash("sha256");
  for (const { path, mode, read } of files) {
    const content = read();
    hash.update(`${path} ${mode} ${content.length} `).update(content);
  }
  return hash.digest("hex");
}

function newKey() {
  return generateKeyPairSync("ed25519").privateKey;
}
