import { createHash } from "node:crypto";
import * as v from "valibot";
import { type Refused, refuse } from "./refusal.ts";

/** What a unit takes at most; whoever declares more is refused before a byte of it is stored. */
export const MAX_MANIFEST_BYTES = 8 * 1_048_576;
export const MAX_PAYLOAD_BYTES = 512 * 1_048_576;
const MAX_UNPACKED_BYTES = 1_536 * 1_048_576;
const MAX_FILES = 20_000;
const MAX_PATH = 400;

/** What the launcher needs of every slot, from the slot's folder on. */
export const NODE = "node";
export const MAIN = "app/device/main.ts";
export const LAUNCHER = "app/device/update/boot.ts";
/** Inside a slot, beside its files: what it was filled from. No file of a bundle may be called so. */
export const SLOT_MANIFEST = "manifest.json";

const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hexadecimal"));
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Plain names only: none that leads out of the slot, none that is empty, "." or "..". */
const SEGMENT = String.raw`(?!\.{1,2}(?:/|$))[A-Za-z0-9@_.+-]{1,200}`;
const PATH = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`);

const BundleFile = v.strictObject({
  path: v.pipe(v.string(), v.maxLength(MAX_PATH), v.regex(PATH, "must be a plain path inside the slot")),
  mode: v.picklist(["644", "755"]),
  bytes: Count,
  sha256: Sha256,
});
export type BundleFile = v.InferOutput<typeof BundleFile>;

export const Version = v.pipe(
  v.string(),
  v.maxLength(64),
  v.regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, "must be a version such as 1.2.3"),
);
export const Board = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,31}$/, "must be a name such as sim"));
export const Arch = v.picklist(["x64", "arm64"]);
/** Grows with every release; a unit takes none that is lower than the highest that it has confirmed. */
export const Counter = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/**
 * What a bundle is and every file in it, in the order in which their bytes follow each other in the payload. Strictly
 * ascending by path, so that there is one way to write it and no name stands twice.
 */
const Manifest = v.strictObject({
  format: v.literal(1),
  version: Version,
  counter: Counter,
  board: Board,
  arch: Arch,
  /** When what it was built from was committed, in Unix seconds: never the hour of the build. */
  builtAtS: v.pipe(Count, v.maxValue(0o77777777777)),
  /** The compressed payload as it stands in the bundle. */
  payload: v.strictObject({ bytes: Count, sha256: Sha256 }),
  files: v.pipe(v.array(BundleFile), v.minLength(1), v.maxLength(MAX_FILES)),
});
export type Manifest = v.InferOutput<typeof Manifest>;

/** The one way to write it. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { format, version, counter, board, arch, builtAtS, payload } = manifest;
  const files = manifest.files.map(({ path, mode, bytes, sha256 }) => ({ path, mode, bytes, sha256 }));
  const { bytes, sha256 } = payload;
  const ordered = { format, version, counter, board, arch, builtAtS, payload: { bytes, sha256 }, files };
  return Buffer.from(`${JSON.stringify(ordered)}\n`);
}

export type ManifestRead = Readonly<{ ok: true; manifest: Manifest }> | Refused;

/** Bytes whose signature holds to a manifest that keeps every rule. Never throws. */
export function readManifest(bytes: Uint8Array): ManifestRead {
  if (bytes.length > MAX_MANIFEST_BYTES) return refuse("too-large", "its manifest");
  const value = parseJson(bytes);
  if (formatOf(value) > 1) return refuse("newer-format");
  const parsed = v.safeParse(Manifest, value);
  if (!parsed.success) return refuse("malformed", `manifest: ${v.summarize([parsed.issues[0]])}`);
  const manifest = parsed.output;
  const fault = faultOf(manifest);
  if (fault) return fault;
  if (!encodeManifestEquals(manifest, bytes)) return refuse("malformed", "its manifest is not written the one way");
  return { ok: true, manifest };
}

export function unpackedBytes({ files }: Pick<Manifest, "files">): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Null where it is not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

/** The format that something signed says it is of; 0 where it says none. */
export function formatOf(value: unknown): number {
  const read = v.safeParse(v.object({ format: v.number() }), value);
  return read.success ? read.output.format : 0;
}

function encodeManifestEquals(manifest: Manifest, bytes: Uint8Array): boolean {
  return Buffer.from(encodeManifest(manifest)).equals(bytes);
}

function faultOf(manifest: Manifest): Refused | null {
  const { files, payload } = manifest;
  if (payload.bytes > MAX_PAYLOAD_BYTES) return refuse("too-large", `${payload.bytes} bytes`);
  const unpacked = unpackedBytes(manifest);
  if (unpacked > MAX_UNPACKED_BYTES) return refuse("too-large", `${unpacked} bytes once unpacked`);
  const paths = new Set<string>();
  let last = "";
  for (const { path } of files) {
    if (path <= last) return refuse("malformed", `${path} stands twice or out of order`);
    last = path;
    paths.add(path);
  }
  if (paths.has(SLOT_MANIFEST)) return refuse("malformed", `${SLOT_MANIFEST} is the slot's own`);
  for (const path of paths) {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      if (paths.has(path.slice(0, at))) return refuse("malformed", `${path} lies inside a file`);
    }
  }
  for (const path of [NODE, MAIN, LAUNCHER]) {
    if (!paths.has(path)) return refuse("malformed", `${path} is missing: no unit could start it`);
  }
  if (files.find(({ path }) => path === NODE)?.mode !== "755") return refuse("malformed", "node cannot be run");
  return null;
}
