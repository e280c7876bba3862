import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import { frameOf, readHead } from "#device/update/container.ts";
import type { Standard } from "#device/update/judge.ts";
import { type KeyList, publicKeyOf, type SignedKeyList, signKeyList, signManifest } from "#device/update/key-list.ts";
import { LAUNCHER, MAIN, type Manifest, NODE, parseJson, sha256Of } from "#device/update/manifest.ts";
import type { Reader } from "#device/update/verify.ts";
import { writeBundle } from "#scripts/bundle/write.ts";
import { makeTempFolder } from "./temp-folder.ts";

const fresh = () => generateKeyPairSync("ed25519").privateKey;

/** Who signs in tests. `stranger` stands on no list. */
export const signers = {
  root: fresh(),
  otherRoot: fresh(),
  release: fresh(),
  second: fresh(),
  development: fresh(),
  revoked: fresh(),
  stranger: fresh(),
};
export const ROOT = publicKeyOf(signers.root);

type Uses = Partial<Record<keyof typeof signers, KeyList["keys"][number]["use"]>>;
const USES: Uses = { release: "release", second: "release", development: "development", revoked: "revoked" };

export function keyList(number = 1, uses: Uses = USES, root: KeyObject = signers.root): SignedKeyList {
  const names = Object.keys(signers) as (keyof typeof signers)[];
  const keys = names.flatMap((name) => (uses[name] ? [{ key: publicKeyOf(signers[name]), use: uses[name] }] : []));
  return signKeyList({ format: 1, number, keys }, root);
}

export const STANDARD: Standard = {
  root: ROOT,
  development: false,
  board: "sim",
  arch: process.arch,
  counter: 5,
  known: null,
};

/** What a unit needs at least, and a little more: an empty file, and one larger than a piece. */
export function tinyTree(mark = "one"): Record<string, string> {
  return {
    [NODE]: `#!/bin/sh\n# ${mark}\nexec "${process.execPath}" "$@"\n`,
    [MAIN]: `process.stdout.write(${JSON.stringify(`${mark}\n`)});\n`,
    [LAUNCHER]: `// ${mark}\n`,
    "app/empty": "",
    "app/node_modules/@scope/name/index_1.js": `export const mark = "${mark}";\n`.repeat(40),
    "zz-last-and-empty": "",
  };
}

export type Made = Readonly<{
  files?: Record<string, string | Uint8Array>;
  about?: Partial<Pick<Manifest, "version" | "counter" | "board" | "arch" | "builtAtS">>;
  by?: keyof typeof signers;
  keys?: SignedKeyList;
  level?: number;
}>;

/** A bundle as the builder writes it. */
export async function makeBundle({
  files = tinyTree(),
  about,
  by = "release",
  keys = keyList(),
  level = 1,
}: Made = {}): Promise<Buffer> {
  await using folder = await makeTempFolder();
  const out = join(folder.path, "bundle");
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  await writeBundle({
    files: Object.entries(files).map(([path, content]) => ({
      path,
      mode: path === NODE ? "755" : "644",
      read: () => Buffer.from(content),
    })),
    about: { version: "1.0.0", counter: 5, board: "sim", arch, builtAtS: 1_795_435_200, ...about },
    keys,
    root: ROOT,
    signingKey: signers[by],
    out,
    level,
  });
  return readFileSync(out);
}

/** The same bundle with something in it that no builder writes, signed all the same. */
export function forgeBundle(
  genuine: Buffer,
  change: (manifest: Record<string, unknown>) => unknown,
  { by = "release", keys, payload }: { by?: keyof typeof signers; keys?: SignedKeyList; payload?: Uint8Array } = {},
): Buffer {
  const read = readHead(genuine);
  if (!read.ok) throw new Error("not a bundle to begin with");
  const { head } = read;
  const before = parseJson(head.manifest) as Record<string, unknown>;
  const body = payload ?? genuine.subarray(head.payload.at, head.payload.at + head.payload.bytes);
  if (payload) before.payload = { bytes: body.length, sha256: sha256Of(body) };
  const changed = change(before) ?? before;
  const manifest = changed instanceof Uint8Array ? changed : Buffer.from(`${JSON.stringify(changed)}\n`);
  const signature = signManifest(manifest, signers[by]);
  const parts = { keys: keys ?? head.keys, manifest, signature, payloadBytes: body.length, atS: head.atS };
  const frame = frameOf(parts);
  return Buffer.concat([frame.head, body, frame.tail]);
}

export function compress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
}

export function readerOf(bytes: Uint8Array): Reader {
  return { bytes: bytes.length, readAt: async (at, length) => bytes.subarray(at, at + length) };
}
