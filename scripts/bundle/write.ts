import { createHash, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { constants, createZstdCompress } from "node:zlib";
import { frameOf } from "#device/update/container.ts";
import { publicKeyOf, readKeyList, type SignedKeyList, signManifest } from "#device/update/key-list.ts";
import { type BundleFile, encodeManifest, type Manifest, readManifest, sha256Of } from "#device/update/manifest.ts";
import { WINDOW_LOG } from "#device/update/payload.ts";

/** A file that goes into a bundle; read once, when its turn comes. */
export type Source = Readonly<{ path: string; mode: BundleFile["mode"]; read: () => Uint8Array }>;

export type Order = Readonly<{
  files: readonly Source[];
  about: Pick<Manifest, "version" | "counter" | "board" | "arch" | "builtAtS">;
  keys: SignedKeyList;
  /** Public, as text: the unit's. */
  root: string;
  signingKey: KeyObject;
  out: string;
  /** zstd's; the higher, the smaller and the slower. */
  level?: number;
  onFile?: (done: number, of: number) => void;
}>;

/** zstd's highest without its "ultra" ones, which would take a unit's memory. */
const LEVEL = 19;

/**
 * Writes a bundle. The same files, about, keys and level give the same bytes: order, compression and every field of the
 * archive are fixed, and Ed25519 signs without chance. Throws where a unit would refuse what it made.
 */
export async function writeBundle(order: Order): Promise<Manifest> {
  const { about, keys, root, signingKey, out } = order;
  const list = readKeyList(keys, root);
  if (!list.ok) throw new Error(`the list of keys: ${list.sentence}`);
  const signer = publicKeyOf(signingKey);
  const listed = list.list.keys.find(({ key }) => key === signer);
  if (!listed || listed.use === "revoked")
    throw new Error(`the list of keys has no valid key ${signer}: sign with another`);
  const payloadPath = `${out}.payload`;
  try {
    const { files, payload } = await writePayload(order, payloadPath);
    const bytes = encodeManifest({ format: 1, ...about, payload, files });
    const read = readManifest(bytes);
    if (!read.ok) throw new Error(read.sentence);
    const signature = signManifest(bytes, signingKey);
    const frame = frameOf({ keys, manifest: bytes, signature, payloadBytes: payload.bytes, atS: about.builtAtS });
    const whole = createWriteStream(`${out}.new`);
    await write(whole, frame.head);
    for await (const piece of createReadStream(payloadPath)) await write(whole, piece as Uint8Array);
    await write(whole, frame.tail);
    await finish(whole);
    await rename(`${out}.new`, out);
    return read.manifest;
  } finally {
    await rm(payloadPath, { force: true });
    await rm(`${out}.new`, { force: true });
  }
}

async function writePayload(
  { files, level = LEVEL, onFile }: Order,
  path: string,
): Promise<Pick<Manifest, "files" | "payload">> {
  const { ZSTD_c_compressionLevel, ZSTD_c_windowLog, ZSTD_c_checksumFlag } = constants;
  const params = { [ZSTD_c_compressionLevel]: level, [ZSTD_c_windowLog]: WINDOW_LOG, [ZSTD_c_checksumFlag]: 1 };
  const zip = createZstdCompress({ params });
  const target = createWriteStream(path);
  const hash = createHash("sha256");
  let bytes = 0;
  zip.on("data", (piece: Uint8Array) => {
    hash.update(piece);
    bytes += piece.length;
  });
  zip.pipe(target);
  const sorted = [...files].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const listed: BundleFile[] = [];
  for (const { path: name, mode, read } of sorted) {
    const content = read();
    listed.push({ path: name, mode, bytes: content.length, sha256: sha256Of(content) });
    if (content.length > 0 && !zip.write(content)) await once(zip, "drain");
    onFile?.(listed.length, sorted.length);
  }
  zip.end();
  await once(target, "close");
  return { files: listed, payload: { bytes, sha256: hash.digest("hex") } };
}

async function write(stream: WriteStream, bytes: Uint8Array): Promise<void> {
  if (!stream.write(bytes)) await once(stream, "drain");
}

async function finish(stream: WriteStream): Promise<void> {
  stream.end();
  await once(stream, "close");
}
